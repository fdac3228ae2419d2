// PRIVMSG, NOTICE and TAGMSG.
#include "chat/commands/commands.hpp"
#include "chat/targets.hpp"
#include "chat/visibility.hpp"
#include "protocol/names.hpp"

#include <utility>

namespace troupe::commands {

using protocol::Capability;
using protocol::Numeric;

namespace {

/// What is being said, to whomever.
struct Speech {
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

  /// What its receivers must have negotiated: TAGMSG is only for those who know tags.
  std::optional<Capability> needs() const {
    if (kind == db::Kind::tagmsg) return Capability::message_tags;
    return {};
  }
};

/// The client-only tags of a message, as they are relayed (message-tags, "Client-only tags").
std::string client_tags(const protocol::Message& message) {
  std::vector<protocol::Tag> tags;
  for (const auto& tag : message.tags)
    if (tag.key.starts_with('+')) tags.push_back(tag);
  return protocol::render_tags(tags);
}

void refuse_speech(Turn& turn, const Speech& speech, Numeric code, std::string_view about,
                   std::string_view text) {
  // A NOTICE is never answered by an error (Modern IRC, "NOTICE message").
  if (speech.kind == db::Kind::notice) return;
  if (about.empty())
    turn.reply(code, text);
  else
    turn.reply(code, about, text);
}

void speak_to_channel(Room& room, Turn& turn, const Speech& speech, Channel& channel,
                      std::string_view target) {
  auto& from = turn.user;
  const bool barred = !may_speak(channel, from);
  if (barred && sight_of(channel, from) == Sight::nothing)
    return refuse_speech(turn, speech, Numeric::err_nosuchchannel, target, "No such channel");
  if (barred)
    return refuse_speech(turn, speech, Numeric::err_cannotsendtochan, channel.name, "Cannot send to channel");

  const auto [id, time] = room.next_id(turn.now);
  const auto line = speech.line(from.source, channel.name, id, time);
  if (!line.fits())
    return refuse_speech(turn, speech, Numeric::err_inputtoolong, {}, "Message is too long to be relayed");

  const bool echoed = turn.client.has(Capability::echo_message);
  // A TAGMSG says nothing that is to be kept: typing notifications are most of them.
  if (speech.kind == db::Kind::tagmsg) {
    room.tell_members(channel, line, turn.now, {&from, speech.needs()});
    if (echoed) turn.response.add(line);
    return;
  }
  room.say(turn, channel, line,
           {id, channel.folded, from.nick, from.username, from.host, speech.kind, std::string{speech.text},
            speech.client_tags, time});
  const std::string_view why = "Message could not be stored, and nobody has seen it";
  if (turn.client.has(Capability::standard_replies))
    turn.response.add_if_refused(Line(turn.server, "FAIL")
                                     .param(speech.command)
                                     .param("MESSAGE_NOT_STORED")
                                     .param(channel.name)
                                     .text(why));
  else
    turn.response.add_if_refused(turn.numeric(Numeric::err_cannotsendtochan).param(channel.name).text(why));
  if (echoed) turn.response.add_if_kept(line);
}

void speak_to_user(Room& room, Turn& turn, const Speech& speech, User& user) {
  auto& from = turn.user;
  const auto [id, time] = room.next_id(turn.now);
  const auto line = speech.line(from.source, user.nick, id, time);
  if (!line.fits())
    return refuse_speech(turn, speech, Numeric::err_inputtoolong, {}, "Message is too long to be relayed");
  if (!speech.needs() || user.client->has(*speech.needs())) room.tell(user, line, turn.now);
  if (turn.client.has(Capability::echo_message)) turn.response.add(line);
  if (user.away && speech.kind == db::Kind::privmsg)
    turn.response.add(turn.numeric(Numeric::rpl_away).param(user.nick).text(*user.away));
}

void speak_to(Room& room, Turn& turn, const Speech& speech, std::string_view target) {
  if (protocol::is_channel(target)) {
    if (auto* channel = room.find_channel(target))
      return speak_to_channel(room, turn, speech, *channel, target);
    return refuse_speech(turn, speech, Numeric::err_nosuchchannel, target, "No such channel");
  }
  if (auto* user = room.find_user(target)) return speak_to_user(room, turn, speech, *user);
  refuse_speech(turn, speech, Numeric::err_nosuchnick, target.empty() ? "*" : target, "No such nick");
}

void speak(Room& room, Turn& turn, db::Kind kind) {
  auto& from = turn.user;
  Speech speech{kind, turn.message.command, turn.param(1), {}};
  if (turn.client.has(Capability::message_tags)) speech.client_tags = client_tags(turn.message);
  if (kind == db::Kind::tagmsg && !turn.client.has(Capability::message_tags))
    return turn.reply(Numeric::err_unknowncommand, speech.command, "Unknown command");
  if (turn.param(0).empty())
    return refuse_speech(turn, speech, Numeric::err_norecipient, {},
                         "No recipient given (" + turn.message.command + ")");
  if (kind != db::Kind::tagmsg && speech.text.empty())
    return refuse_speech(turn, speech, Numeric::err_notexttosend, {}, "No text to send");

  from.spoke = turn.now;
  const auto targets = targets_of(turn);
  for (const auto& target : targets.named) speak_to(room, turn, speech, target.name);
  if (!targets.excess.empty())
    refuse_speech(turn, speech, Numeric::err_toomanytargets, targets.excess, "Too many targets");
}

}  // namespace

void privmsg(Room& room, Turn& turn) { speak(room, turn, db::Kind::privmsg); }
void notice(Room& room, Turn& turn) { speak(room, turn, db::Kind::notice); }
void tagmsg(Room& room, Turn& turn) { speak(room, turn, db::Kind::tagmsg); }

}  // namespace troupe::commands
