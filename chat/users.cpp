// NICK, AWAY, SETNAME, WHO, WHOIS, USERHOST and ISON.
#include "chat/room.hpp"
#include "protocol/limits.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <utility>

namespace troupe {

namespace limits = protocol::limits;
using protocol::Capability;
using protocol::Numeric;

void Room::nick(Turn& turn) {
  auto& user = turn.from;
  const auto wanted = turn.param(0);
  if (wanted.empty()) return reply(turn, Numeric::err_nonicknamegiven, "No nickname given");
  if (protocol::check_nick(wanted))
    return reply(turn, Numeric::err_erroneusnickname, wanted, "Erroneous nickname");
  if (wanted == user.nick()) return;
  const auto* holder = find_user(wanted);
  if (holder && holder != &user)
    return reply(turn, Numeric::err_nicknameinuse, wanted, "Nickname is already in use");

  const auto line = Line(user.source, "NICK").param(wanted);
  nicks_.erase(protocol::casefold(user.nick()));
  nicks_.emplace(protocol::casefold(wanted), &user);
  const auto before = std::exchange(user.who.nick, wanted);
  user.source = user.who.nick + "!" + user.who.user + "@" + user.who.host;
  turn.response.add(line);
  tell_peers(user, line, turn.now);
  note("nick changed", user, {{"before", before}});
}

void Room::away(Turn& turn) {
  auto& user = turn.from;
  const auto text = protocol::cut(turn.param(0), limits::away);
  const auto before = std::exchange(user.away, {});
  Line line(user.source, "AWAY");
  if (text.empty()) {
    reply(turn, Numeric::rpl_unaway, "You are no longer marked as being away");
  } else {
    user.away = text;
    line.text(text);
    reply(turn, Numeric::rpl_nowaway, "You have been marked as being away");
  }
  if (user.away != before) tell_peers(user, line, turn.now, Capability::away_notify);
}

void Room::setname(Turn& turn) {
  auto& user = turn.from;
  const auto realname = turn.param(0);
  if (realname.empty() || realname.size() > limits::realname) {
    if (user.has(Capability::standard_replies) || user.has(Capability::setname))
      turn.response.add(Line(config_.server_name, "FAIL")
                            .param("SETNAME")
                            .param("INVALID_REALNAME")
                            .text("Realname is not valid"));
    return;
  }
  user.who.realname = realname;
  const auto line = Line(user.source, "SETNAME").text(realname);
  if (user.has(Capability::setname)) turn.response.add(line);
  tell_peers(user, line, turn.now, Capability::setname);
}

void Room::who(Turn& turn) {
  const auto mask = turn.param(0);
  if (auto* channel = protocol::is_channel(mask) ? find_channel(mask) : nullptr) {
    const bool inside = channel->find(turn.from) != nullptr;
    for (const auto& member : channel->members)
      if (inside || !member.user->invisible) show_who(turn, *member.user, channel);
  } else if (auto* user = find_user(mask)) {
    show_who(turn, *user, shared_channel(*user, turn.from));
  } else if (!protocol::is_channel(mask)) {
    const bool everybody = mask.empty() || mask == "0";
    for (auto& [id, candidate] : users_)
      if ((everybody || protocol::matches(mask, candidate.nick()) ||
           protocol::matches(mask, candidate.who.host)) &&
          visible(candidate, turn.from))
        show_who(turn, candidate, shared_channel(candidate, turn.from));
  }
  reply(turn, Numeric::rpl_endofwho, mask.empty() ? "*" : mask, "End of WHO list");
}

void Room::show_who(Turn& turn, User& user, Channel* channel) {
  std::string flags = user.away ? "G" : "H";
  if (channel)
    if (const auto* member = channel->find(user))
      flags += member->prefix(turn.from.has(Capability::multi_prefix));
  turn.response.add(numeric(turn, Numeric::rpl_whoreply)
                        .param(channel ? std::string_view{channel->name} : std::string_view{"*"})
                        .param(user.who.user)
                        .param(user.who.host)
                        .param(config_.server_name)
                        .param(user.nick())
                        .param(flags)
                        .text("0 " + user.who.realname));
}

void Room::whois(Turn& turn) {
  // With two parameters the first one names a server: there is only this one.
  const auto target = turn.message.params.size() > 1 ? turn.param(1) : turn.param(0);
  if (target.empty()) return reply(turn, Numeric::err_nonicknamegiven, "No nickname given");
  auto* user = find_user(target);
  if (!user) {
    reply(turn, Numeric::err_nosuchnick, target, "No such nick");
    return reply(turn, Numeric::rpl_endofwhois, target, "End of /WHOIS list");
  }
  const auto about = [&](Numeric code) { return numeric(turn, code).param(user->nick()); };
  turn.response.add(about(Numeric::rpl_whoisuser)
                        .param(user->who.user)
                        .param(user->who.host)
                        .param("*")
                        .text(user->who.realname));
  std::string channels;
  const auto head = about(Numeric::rpl_whoischannels);
  const auto flush = [&] {
    if (!channels.empty()) turn.response.add(head).text(channels);
    channels.clear();
  };
  for (const auto& seat : user->seats) {
    if (user->invisible && user != &turn.from && !seat.channel->find(turn.from)) continue;
    const auto prefix = seat.channel->members[seat.index].prefix(turn.from.has(Capability::multi_prefix));
    if (head.base().size() + channels.size() + prefix.size() + seat.channel->name.size() + 5 > limits::line)
      flush();
    if (!channels.empty()) channels += ' ';
    channels.append(prefix).append(seat.channel->name);
  }
  flush();
  turn.response.add(about(Numeric::rpl_whoisserver).param(config_.server_name).text(config_.network_name));
  if (user->away) turn.response.add(about(Numeric::rpl_away).text(*user->away));
  turn.response.add(about(Numeric::rpl_whoisidle)
                        .param(whole_seconds(turn.now - user->spoke))
                        .param(whole_seconds(user->signed_on.time_since_epoch()))
                        .text("seconds idle, signon time"));
  reply(turn, Numeric::rpl_endofwhois, target, "End of /WHOIS list");
}

void Room::userhost(Turn& turn) {
  const auto room = limits::line - 2 - numeric(turn, Numeric::rpl_userhost).base().size() - 2;
  std::string replies;
  for (std::size_t i = 0; i < turn.message.params.size() && i < 5; ++i) {
    const auto* user = find_user(turn.param(i));
    if (!user) continue;
    const auto one = user->nick() + (user->away ? "=-" : "=+") + user->who.user + "@" + user->who.host;
    if (replies.size() + 1 + one.size() > room)
      reply(turn, Numeric::rpl_userhost, std::exchange(replies, {}));
    if (!replies.empty()) replies += ' ';
    replies += one;
  }
  reply(turn, Numeric::rpl_userhost, replies);
}

void Room::ison(Turn& turn) {
  std::string present;
  for (const auto& param : turn.message.params)
    for (auto nick : protocol::split(param, ' '))
      if (const auto* user = find_user(nick); user && present.size() + nick.size() + 1 <= 400) {
        if (!present.empty()) present += ' ';
        present += user->nick();
      }
  reply(turn, Numeric::rpl_ison, present);
}

}  // namespace troupe
