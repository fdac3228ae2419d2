#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace troupe::protocol {

/// Why a name or text is refused.
enum class NameError { empty, too_long, invalid_characters };

/// What is wrong with a nick: anything but ASCII letters, digits and -_[]{}\|^` is invalid, so are a leading
/// digit or '-' (Modern IRC, "Clients"; narrower than it must be, so that no nick resembles another).
/// Maps to ERR_NONICKNAMEGIVEN (empty) and ERR_ERRONEUSNICKNAME.
std::optional<NameError> check_nick(std::string_view nick);

/// What is wrong with a channel's name: it begins with '#', and holds no space, comma, BELL or control
/// character, nor ':' (which no message could carry). Maps to ERR_NOSUCHCHANNEL or ERR_BADCHANMASK.
std::optional<NameError> check_channel(std::string_view channel);

/// What is wrong with a channel's key (MODE +k): printable ASCII without space, comma or leading ':'.
/// Maps to ERR_INVALIDKEY.
std::optional<NameError> check_key(std::string_view key);

/// A user name made safe: invalid characters removed, cut to `limits::user`; empty if nothing is left.
std::string clean_user(std::string_view user);

/// True if a target names a channel rather than a nick.
inline bool is_channel(std::string_view target) { return !target.empty() && target.front() == '#'; }

/// The form under which two names are the same: casemapping `ascii`.
std::string casefold(std::string_view name);

/// True if the name matches a mask of '*', '?' and '\' under the casemapping (Modern IRC, "Wildcard
/// Expressions"). Takes time in proportion to the product of the lengths at the worst.
bool matches(std::string_view mask, std::string_view name);

/// A ban mask in full form: "nick" becomes "nick!*@*", "user@host" becomes "*!user@host".
std::string complete_mask(std::string_view mask);

}  // namespace troupe::protocol
