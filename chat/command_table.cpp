#include "chat/command_table.hpp"

#include "chat/commands/commands.hpp"

#include <algorithm>
#include <array>

namespace troupe {
namespace {

using namespace commands;

constexpr Command::Registers none = nullptr;

// clang-format off
constexpr std::array<Command, 28> table = {{
    // name         registered   registering           least parameters, may have to wait
    {"AWAY",        away,        none,                 0},
    {"CAP",         cap,         registering::cap,     1},
    {"CHATHISTORY", chathistory, none,                 0, chathistory_must_wait},
    {"INVITE",      invite,      none,                 0},
    {"ISON",        ison,        none,                 1},
    {"JOIN",        join,        none,                 1},
    {"KICK",        kick,        none,                 2},
    {"LIST",        list,        none,                 0},
    {"LUSERS",      lusers,      none,                 0},
    {"MODE",        mode,        none,                 1},
    {"MOTD",        motd,        none,                 0},
    {"NAMES",       names,       none,                 0},
    {"NICK",        nick,        registering::nick,    0},
    {"NOTICE",      notice,      none,                 0},
    {"PART",        part,        none,                 1},
    {"PASS",        nullptr,     registering::pass,    1},
    {"PING",        ping,        registering::ping,    0},
    {"PONG",        pong,        registering::nothing, 0},
    {"PRIVMSG",     privmsg,     none,                 0},
    {"QUIT",        quit,        registering::nothing, 0},
    {"SETNAME",     setname,     none,                 1},
    {"TAGMSG",      tagmsg,      none,                 0},
    {"TOPIC",       topic,       none,                 1},
    {"USER",        nullptr,     registering::user,    4},
    {"USERHOST",    userhost,    none,                 1},
    {"VERSION",     version,     none,                 0},
    {"WHO",         who,         none,                 0},
    {"WHOIS",       whois,       none,                 0},
}};
// clang-format on

static_assert(std::ranges::is_sorted(table, {}, &Command::name));

}  // namespace

std::span<const Command> command_table() { return table; }

const Command* find_command(std::string_view name) {
  const auto* row = std::ranges::lower_bound(table, name, {}, &Command::name);
  return row != table.end() && row->name == name ? row : nullptr;
}

void run(Room& room, Turn& turn) {
  using protocol::Numeric;
  const auto& name = turn.message.command;
  const auto* command = find_command(name);
  if (!command) return turn.reply(Numeric::err_unknowncommand, name, "Unknown command");
  if (!command->handler) return turn.reply(Numeric::err_alreadyregistered, "You may not reregister");
  if (turn.message.params.size() < command->least_params)
    return turn.reply(Numeric::err_needmoreparams, name, "Not enough parameters");
  command->handler(room, turn);
}

}  // namespace troupe
