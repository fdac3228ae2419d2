// What a channel's newcomers are shown of its past, and when: see past.hpp.
#include "chat/room.hpp"
#include "chat/visibility.hpp"
#include "db/id_range.hpp"
#include "protocol/names.hpp"

#include <limits>
#include <map>
#include <utility>

namespace troupe {

using protocol::Capability;
using protocol::MessageId;
using protocol::Time;

Past& Room::past_of(const std::string& folded) {
  auto& past = pasts_.of(folded, !config_.archived);
  past.revive();
  pasts_.use(folded);
  return past;
}

void Room::forget_expired(Past& past, Time now) const {
  if (config_.keep < now.time_since_epoch()) past.forget_before(now - config_.keep);
}

/// Who has server-time, and can't ask with CHATHISTORY.
bool Room::is_replayed_to(const User& user) const {
  return config_.replay > 0 && user.client->has(Capability::server_time) &&
         !user.client->has(Capability::chathistory);
}

void Room::show_past(Turn& turn, Channel& channel) {
  auto& user = turn.user;
  auto& past = *channel.past;
  if (!past.known() && !past.asked()) load(channel.folded, past, turn.client.id);

  Past::Newcomer newcomer;
  newcomer.mark = ids_.last();
  newcomer.replay = is_replayed_to(user) && may_read_past(channel, user);
  if (newcomer.replay)
    newcomer.seen =
        last_seen_.find({channel.folded, protocol::casefold(user.nick), user.host}).value_or(MessageId{});
  forget_expired(past, turn.now);
  if (past.joined(turn.client.id, newcomer) && newcomer.replay) turn.steps.add(replay_of(channel, newcomer));
}

/// What is left of a newcomer's replay.
struct Room::Replay {
  std::string folded;
  ChannelId channel{};
  Past::Newcomer newcomer;  ///< `seen` goes on with what it is shown
  std::size_t left = 0;     ///< messages that it may be shown
  bool was_whole = false;   ///< memory held all of it once
};

Steps::Step Room::replay_of(const Channel& channel, const Past::Newcomer& newcomer) const {
  // What is in memory now may have left it when its turn comes.
  auto readable = newcomer;
  limit_to_readable(channel, readable, config_.replay);
  const bool whole = channel.past->is_whole(readable, config_.replay);
  return [replay = Replay{channel.folded, channel.id, newcomer, config_.replay, whole}](
             Room& room, Turn& turn) mutable { return room.show_replay(turn, replay); };
}

/// Shows a newcomer the past, or more of it. True if that was all.
bool Room::show_replay(Turn& turn, Replay& replay) {
  const auto found = channels_.find(replay.folded);
  if (found == channels_.end() || found->second.id != replay.channel) return true;
  auto& channel = found->second;
  auto* joined = turn.user.joined(channel);
  if (!joined || !may_read_past(channel, turn.user)) return true;
  auto& past = *channel.past;
  auto& newcomer = replay.newcomer;
  forget_expired(past, turn.now);
  // Before it was told, or between two portions, memory may have lost what was to follow.
  newcomer.in_vain = newcomer.in_vain || replay.was_whole;
  if (!limit_to_readable(channel, newcomer, replay.left))
    turn.response.add(not_available(turn.user, channel));
  newcomer.in_vain = false;
  for (const auto& message : past.replay(newcomer, replay.left)) {
    if (turn.is_full()) {
      replay.was_whole = true;
      return false;
    }
    turn.response.add(line_of(message, channel.name));
    newcomer.seen = message.id;
    --replay.left;
  }
  joined->told = outbox_.number();
  return true;
}

/// Limits what a newcomer is shown to what may be read. False if it is to be told that this is not all.
bool Room::limit_to_readable(const Channel& channel, Past::Newcomer& newcomer, std::size_t limit) const {
  const bool settled = is_past_settled(channel, newcomer.seen);
  newcomer.seen = std::max(newcomer.seen, readable_from(channel));
  return settled && (!newcomer.in_vain || channel.past->is_whole(newcomer, limit));
}

Line Room::not_available(const User& user, const Channel& channel) const {
  return Line(config_.server_name, "NOTICE")
      .param(user.nick)
      .text("Earlier messages of " + channel.name + " are not available now");
}

/// Shows newcomers the past that they could not be shown when they joined: at once if it fits into what they
/// may be given, and written once for all of them; otherwise in portions, behind what they have asked for.
void Room::replay(Channel& channel, const std::vector<Past::Due>& due, Time now) {
  auto& past = *channel.past;
  forget_expired(past, now);
  ShapeSet wanted;
  for (const auto& [id, newcomer] : due) wanted.add(clients_.at(id).shape);
  using Range = std::pair<MessageId, MessageId>;  // the first message and the last one
  std::map<Range, Outbox::Written> written;
  for (auto [id, newcomer] : due) {
    auto& client = clients_.at(id);
    if (!newcomer.replay || !may_read_past(channel, *client.user)) continue;
    const bool whole = limit_to_readable(channel, newcomer, config_.replay);
    const auto messages = past.replay(newcomer, config_.replay);
    auto size = client.owed;
    for (const auto& message : messages) size += db::size_of(message);
    if (!client.goes_on() || client.has_answers() || size > Client::most_owed) {
      auto& answers = client.add_later().answers;
      answers.push_back({{}, Response(config_.server_name, {}), {}, true});
      answers.back().steps.add(replay_of(channel, newcomer));
      resume(client);
      continue;
    }
    client.user->joined(channel)->told = outbox_.number();
    if (!whole) tell(*client.user, not_available(*client.user, channel), now);
    if (messages.empty()) continue;
    const auto [lines, fresh] = written.try_emplace({messages.front().id, messages.back().id});
    if (fresh) lines->second = write_past(messages, channel, wanted, now);
    outbox_.say(Audience::one(id), lines->second);
    client.owed = size;
  }
  turn_ends();
}

Outbox::Written Room::write_past(std::span<const db::Message> messages, const Channel& channel,
                                 ShapeSet wanted, Time now) {
  std::vector<Line> lines;
  for (const auto& message : messages) lines.push_back(line_of(message, channel.name));
  return outbox_.write(lines, wanted, now);
}

/// Asks the store for a channel's latest messages, on behalf of somebody who joins it.
void Room::load(const std::string& folded, Past& past, ConnectionId whose) {
  const auto loaded = [this, folded](const Recalled& messages, Time now) {
    auto& past = *pasts_.find(folded);
    if (messages)
      past.load(*messages);
    else
      past.give_up();
    changed(folded, past, now);
    pasts_.use(folded);
  };
  past.ask(recalls_.ask(whose, {past.recent().to_load(folded)}, loaded));
}

void Room::know(const std::vector<db::ChannelLife>& lives, Time now) { lives_.load(lives, mark(now)); }

/// Lies between what was said so far, by earlier servers as well, and what will be said.
MessageId Room::mark(Time now) const { return std::max(ids_.last(), db::first_id_at(now)); }

void Room::kept(const std::vector<db::Message>& messages, Time now) {
  for (const auto& message : messages) {
    auto* past = pasts_.find(message.channel);
    if (!past) continue;
    if (past->overflows(message)) {
      past->overflow();
      changed(message.channel, *past, now);
    }
    past->kept(message);
    if (past->is_watched()) changed(message.channel, *past, now);
    pasts_.use(message.channel);
  }
  wake();
}

void Room::refused(const std::vector<db::Message>& messages, Time now) {
  for (const auto& message : messages)
    if (auto* past = pasts_.find(message.channel)) {
      past->refused(message.id);
      changed(message.channel, *past, now);
    }
  wake();
}

void Room::recalled(std::uint64_t number, const Recalled& messages, Time now) {
  recalls_.answered(number, messages, now);
  wake();
}

/// Something was settled or read: whoever waited for that goes on. The past may be gone afterwards.
void Room::changed(const std::string& folded, Past& past, Time now) {
  if (const auto due = past.take_due(); !due.empty()) replay(channels_.at(folded), due, now);
  for (const auto id : past.take_waiting()) woken_.push_back(id);
  if (past.is_deserted() && past.is_idle()) pasts_.erase(folded);
}

/// The channel has lost its last member: nobody wants its past any more.
void Room::desert(const Channel& channel, Time now) {
  const auto& folded = channel.folded;
  lives_.ended(folded, mark(now), channel.was_spoken_in);
  auto& past = *pasts_.find(folded);
  past.desert();
  if (past.asked() && recalls_.withdraw(*past.asked())) past.give_up();
  changed(folded, past, now);
}

/// Lets those go on whose commands waited, at the end of whatever woke them.
void Room::wake() {
  while (!woken_.empty())
    for (const auto id : std::exchange(woken_, {}))
      if (const auto found = clients_.find(id); found != clients_.end()) {
        --found->second.waiting;
        resume(found->second);
      }
}

void Room::saw(const Channel& channel, User& user, const MessageId& upto) {
  if (!is_replayed_to(user) || user.joined(channel)->told == User::Joined::not_told) return;
  last_seen_.note({channel.folded, protocol::casefold(user.nick), user.host}, upto);
}

}  // namespace troupe
