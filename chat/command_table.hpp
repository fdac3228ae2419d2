#pragma once

#include "chat/registration.hpp"
#include "protocol/message.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace troupe {

class Room;
struct Client;
struct Turn;

/// One row of the command table: what a command does, and what is checked and paid for before it does it. A
/// new command is a function in `chat/commands/` and a row.
struct Command {
  using Handler = void (*)(Room&, Turn&);
  using Registers = void (*)(Registering&, const protocol::Message&, Response&);
  using MustWait = bool (*)(Room&, Client&, const protocol::Message&);

  /// When it may be used.
  enum class Phase : std::uint8_t {
    registering,  ///< only before registration: 462 afterwards
    registered,   ///< only after registration: 451 before
    always,
  };

  /// Where its targets stand, separated by commas. Of more than `most` the first ones are served, and
  /// ERR_TOOMANYTARGETS says so (TARGMAX; see targets.hpp).
  struct Targets {
    std::uint8_t most = 0;  ///< 0 if it has none
    std::uint8_t parameter = 0;
  };

  std::string_view name;
  Handler handler;      ///< of a registered client; null if it may only be used before
  Registers registers;  ///< of a client that registers; null if it may only be used afterwards
  /// With fewer parameters it gets ERR_NEEDMOREPARAMS. Commands whose specification gives missing parameters
  /// a numeric of their own (NICK, PRIVMSG, WHOIS, …) need none here.
  std::uint8_t least_params;
  std::uint8_t cost;  ///< of the tokens of its client's rate; for each target
  Targets targets = {};
  /// True if it can't be carried out yet: it and its client's later commands are held back. Null if it never
  /// has to wait.
  MustWait must_wait = nullptr;

  constexpr Phase phase() const {
    if (!handler) return Phase::registering;
    return registers ? Phase::always : Phase::registered;
  }
};

/// Every command, in alphabetical order.
std::span<const Command> command_table();

/// Carries out a registered client's command by its row, or says why not.
void run(Room& room, Turn& turn);

/// What a line of so many bytes costs of its client's rate: a token for each 512 bytes that it begins.
std::size_t cost_of(std::size_t bytes);
/// The same of a registered client, whose commands cost what the table says instead of the first token.
std::size_t cost_of(const Input& input, std::size_t bytes);

/// The row of a command, given in upper case; null for an unknown one.
const Command* find_command(std::string_view name);

}  // namespace troupe
