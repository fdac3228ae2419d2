// What the server says of itself: the welcome, LUSERS, MOTD, VERSION and PING.
#include "chat/room.hpp"
#include "protocol/limits.hpp"
#include "protocol/names.hpp"

namespace troupe {

namespace limits = protocol::limits;
using protocol::Numeric;

void Room::welcome(Turn& turn) {
  reply(turn, Numeric::rpl_welcome, "Welcome to " + config_.network_name + ", " + turn.from.nick());
  reply(turn, Numeric::rpl_yourhost, "Your host is " + config_.server_name + ", running " + config_.version);
  reply(turn, Numeric::rpl_created, "This server was started " + protocol::to_timestamp(config_.started));
  turn.response.add(numeric(turn, Numeric::rpl_myinfo)
                        .param(config_.server_name)
                        .param(config_.version)
                        .param("i")
                        .param("biklmnotv")
                        .param("bklov"));
  isupport(turn);
  lusers(turn);
  motd(turn);
}

std::vector<std::string> isupport_tokens(const std::string& network_name) {
  const auto number = [](std::size_t value) { return std::to_string(value); };
  const auto targets = number(limits::targets);
  return {
      "AWAYLEN=" + number(limits::away),
      "CASEMAPPING=ascii",
      "CHANLIMIT=#:" + number(limits::channels),
      "CHANMODES=b,k,l,imnt",
      "CHANNELLEN=" + number(limits::channel),
      "CHANTYPES=#",
      "CHATHISTORY=" + number(limits::history),
      "ELIST=MU",
      "HOSTLEN=" + number(limits::host),
      "KEYLEN=" + number(limits::key),
      "KICKLEN=" + number(limits::kick),
      "MAXLIST=b:" + number(limits::bans),
      "MODES=" + number(limits::modes),
      "MSGREFTYPES=msgid,timestamp",
      "NAMELEN=" + number(limits::realname),
      "NETWORK=" + network_name,
      "NICKLEN=" + number(limits::nick),
      "PREFIX=(ov)@+",
      "TARGMAX=NOTICE:" + targets + ",PRIVMSG:" + targets + ",TAGMSG:" + targets,
      "TOPICLEN=" + number(limits::topic),
      "USERLEN=" + number(limits::user),
      "UTF8ONLY",
  };
}

void Room::isupport(Turn& turn) {
  // At most 13 tokens a line (Modern IRC, "RPL_ISUPPORT").
  constexpr std::size_t a_line = 13;
  for (std::size_t i = 0; i < isupport_.size(); i += a_line) {
    auto line = numeric(turn, Numeric::rpl_isupport);
    for (std::size_t j = i; j < isupport_.size() && j < i + a_line; ++j) line.param(isupport_[j]);
    turn.response.add(line.text("are supported by this server"));
  }
}

void Room::lusers(Turn& turn) {
  const auto count = std::to_string(users_.size());
  const auto most = std::to_string(most_users_);
  reply(turn, Numeric::rpl_luserclient,
        "There are " + std::to_string(users_.size() - invisible_) + " users and " +
            std::to_string(invisible_) + " invisible on 1 servers");
  reply(turn, Numeric::rpl_luserop, "0", "operator(s) online");
  reply(turn, Numeric::rpl_luserchannels, std::to_string(channels_.size()), "channels formed");
  reply(turn, Numeric::rpl_luserme, "I have " + count + " clients and 0 servers");
  for (auto code : {Numeric::rpl_localusers, Numeric::rpl_globalusers})
    turn.response.add(
        numeric(turn, code).param(count).param(most).text("Current users " + count + ", max " + most));
}

/// True if a command is for this server, the only one: it names none, this one, or somebody here.
bool Room::for_this_server(Turn& turn) {
  const auto target = turn.param(0);
  if (target.empty() || protocol::matches(target, config_.server_name) || find_user(target)) return true;
  reply(turn, Numeric::err_nosuchserver, target, "No such server");
  return false;
}

void Room::motd(Turn& turn) {
  if (!for_this_server(turn)) return;
  if (config_.motd.empty()) return reply(turn, Numeric::err_nomotd, "There is no message of the day");
  reply(turn, Numeric::rpl_motdstart, "- " + config_.server_name + " Message of the day -");
  for (const auto& line : config_.motd) reply(turn, Numeric::rpl_motd, "- " + line);
  reply(turn, Numeric::rpl_endofmotd, "End of /MOTD command.");
}

void Room::version(Turn& turn) {
  if (!for_this_server(turn)) return;
  turn.response.add(
      numeric(turn, Numeric::rpl_version).param(config_.version).param(config_.server_name).text("Troupe"));
  isupport(turn);
}

void Room::ping(Turn& turn) {
  if (turn.param(0).empty()) return reply(turn, Numeric::err_noorigin, "No origin specified");
  turn.response.add(Line(config_.server_name, "PONG").param(config_.server_name).text(turn.param(0)));
}

}  // namespace troupe
