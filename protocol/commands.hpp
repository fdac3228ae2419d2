#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace troupe::protocol {

/// The commands that a client may send.
enum class Verb : std::uint8_t {
  away,
  cap,
  chathistory,
  invite,
  ison,
  join,
  kick,
  list,
  lusers,
  mode,
  motd,
  names,
  nick,
  notice,
  part,
  pass,
  ping,
  pong,
  privmsg,
  quit,
  setname,
  tagmsg,
  topic,
  user,
  userhost,
  version,
  who,
  whois,
};

/// When a command may be used.
enum class Phase : std::uint8_t {
  before,  ///< only before registration: 462 afterwards
  after,   ///< only after registration: 451 before
  always,
};

/// One row of the command table: what is checked before a command's own code runs.
struct Command {
  std::string_view name;
  Verb verb;
  std::uint8_t min_params;  ///< with fewer it gets ERR_NEEDMOREPARAMS
  Phase phase;
};

/// Every command, in alphabetical order. Commands whose specification gives missing parameters a numeric of
/// their own (NICK, PRIVMSG, WHOIS, …) need none here.
inline constexpr std::array<Command, 28> command_table = {{
    // clang-format off
    {"AWAY",     Verb::away,     0, Phase::after},
    {"CAP",      Verb::cap,      1, Phase::always},
    {"CHATHISTORY", Verb::chathistory, 0, Phase::after},
    {"INVITE",   Verb::invite,   0, Phase::after},
    {"ISON",     Verb::ison,     1, Phase::after},
    {"JOIN",     Verb::join,     1, Phase::after},
    {"KICK",     Verb::kick,     2, Phase::after},
    {"LIST",     Verb::list,     0, Phase::after},
    {"LUSERS",   Verb::lusers,   0, Phase::after},
    {"MODE",     Verb::mode,     1, Phase::after},
    {"MOTD",     Verb::motd,     0, Phase::after},
    {"NAMES",    Verb::names,    0, Phase::after},
    {"NICK",     Verb::nick,     0, Phase::always},
    {"NOTICE",   Verb::notice,   0, Phase::after},
    {"PART",     Verb::part,     1, Phase::after},
    {"PASS",     Verb::pass,     1, Phase::before},
    {"PING",     Verb::ping,     0, Phase::always},
    {"PONG",     Verb::pong,     0, Phase::always},
    {"PRIVMSG",  Verb::privmsg,  0, Phase::after},
    {"QUIT",     Verb::quit,     0, Phase::always},
    {"SETNAME",  Verb::setname,  1, Phase::after},
    {"TAGMSG",   Verb::tagmsg,   0, Phase::after},
    {"TOPIC",    Verb::topic,    1, Phase::after},
    {"USER",     Verb::user,     4, Phase::before},
    {"USERHOST", Verb::userhost, 1, Phase::after},
    {"VERSION",  Verb::version,  0, Phase::after},
    {"WHO",      Verb::who,      0, Phase::after},
    {"WHOIS",    Verb::whois,    0, Phase::after},
    // clang-format on
}};

/// The row of a command, given in upper case; null for an unknown one.
constexpr const Command* find_command(std::string_view name) {
  const auto row = std::ranges::lower_bound(command_table, name, {}, &Command::name);
  return row != command_table.end() && row->name == name ? &*row : nullptr;
}

static_assert(std::ranges::is_sorted(command_table, {}, &Command::name));

}  // namespace troupe::protocol
