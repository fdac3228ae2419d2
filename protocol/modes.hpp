#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::protocol {

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
  std::vector<ModeChange> changes;  ///< well-formed; whether an o or v names a member is not known here
  /// A k that `check_key` refuses (ERR_INVALIDKEY), a b that `check_mask` refuses, an l that is no number
  /// above 0 (ERR_INVALIDMODEPARAM).
  std::vector<ModeChange> invalid;
  std::vector<char> unknown;  ///< ERR_UNKNOWNMODE
  std::vector<char> missing;  ///< k, l, o, v without the parameter that they need
  bool list_bans = false;     ///< b without a parameter

  bool operator==(const ChannelModeRequest&) const = default;
};

/// Reads a MODE command's parameters after the channel (Modern IRC, "MODE message"): type A modes b, B k, C
/// l, D i m n t, and the prefixes o and v. Without a sign at the beginning a mode is added. An empty argument
/// is none. Of a setting (i k l m n t) changed twice only the last change stands, which has the same effect.
/// A change with a parameter beyond `limits::modes` is dropped.
ChannelModeRequest parse_channel_modes(std::string_view modes, std::span<const std::string> arguments);

/// What a MODE command asks of a user.
struct UserModeRequest {
  std::vector<ModeChange> changes;  ///< the last one of each mode; only i there is
  bool unknown = false;             ///< ERR_UMODEUNKNOWNFLAG, once

  bool operator==(const UserModeRequest&) const = default;
};

UserModeRequest parse_user_modes(std::string_view modes);

/// The changes as a MODE message ends, "+o-v alice bob": the inverse of the parsers. A removed key is shown
/// as "*", since clients expect it to have a parameter. Empty for no changes. Parameters must not be empty
/// where the mode needs one, hold a space or start with ':'.
std::string render_mode_changes(std::span<const ModeChange> changes);

}  // namespace troupe::protocol
