// NICK, AWAY, SETNAME, USERHOST and ISON.
#include "chat/commands/commands.hpp"
#include "chat/visibility.hpp"
#include "protocol/limits.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <span>
#include <utility>

namespace troupe::commands {

namespace limits = protocol::limits;
using protocol::Capability;
using protocol::Numeric;

namespace {

/// Answers with a list, which may be empty, in as many lines as it needs.
void show_words(Turn& turn, Numeric code, std::span<const std::string> words) {
  const auto parts = protocol::wrap(words, turn.numeric(code).width());
  if (parts.empty()) turn.reply(code, "");
  for (const auto& part : parts) turn.reply(code, part);
}

/// The sender gets the nick that it wants, if that is free.
void change_nick(Room& room, Turn& turn) {
  auto& user = turn.user;
  const auto wanted = turn.param(0);
  const auto* holder = room.find_user(wanted);
  if (holder && holder != &user)
    return turn.reply(Numeric::err_nicknameinuse, wanted, "Nickname is already in use");

  // Bans and quiets go by the nick as well: who is held by one keeps its nick, as on Solanum.
  for (const auto& joined : user.channels)
    if (!may_read_past(*joined.channel, user)) {
      turn.response.add(turn.numeric(Numeric::err_banonchan)
                            .param(wanted)
                            .param(joined.channel->name)
                            .text("Cannot change nickname while banned on channel"));
      return;
    }

  const auto line = Line(user.source, "NICK").param(wanted);
  const auto before = user.nick;
  room.rename(user, wanted);
  turn.response.add(line);
  room.tell_peers(user, line, turn.now);
  room.note("nick changed", user, {{"before", before}});
}

}  // namespace

void nick(Room&, Turn& turn) {
  auto& user = turn.user;
  const auto wanted = turn.param(0);
  if (wanted.empty()) return turn.reply(Numeric::err_nonicknamegiven, "No nickname given");
  if (protocol::check_nick(wanted))
    return turn.reply(Numeric::err_erroneusnickname, wanted, "Erroneous nickname");
  if (wanted == user.nick) return;
  turn.steps.add([](Room& room, Turn& turn) {
    if (!match_bans(turn)) return false;
    change_nick(room, turn);
    return true;
  });
}

void away(Room& room, Turn& turn) {
  auto& user = turn.user;
  const auto text = protocol::cut(turn.param(0), limits::away);
  const auto before = std::exchange(user.away, {});
  Line line(user.source, "AWAY");
  if (text.empty()) {
    turn.reply(Numeric::rpl_unaway, "You are no longer marked as being away");
  } else {
    user.away = text;
    line.text(text);
    turn.reply(Numeric::rpl_nowaway, "You have been marked as being away");
  }
  if (user.away != before) room.tell_peers(user, line, turn.now, {.needs = Capability::away_notify});
}

void setname(Room& room, Turn& turn) {
  auto& user = turn.user;
  const auto realname = turn.param(0);
  if (realname.empty() || realname.size() > limits::realname) {
    if (turn.client.has(Capability::standard_replies) || turn.client.has(Capability::setname))
      turn.response.add(
          Line(turn.server, "FAIL").param("SETNAME").param("INVALID_REALNAME").text("Realname is not valid"));
    return;
  }
  user.realname = realname;
  const auto line = Line(user.source, "SETNAME").text(realname);
  if (turn.client.has(Capability::setname)) turn.response.add(line);
  room.tell_peers(user, line, turn.now, {.needs = Capability::setname});
}

void userhost(Room& room, Turn& turn) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < turn.message.params.size() && i < 5; ++i)
    if (const auto* user = room.find_user(turn.param(i)))
      found.push_back(user->nick + (user->away ? "=-" : "=+") + user->username + "@" + user->host);
  show_words(turn, Numeric::rpl_userhost, found);
}

void ison(Room& room, Turn& turn) {
  std::vector<std::string> found;
  for (const auto& param : turn.message.params)
    for (auto nick : protocol::split(param, ' '))
      if (const auto* user = room.find_user(nick)) found.push_back(user->nick);
  show_words(turn, Numeric::rpl_ison, found);
}

}  // namespace troupe::commands
