#include "chat/command_table.hpp"

#include "chat/commands/commands.hpp"
#include "protocol/limits.hpp"

#include <algorithm>
#include <array>

namespace troupe {
namespace {

namespace limits = protocol::limits;
using namespace commands;

constexpr Command::Registers none = nullptr;

// Costs: what a user does by hand, or a client for each of its channels when it comes back, costs one; what
// looks through all channels or users, or is told to everybody who shares a channel, costs more. JOIN and
// PART have as many targets as a line of common names can hold.
// clang-format off
constexpr std::array<Command, 28> table = {{
    // name         registered   registering     least params, cost, targets (in which parameter), may have to wait
    {"AWAY",        away,        none,                 0, 2},
    {"CAP",         cap,         registering::cap,     1, 1},
    {"CHATHISTORY", chathistory, none,                 0, 2, {},      chathistory_must_wait},
    {"INVITE",      invite,      none,                 0, 4},
    {"ISON",        ison,        none,                 1, 1},
    {"JOIN",        join,        none,                 1, 1, {50}},
    {"KICK",        kick,        none,                 2, 1, {8, 1}},
    {"LIST",        list,        none,                 0, 2, {8}},
    {"LUSERS",      lusers,      none,                 0, 1},
    {"MODE",        mode,        none,                 1, 1},
    {"MOTD",        motd,        none,                 0, 2},
    {"NAMES",       names,       none,                 0, 2, {8}},
    {"NICK",        nick,        registering::nick,    0, 2},
    {"NOTICE",      notice,      none,                 0, 1, {4}},
    {"PART",        part,        none,                 1, 1, {50}},
    {"PASS",        nullptr,     registering::pass,    1, 1},
    {"PING",        ping,        registering::ping,    0, 1},
    {"PONG",        pong,        registering::nothing, 0, 1},
    {"PRIVMSG",     privmsg,     none,                 0, 1, {4}},
    {"QUIT",        quit,        registering::nothing, 0, 1},
    {"SETNAME",     setname,     none,                 1, 2},
    {"TAGMSG",      tagmsg,      none,                 0, 1, {4}},
    {"TOPIC",       topic,       none,                 1, 1},
    {"USER",        nullptr,     registering::user,    4, 1},
    {"USERHOST",    userhost,    none,                 1, 1},
    {"VERSION",     version,     none,                 0, 2},
    {"WHO",         who,         none,                 0, 3},
    {"WHOIS",       whois,       none,                 0, 2, {1}},
}};
// clang-format on

static_assert(std::ranges::is_sorted(table, {}, &Command::name));

}  // namespace

std::span<const Command> command_table() { return table; }

const Command* find_command(std::string_view name) {
  const auto* row = std::ranges::lower_bound(table, name, {}, &Command::name);
  return row != table.end() && row->name == name ? row : nullptr;
}

std::size_t cost_of(std::size_t bytes) { return bytes == 0 ? 1 : (bytes - 1) / limits::line + 1; }

std::size_t cost_of(const Input& input, std::size_t bytes) {
  const auto* command = input ? find_command(input->command) : nullptr;
  if (!command) return cost_of(bytes);
  // "JOIN 0" parts all channels.
  constexpr std::size_t part_all = 10;
  if (input->command == "JOIN" && input->params.size() == 1 && input->params.front() == "0") return part_all;
  const auto& [most, parameter] = command->targets;
  std::size_t targets = 1;
  if (most > 0 && parameter < input->params.size())
    targets += static_cast<std::size_t>(std::ranges::count(input->params[parameter], ','));
  return command->cost * std::min<std::size_t>(targets, std::max<std::size_t>(most, 1)) + cost_of(bytes) - 1;
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
