#pragma once

#include "chat/channel.hpp"
#include "protocol/modes.hpp"
#include "protocol/numerics.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace troupe {

class Room;
struct Turn;

/// One row of the table of channel modes, which parsing, applying, rights, showing and ISUPPORT all read. A
/// new flag is a row and a member of Channel.
struct ChannelMode {
  /// Carries out a change; false if it changes nothing. `change` becomes what the members are told. What is
  /// wrong with it the sender is answered.
  using Apply = bool (*)(Room&, Turn&, Channel&, protocol::ModeChange&, const ChannelMode&);
  /// Its parameter as it stands, "" for a flag; nothing if the mode is not set.
  using Shown = std::optional<std::string> (*)(const Channel&, const ChannelMode&);
  /// Answers with the list.
  using List = void (*)(Turn&, const Channel&);

  char letter;
  protocol::ModeType type;
  Rank least;  ///< who may change it
  Apply apply;
  Shown shown = nullptr;             ///< settings alone
  bool Channel::*flag = nullptr;     ///< flags alone
  bool Membership::*rank = nullptr;  ///< ranks alone
  char symbol = 0;                   ///< of a rank: what stands before the nick of who has it
  List list = nullptr;               ///< lists alone
  std::size_t most = 0;              ///< of a list: entries
  bool (*is_valid)(std::string_view parameter) = nullptr;
  std::string_view invalid = {};  ///< what is said of a parameter that is not
  protocol::Numeric refusal = protocol::Numeric::err_invalidmodeparam;
};

/// Every mode: settings in the order in which they are shown, ranks from high to low.
std::span<const ChannelMode> channel_modes();

/// What the parser has to know of each.
std::span<const protocol::ModeSyntax> channel_mode_syntax();

/// The row of a letter that is in the table.
const ChannelMode& channel_mode(char letter);

/// The letters of one type, in the table's order.
std::string channel_mode_letters(protocol::ModeType type);

}  // namespace troupe
