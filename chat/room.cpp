#include "chat/room.hpp"

#include "chat/cap.hpp"
#include "db/id_range.hpp"
#include "protocol/names.hpp"

#include <utility>

namespace troupe {
namespace {

/// Some ten megabytes at most.
constexpr std::size_t most_absences = 32'768;

}  // namespace

using protocol::Capability;
using protocol::Numeric;
using protocol::Time;

Room::Room(RoomConfig config)
    : config_(std::move(config)),
      ids_(config_.random),
      last_seen_(most_absences),
      isupport_(isupport_tokens(config_.network_name)) {}

void Room::enter(ConnectionId id, Registration who, Time now) {
  auto folded = protocol::casefold(who.nick);
  if (nicks_.contains(folded)) {
    Outbox::Slot slot;
    auto& delivery = outbox_.to(id, slot);
    ++delivery.answered;
    delivery.standing = Standing::refused;
    std::string text;
    Line(config_.server_name, Numeric::err_nicknameinuse, "*")
        .param(who.nick)
        .text("Nickname is already in use")
        .write(text, shape_of(who.capabilities), now);
    outbox_.send(delivery, outbox_.write(text));
    return;
  }
  auto& user = users_[id];
  user.id = id;
  user.who = std::move(who);
  user.source = user.who.nick + "!" + user.who.user + "@" + user.who.host;
  user.shape = shape_of(user.who.capabilities);
  user.signed_on = user.spoke = now;
  nicks_.emplace(std::move(folded), &user);
  most_users_ = std::max(most_users_, users_.size());

  const protocol::Message none;
  note("registered", user, {{"address", user.who.host}});
  auto turn = begin(user, none, now);
  welcome(turn);
  outbox_.to(id, user.slot).standing = Standing::entered;
  finish(turn);
}

void Room::command(ConnectionId id, const Input& input, Time now) {
  const auto found = users_.find(id);
  if (found == users_.end()) return;
  auto& user = found->second;
  user.held_back.push_back(input);
  resume(user, now);
  wake(now);
}

Room::Turn Room::begin(User& user, const protocol::Message& message, Time now) {
  return {user, message, now, Response(config_.server_name, label_of(message, user.who.capabilities)),
          {},   false};
}

void Room::resume(User& user, Time now) {
  while (user.waiting == 0 && !user.held_back.empty()) {
    const auto& input = user.held_back.front();
    if (input && input->command == "CHATHISTORY" && must_wait(user, *input)) return;
    const auto next = std::move(user.held_back.front());
    user.held_back.erase(user.held_back.begin());
    carry_out(user, next, now);
  }
}

void Room::carry_out(User& user, const Input& input, Time now) {
  static const protocol::Message none;
  auto turn = begin(user, input ? *input : none, now);
  if (input)
    dispatch(turn);
  else
    answer_unparsable(input.error(), config_.server_name, user.nick(), user.who.capabilities, turn.response);
  if (!turn.suspended) finish(turn);
}

void Room::leave(ConnectionId id, std::string_view reason, Time now,
                 std::optional<std::chrono::milliseconds> silent) {
  const auto found = users_.find(id);
  if (found == users_.end()) return;
  auto& user = found->second;
  note("left", user, {{"reason", reason}});
  if (!closing_) tell_peers(user, Line(user.source, "QUIT").text(reason), now);
  // What it was sent and has not had time to read it will want to see when it comes back.
  auto saw_all_up_to = shown_;
  if (silent && silent->count() > 0) saw_all_up_to = std::min(saw_all_up_to, db::first_id_at(now - *silent));
  for (const auto& seat : user.seats)
    if (silent && seat.told <= shown_batch_) saw(*seat.channel, user, saw_all_up_to);
  while (!user.seats.empty()) depart(*user.seats.back().channel, user, now);
  if (user.asks) recalls_.withdraw(*user.asks);
  while (!user.invitations.empty()) user.invitations.back()->uninvite(user);
  nicks_.erase(protocol::casefold(user.nick()));
  invisible_ -= user.invisible;
  users_.erase(found);
  wake(now);
}

Batch Room::take_output() {
  auto batch = outbox_.take();
  batch.newest = ids_.last();
  return batch;
}

void Room::shown(const Batch& batch) {
  shown_batch_ = batch.number;
  shown_ = batch.newest;
}

void Room::dispatch(Turn& turn) {
  const auto& name = turn.message.command;
  const auto* command = protocol::find_command(name);
  if (!command) return reply(turn, Numeric::err_unknowncommand, name, "Unknown command");
  if (command->phase == protocol::Phase::before)
    return reply(turn, Numeric::err_alreadyregistered, "You may not reregister");
  if (turn.message.params.size() < command->min_params)
    return reply(turn, Numeric::err_needmoreparams, name, "Not enough parameters");
  run(command->verb, turn);
}

void Room::run(protocol::Verb verb, Turn& turn) {
  switch (verb) {
    // clang-format off
    case protocol::Verb::away:     return away(turn);
    case protocol::Verb::chathistory: return chathistory(turn);
    case protocol::Verb::invite:   return invite(turn);
    case protocol::Verb::ison:     return ison(turn);
    case protocol::Verb::join:     return join(turn);
    case protocol::Verb::kick:     return kick(turn);
    case protocol::Verb::list:     return list(turn);
    case protocol::Verb::lusers:   return lusers(turn);
    case protocol::Verb::mode:     return mode(turn);
    case protocol::Verb::motd:     return motd(turn);
    case protocol::Verb::names:    return names(turn);
    case protocol::Verb::nick:     return nick(turn);
    case protocol::Verb::notice:   return speak(turn, db::Kind::notice);
    case protocol::Verb::part:     return part(turn);
    case protocol::Verb::ping:     return ping(turn);
    case protocol::Verb::privmsg:  return speak(turn, db::Kind::privmsg);
    case protocol::Verb::setname:  return setname(turn);
    case protocol::Verb::tagmsg:   return speak(turn, db::Kind::tagmsg);
    case protocol::Verb::topic:    return topic(turn);
    case protocol::Verb::userhost: return userhost(turn);
    case protocol::Verb::version:  return version(turn);
    case protocol::Verb::who:      return who(turn);
    case protocol::Verb::whois:    return whois(turn);
    // clang-format on
    case protocol::Verb::cap:
      return answer_cap(turn.message, config_.server_name, turn.from.who, turn.response);
    case protocol::Verb::pong:
    case protocol::Verb::quit:  // the connection's own
    case protocol::Verb::pass:
    case protocol::Verb::user:  // refused above
      return;
  }
}

void Room::finish(Turn& turn) {
  auto& user = turn.from;
  ++outbox_.to(user.id, user.slot).answered;
  // What CAP REQ changed takes effect after its acknowledgement.
  const auto shape = std::exchange(user.shape, shape_of(user.who.capabilities));
  const auto kept = outbox_.write(turn.response.when_kept(shape, turn.now));
  if (turn.stored.empty()) return outbox_.send(outbox_.to(user.id, user.slot), kept);
  const auto refused = outbox_.write(turn.response.when_refused(shape, turn.now));
  outbox_.answer(turn.stored.front(), user.id, user.slot, kept, refused);
}

Line Room::numeric(const Turn& turn, Numeric numeric) const {
  return Line(config_.server_name, numeric, turn.from.nick());
}

void Room::reply(Turn& turn, Numeric code, std::string_view text) {
  turn.response.add(numeric(turn, code).text(text));
}

void Room::reply(Turn& turn, Numeric code, std::string_view about, std::string_view text) {
  // What a client sent comes back as a parameter only if it can be one.
  const bool fits = !about.empty() && about.front() != ':' && about.find(' ') == std::string_view::npos;
  turn.response.add(numeric(turn, code).param(fits ? about : "*").text(text));
}

void Room::fail(Turn& turn, std::string_view code, std::string_view subcommand, std::string_view about,
                std::string_view text) {
  const auto fits = [](std::string_view word) {
    return !word.empty() && word.front() != ':' && word.find(' ') == std::string_view::npos;
  };
  Line line(config_.server_name, "FAIL");
  line.param(turn.message.command).param(code).param(fits(subcommand) ? subcommand : "*");
  if (!about.empty()) line.param(fits(about) ? about : "*");
  turn.response.add(line.text(text));
}

void Room::tell(User& user, const Line& line, Time now) {
  Outbox::Shared shared(line, now);
  outbox_.send(outbox_.to(user.id, user.slot), shared, user.shape);
}

void Room::tell_channel(Channel& channel, const Line& line, Time now, const User* except) {
  Outbox::Shared shared(line, now);
  for (auto& member : channel.members)
    if (member.user != except)
      outbox_.send(outbox_.to(member.user->id, member.user->slot), shared, member.user->shape);
}

void Room::tell_peers(User& user, const Line& line, Time now, std::optional<Capability> only) {
  Outbox::Shared shared(line, now);
  user.mark = ++mark_;
  for (const auto& seat : user.seats)
    for (auto& [peer, op, voice] : seat.channel->members)
      if (std::exchange(peer->mark, mark_) != mark_ && (!only || peer->has(*only)))
        outbox_.send(outbox_.to(peer->id, peer->slot), shared, peer->shape);
}

User* Room::find_user(std::string_view nick) {
  const auto found = nicks_.find(protocol::casefold(nick));
  return found == nicks_.end() ? nullptr : found->second;
}

Channel* Room::find_channel(std::string_view name) {
  const auto found = channels_.find(protocol::casefold(name));
  return found == channels_.end() ? nullptr : &found->second;
}

void Room::depart(Channel& channel, User& user, Time now) {
  channel.past->left(user.id);
  channel.remove(user);
  if (!channel.members.empty()) return;
  while (!channel.invited.empty()) channel.uninvite(*channel.invited.back());
  const auto node = channels_.extract(channel.folded);
  desert(node.key(), now);
}

void Room::note(std::string_view event, const User& user, std::initializer_list<log::Field> fields) {
  auto& noted = journal_.emplace_back(
      std::string{event}, std::vector<log::Field>{{"connection", user.id}, {"nick", user.nick()}});
  noted.fields.insert(noted.fields.end(), fields);
}

Channel* Room::shared_channel(User& a, User& b) {
  for (const auto& seat : a.seats)
    if (b.seat(*seat.channel)) return seat.channel;
  return nullptr;
}

bool Room::visible(User& user, User& to) {
  return !user.invisible || &user == &to || shared_channel(user, to);
}

}  // namespace troupe
