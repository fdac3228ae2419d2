#include "chat/room.hpp"

#include "chat/cap.hpp"
#include "chat/command_table.hpp"
#include "chat/commands/commands.hpp"
#include "chat/isupport.hpp"
#include "chat/quit_reason.hpp"
#include "db/id_range.hpp"
#include "protocol/limits.hpp"
#include "protocol/names.hpp"

#include <utility>

namespace troupe {
namespace {

/// Some ten megabytes at most.
constexpr std::size_t most_absences = 32'768;

/// Newcomers are shown what is in memory: as many messages as that have to fit there, however large they are.
Pasts::Bounds memory_of(const RoomConfig& config) {
  namespace limits = protocol::limits;
  auto memory = config.memory;
  constexpr auto largest = db::message_overhead + limits::line + limits::client_tags;
  memory.each.messages = std::max(memory.each.messages, config.replay);
  memory.each.bytes = std::max(memory.each.bytes, config.replay * largest);
  return memory;
}

}  // namespace

using protocol::Capability;
using protocol::Numeric;
using protocol::Time;

Room::Room(RoomConfig config)
    : config_(std::move(config)),
      ids_(config_.random),
      pasts_(memory_of(config_)),
      last_seen_(most_absences),
      isupport_(isupport_tokens(config_.network_name)) {
  if (!config_.recorded) lives_.stand_alone();
}

void Room::enter(ConnectionId id, Registration who, Time now) {
  auto folded = protocol::casefold(who.nick);
  if (users_.contains(folded)) return refuse(id, who, now);
  auto& client = clients_[id];
  auto& user = users_[std::move(folded)];
  client.id = id;
  client.user = &user;
  client.negotiated = who.negotiated;
  client.told = who.negotiated.capabilities;
  client.shape = shape_of(client.told);
  user.client = &client;
  user.nick = std::move(who.nick);
  user.username = std::move(who.user);
  user.realname = std::move(who.realname);
  user.host = std::move(who.host);
  user.network = who.network.empty() ? user.host : std::move(who.network);
  user.source = user.nick + "!" + user.username + "@" + user.host;
  user.signed_on = user.spoke = now;
  most_users_ = std::max(most_users_, users_.size());

  const protocol::Message none;
  note("registered", user, {{"address", user.host}});
  outbox_.add(Batch::Entered{id, client.negotiated.capabilities});
  auto turn = begin(client, none, now);
  turn.standing = Standing::entered;
  commands::welcome(*this, turn);
  work(turn);
}

void Room::refuse(ConnectionId id, const Registration& who, Time now) {
  std::string text;
  Line(config_.server_name, Numeric::err_nicknameinuse, "*")
      .param(who.nick)
      .text("Nickname is already in use")
      .write(text, shape_of(who.negotiated.capabilities), now);
  outbox_.say(Audience::one(id), outbox_.write(text));
  outbox_.add(Batch::Answered{id, 1, Standing::refused});
  turn_ends();
}

void Room::command(ConnectionId id, const Input& input, Time now) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  auto& client = found->second;
  const bool is_its_turn = !crowded_ || !turns_.has(client.user->network);
  if (client.goes_on() && !client.later && is_its_turn && !must_wait(client, input)) {
    carry_out(client, input, now);
    had_turn(client);
  } else {
    client.add_later().commands.push_back(input);
    resume(client);
  }
  wake();
}

Turn Room::begin(Client& client, const protocol::Message& message, Time now) {
  return {client,
          *client.user,
          message,
          now,
          config_.server_name,
          Response(config_.server_name, label_of(message, client.negotiated.capabilities))};
}

/// True if a command has to wait for something else than its client.
bool Room::must_wait(Client& client, const Input& input) {
  const auto* command = input ? find_command(input->command) : nullptr;
  return command && command->must_wait && command->must_wait(*this, client, *input);
}

void Room::carry_out(Client& client, const Input& input, Time now) {
  static const protocol::Message none;
  auto turn = begin(client, input ? *input : none, now);
  if (input)
    run(*this, turn);
  else
    answer_unparsable(input.error(), config_.server_name, turn.user.nick, client.negotiated.capabilities,
                      turn.response);
  work(turn);
}

/// A client's capabilities have changed, and with them the shape in which it gets its lines.
void Room::renegotiate(Client& client) {
  client.told = client.negotiated.capabilities;
  const auto before = std::exchange(client.shape, shape_of(client.told));
  for (const auto& joined : client.user->channels) joined.channel->reshape(before, client.shape);
  outbox_.add(Batch::Negotiated{client.id, client.told});
}

void Room::leave(ConnectionId id, std::string_view reason, Time now,
                 std::optional<std::chrono::milliseconds> silent) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  auto& client = found->second;
  auto& user = *client.user;
  note("left", user, {{"reason", without_words(reason)}});
  if (!closing_) tell_peers(user, Line(user.source, "QUIT").text(reason), now);
  // What it was sent and has not had time to read it will want to see when it comes back.
  auto saw_all_up_to = shown_;
  if (silent && silent->count() > 0) saw_all_up_to = std::min(saw_all_up_to, db::first_id_at(now - *silent));
  for (const auto& joined : user.channels)
    if (silent && joined.told <= shown_batch_) saw(*joined.channel, user, saw_all_up_to);
  if (!closing_) outbox_.add(Batch::Left{id});
  while (!user.channels.empty()) remove(*user.channels.back().channel, user, now);
  if (client.asks) recalls_.withdraw(*client.asks);
  while (!user.invitations.empty()) user.invitations.back()->uninvite(user);
  invisible_ -= user.invisible;
  users_.erase(protocol::casefold(user.nick));
  clients_.erase(found);
  turn_ends();
  wake();
}

Batch Room::take_output() { return outbox_.take(ids_.last()); }

std::vector<Figure> Room::measure() const {
  std::size_t held_back = 0;
  for (const auto& [id, client] : clients_)
    if (client.later) held_back += client.later->commands.size();
  return {{"users", users_.size()},       {"channels", channels_.size()},  {"held_back_commands", held_back},
          {"batches", shown_batch_},      {"recalls", recalls_.size()},    {"pasts", pasts_.size()},
          {"past_bytes", pasts_.bytes()}, {"absences", last_seen_.size()}, {"lives", lives_.size()}};
}

void Room::shown(const Batch& batch) {
  shown_batch_ = batch.number;
  shown_ = batch.newest;
}

User* Room::find_user(std::string_view nick) {
  const auto found = users_.find(protocol::casefold(nick));
  return found == users_.end() ? nullptr : &found->second;
}

Channel* Room::find_channel(std::string_view name) {
  const auto found = channels_.find(protocol::casefold(name));
  return found == channels_.end() ? nullptr : &found->second;
}

void Room::rename(User& user, std::string_view nick) {
  auto node = users_.extract(protocol::casefold(user.nick));
  node.key() = protocol::casefold(nick);
  users_.insert(std::move(node));
  user.nick = nick;
  user.source = user.nick + "!" + user.username + "@" + user.host;
  for (const auto& joined : user.channels) Channel::renamed(joined.channel->membership(joined));
}

void Room::set_invisible(User& user, bool on) {
  if (std::exchange(user.invisible, on) == on) return;
  if (on)
    ++invisible_;
  else
    --invisible_;
}

bool Room::may_found(const User& founder) const {
  const auto found = founded_.find(founder.network);
  return config_.channels_per_address == 0 || found == founded_.end() ||
         found->second < config_.channels_per_address;
}

Channel& Room::found(std::string_view name, const User& founder, Time now) {
  auto folded = protocol::casefold(name);
  auto& channel = channels_[folded];
  channel.id = ChannelId{++last_channel_};
  channel.name = name;
  channel.folded = std::move(folded);
  channel.created = now;
  channel.network = founder.network;
  ++founded_[channel.network];
  channel.past = &past_of(channel.folded);
  lives_.began(channel.folded, mark(now));
  return channel;
}

void Room::admit(Channel& channel, User& user, bool as_operator) {
  auto& member = channel.add(user);
  member.op = as_operator;
  outbox_.add(Batch::Joined{user.client->id, channel.id, member.rank()});
}

void Room::rank_changed(const Channel& channel, const Membership& member) {
  outbox_.add(Batch::Ranked{member.user->client->id, channel.id, member.rank()});
}

void Room::depart(Channel& channel, User& user, Time now) {
  outbox_.add(Batch::Parted{user.client->id, channel.id});
  remove(channel, user, now);
}

void Room::remove(Channel& channel, User& user, Time now) {
  channel.past->left(user.client->id);
  channel.remove(user);
  if (!channel.members.empty()) return;
  secret_channels_ -= channel.secret;
  for (auto* guest : channel.invited) std::erase(guest->invitations, &channel);
  if (const auto founded = founded_.find(channel.network); --founded->second == 0) founded_.erase(founded);
  const auto node = channels_.extract(channel.folded);
  desert(node.mapped(), now);
}

std::pair<protocol::MessageId, Time> Room::next_id(Time now) {
  const auto id = ids_.next(now);
  const auto time = protocol::time_of(id, now);
  if (std::exchange(ids_ahead_, time != id.time() && id.time() > now) || !ids_ahead_) return {id, time};
  using std::chrono::duration_cast;
  const auto ahead = duration_cast<std::chrono::seconds>(id.time() - now);
  log_.push_back(
      {log::Level::warn,
       {"message ids are ahead of the clock",
        {{"seconds", ahead.count()},
         {"last", protocol::to_timestamp(id.time())},
         {"meaning", "it was set back: order stays as it is, new messages bear the clock's time"}}}});
  return {id, time};
}

void Room::note(std::string_view event, const User& user, std::initializer_list<log::Field> fields,
                log::Level level) {
  log::Event noted{std::string{event}, {{"connection", user.client->id}, {"nick", user.nick}}};
  noted.fields.insert(noted.fields.end(), fields);
  log_.push_back({level, std::move(noted)});
}

void Room::tell(User& user, const Line& line, Time now) {
  ShapeSet wanted;
  wanted.add(user.client->shape);
  outbox_.say(Audience::one(user.client->id), outbox_.write(line, wanted, now));
}

void Room::tell_members(Channel& channel, const Line& line, Time now, const Among& among) {
  tell_members(channel, line, now, among, Batch::Outcome::any);
}

void Room::tell_members(Channel& channel, const Line& line, Time now, const Among& among,
                        Batch::Outcome when) {
  const auto wanted = channel.shapes_without(among.except);
  if (wanted.empty()) return;
  auto to = Audience::members(channel.id, among.except ? among.except->client->id : ConnectionId{});
  to.least = among.least;
  to.needs = among.needs;
  outbox_.say(to, outbox_.write(line, wanted, now), when, channel.members.size());
}

void Room::tell_peers(User& user, const Line& line, Time now, const Among& among) {
  ShapeSet wanted;
  std::vector<ChannelId> channels;
  std::size_t peers = 0;
  for (const auto& joined : user.channels) {
    const auto here = joined.channel->shapes_without(&user);
    if (here.empty()) continue;
    wanted.add(here);
    channels.push_back(joined.channel->id);
    peers += joined.channel->members.size();
  }
  if (wanted.empty()) return;
  auto to = outbox_.peers(channels, user.client->id);
  to.needs = among.needs;
  outbox_.say(to, outbox_.write(line, wanted, now), Batch::Outcome::any, peers);
}

void Room::announce(Turn& turn, Channel& channel, const Line& line) {
  turn.response.add(line);
  tell_members(channel, line, turn.now, {.except = &turn.user});
}

void Room::say(Turn& turn, Channel& channel, const Line& line, db::Message message) {
  tell_members(channel, line, turn.now, {.except = &turn.user}, Batch::Outcome::kept);
  channel.past->said(message.id);
  channel.was_spoken_in = true;
  outbox_.store(std::move(message));
  turn.stored = true;
}

}  // namespace troupe
