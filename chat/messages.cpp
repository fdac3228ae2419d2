// PRIVMSG, NOTICE and TAGMSG.
#include "chat/room.hpp"
#include "protocol/limits.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <utility>

namespace troupe {

using protocol::Capability;
using protocol::Numeric;

/// What is being said, to whomever.
struct Room::Speech {
  db::Kind kind;
  std::string_view command;
  std::string_view text;
  std::string client_tags;

  Line line(std::string_view source, std::string_view target, const protocol::MessageId& id,
            protocol::Time time) const {
    Line line(source, command);
    line.param(target).id(id, time).client_tags(client_tags);
    if (kind != db::Kind::tagmsg) line.text(text);
    return line;
  }

  /// True if this user may be shown it: TAGMSG is only for those who negotiated message-tags.
  bool for_user(const User& user) const {
    return kind != db::Kind::tagmsg || user.has(Capability::message_tags);
  }
};

namespace {

/// The client-only tags of a message, as they are relayed (message-tags, "Client-only tags").
std::string client_tags(const protocol::Message& message) {
  std::vector<protocol::Tag> tags;
  for (const auto& tag : message.tags)
    if (tag.key.starts_with('+')) tags.push_back(tag);
  return protocol::render_tags(tags);
}

}  // namespace

void Room::speak(Turn& turn, db::Kind kind) {
  auto& from = turn.from;
  Speech speech{kind, turn.message.command, turn.param(1), {}};
  if (from.has(Capability::message_tags)) speech.client_tags = client_tags(turn.message);
  if (kind == db::Kind::tagmsg && !from.has(Capability::message_tags))
    return reply(turn, Numeric::err_unknowncommand, speech.command, "Unknown command");
  if (turn.param(0).empty())
    return refuse_speech(turn, speech, Numeric::err_norecipient, {},
                         "No recipient given (" + turn.message.command + ")");
  if (kind != db::Kind::tagmsg && speech.text.empty())
    return refuse_speech(turn, speech, Numeric::err_notexttosend, {}, "No text to send");

  from.spoke = turn.now;
  const auto targets = protocol::split(turn.param(0), ',');
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (i == protocol::limits::targets)
      return refuse_speech(turn, speech, Numeric::err_toomanytargets, targets[i], "Too many targets");
    speak_to(turn, speech, targets[i]);
  }
}

void Room::speak_to(Turn& turn, const Speech& speech, std::string_view target) {
  if (protocol::is_channel(target)) {
    if (auto* channel = find_channel(target)) return speak_to_channel(turn, speech, *channel);
    return refuse_speech(turn, speech, Numeric::err_nosuchchannel, target, "No such channel");
  }
  if (auto* user = find_user(target)) return speak_to_user(turn, speech, *user);
  refuse_speech(turn, speech, Numeric::err_nosuchnick, target.empty() ? "*" : target, "No such nick");
}

void Room::speak_to_channel(Turn& turn, const Speech& speech, Channel& channel) {
  auto& from = turn.from;
  const auto* membership = channel.find(from);
  const bool ranked = membership && (membership->op || membership->voice);
  const bool barred = (channel.no_external && !membership) || channel.moderated || channel.is_banned(from);
  if (barred && !ranked)
    return refuse_speech(turn, speech, Numeric::err_cannotsendtochan, channel.name, "Cannot send to channel");

  const auto [id, time] = next_id(turn.now);
  const auto line = speech.line(from.source, channel.name, id, time);
  if (line.base().size() + 2 > protocol::limits::line)
    return refuse_speech(turn, speech, Numeric::err_inputtoolong, {}, "Message is too long to be relayed");

  Outbox::Shared shared(line, turn.now);
  for (const auto& member : channel.members)
    if (auto& user = *member.user; &user != &from && speech.for_user(user))
      outbox_.send(outbox_.to(user.id, user.slot), shared, user.shape);

  // A TAGMSG says nothing that is to be kept: typing notifications are most of them.
  const bool stored = speech.kind != db::Kind::tagmsg;
  if (stored) {
    channel.past->said(id);
    turn.stored.push_back(outbox_.store({id, channel.folded, from.nick(), from.who.user, from.who.host,
                                         speech.kind, std::string{speech.text}, speech.client_tags, time},
                                        shared));
    const std::string_view why = "Message could not be stored, and nobody has seen it";
    if (from.has(Capability::standard_replies))
      turn.response.add_if_refused(Line(config_.server_name, "FAIL")
                                       .param(speech.command)
                                       .param("MESSAGE_NOT_STORED")
                                       .param(channel.name)
                                       .text(why));
    else
      turn.response.add_if_refused(
          numeric(turn, Numeric::err_cannotsendtochan).param(channel.name).text(why));
  }
  if (from.has(Capability::echo_message)) {
    if (stored)
      turn.response.add_if_kept(line);
    else
      turn.response.add(line);
  }
}

void Room::speak_to_user(Turn& turn, const Speech& speech, User& user) {
  auto& from = turn.from;
  const auto [id, time] = next_id(turn.now);
  const auto line = speech.line(from.source, user.nick(), id, time);
  if (line.base().size() + 2 > protocol::limits::line)
    return refuse_speech(turn, speech, Numeric::err_inputtoolong, {}, "Message is too long to be relayed");
  if (speech.for_user(user)) tell(user, line, turn.now);
  if (from.has(Capability::echo_message)) turn.response.add(line);
  if (user.away && speech.kind == db::Kind::privmsg)
    turn.response.add(numeric(turn, Numeric::rpl_away).param(user.nick()).text(*user.away));
}

/// A new message's id, and its time. Warns once of ids that run ahead of the clock, until they don't.
std::pair<protocol::MessageId, protocol::Time> Room::next_id(protocol::Time now) {
  const auto id = ids_.next(now);
  const auto time = protocol::time_of(id, now);
  if (std::exchange(ids_ahead_, time != id.time() && id.time() > now) || !ids_ahead_) return {id, time};
  using std::chrono::duration_cast;
  const auto ahead = duration_cast<std::chrono::seconds>(id.time() - now);
  warnings_.push_back(
      {"message ids are ahead of the clock",
       {{"seconds", ahead.count()},
        {"last", protocol::to_timestamp(id.time())},
        {"meaning", "it was set back: order stays as it is, new messages bear the clock's time"}}});
  return {id, time};
}

void Room::refuse_speech(Turn& turn, const Speech& speech, Numeric code, std::string_view about,
                         std::string_view text) {
  // A NOTICE is never answered by an error (Modern IRC, "NOTICE message").
  if (speech.kind == db::Kind::notice) return;
  if (about.empty())
    reply(turn, code, text);
  else
    reply(turn, code, about, text);
}

}  // namespace troupe
