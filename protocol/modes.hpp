#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::protocol {

/// Whether a mode takes a parameter: the types of Modern IRC, "MODE message".
enum class ModeType {
  list,      ///< A: always; without one it asks for the list
  always,    ///< B: always, though a removal is honoured without, and shown with "*"
  when_set,  ///< C: when it is set
  flag,      ///< D: never
  rank,      ///< a member's, in PREFIX: always, a nick
};

/// What has to be known of a mode in order to read it.
struct ModeSyntax {
  char letter = 0;
  ModeType type = ModeType::flag;
  bool (*is_valid)(std::string_view parameter) = nullptr;  ///< null if any parameter is
};

/// One mode set or removed, on a channel or a user.
struct ModeChange {
  enum class Sign { add, remove };

  Sign sign = Sign::add;
  char mode = 0;
  std::string parameter;  ///< empty if there is none

  bool operator==(const ModeChange&) const = default;
};

/// What a MODE command asks of a channel, in the order in which it asks. A letter stands once in `unknown`
/// and `missing`, however often it was given; what is neither ASCII letter nor digit stands in `unknown` as
/// '?'.
struct ChannelModeRequest {
  std::vector<ModeChange> changes;  ///< well-formed; whether a rank's names a member is not known here
  std::vector<ModeChange> invalid;  ///< whose parameter `is_valid` refuses
  std::vector<char> unknown;        ///< ERR_UNKNOWNMODE
  std::vector<char> missing;        ///< without the parameter that they need
  std::vector<char> lists;          ///< lists that are asked for

  bool operator==(const ChannelModeRequest&) const = default;
};

/// Reads a MODE command's parameters after the channel (Modern IRC, "MODE message"). Without a sign at the
/// beginning a mode is added. An empty argument is none. Of a setting (types B, C and D) changed twice only
/// the last change stands, which has the same effect. A change with a parameter beyond `limits::modes` is
/// dropped.
ChannelModeRequest parse_channel_modes(std::string_view modes, std::span<const std::string> arguments,
                                       std::span<const ModeSyntax> known);

/// What a MODE command asks of a user.
struct UserModeRequest {
  std::vector<ModeChange> changes;  ///< the last one of each mode
  bool unknown = false;             ///< ERR_UMODEUNKNOWNFLAG, once

  bool operator==(const UserModeRequest&) const = default;
};

/// `known` are the letters that there are.
UserModeRequest parse_user_modes(std::string_view modes, std::string_view known);

/// The changes as a MODE message ends, "+o-v alice bob": the inverse of the parsers. A removed mode of
/// type B is shown with "*": clients expect it to have a parameter, and others need not see a key. Empty for
/// no changes. Parameters must not be empty where the mode needs one, hold a space or start with ':'.
std::string render_mode_changes(std::span<const ModeChange> changes, std::span<const ModeSyntax> known);

}  // namespace troupe::protocol
