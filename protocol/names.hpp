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

/// What is wrong with a channel's name: it begins with '#', and holds well-formed UTF-8 without space, comma
/// or control character (U+0080 to U+009F included), nor ':' (RFC 2812 gives it a meaning of its own in a
/// channel's name). Maps to ERR_NOSUCHCHANNEL or ERR_BADCHANMASK.
std::optional<NameError> check_channel(std::string_view channel);

/// What is wrong with a channel's key (MODE +k): printable ASCII without space, comma or leading ':'.
/// Maps to ERR_INVALIDKEY.
std::optional<NameError> check_key(std::string_view key);

/// What is wrong with a ban's mask (MODE +b): spaces, control characters, a leading ':', or more than
/// `limits::mask`. Maps to ERR_INVALIDMODEPARAM.
std::optional<NameError> check_mask(std::string_view mask);

/// A user name made safe: everything but ASCII letters, digits and -_.~+[]{}\|^` removed, cut to
/// `limits::user`; empty if nothing is left.
std::string clean_user(std::string_view user);

/// True if a target names a channel rather than a nick.
inline bool is_channel(std::string_view target) { return !target.empty() && target.front() == '#'; }

/// The form under which two names are the same: casemapping `ascii`.
std::string casefold(std::string_view name);

/// True if the name matches the mask under the casemapping (Modern IRC, "Wildcard Expressions"): '*' stands
/// for any characters, '?' for one UTF-8 character, '\*' and '\?' for themselves, and any other '\' for
/// itself, as it may stand in a nick. Takes time in proportion to the product of the lengths at the worst.
bool matches(std::string_view mask, std::string_view name);

/// A ban mask in full form: "nick" becomes "nick!*@*", "user@host" becomes "*!user@host"; any part that is
/// missing or empty becomes '*'.
std::string complete_mask(std::string_view mask);

}  // namespace troupe::protocol
