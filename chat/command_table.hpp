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

  std::string_view name;
  Handler handler;      ///< of a registered client; null if it may only be used before
  Registers registers;  ///< of a client that registers; null if it may only be used afterwards
  /// With fewer parameters it gets ERR_NEEDMOREPARAMS. Commands whose specification gives missing parameters
  /// a numeric of their own (NICK, PRIVMSG, WHOIS, …) need none here.
  std::uint8_t least_params = 0;
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

/// The row of a command, given in upper case; null for an unknown one.
const Command* find_command(std::string_view name);

}  // namespace troupe
