#pragma once

#include <string>
#include <string_view>

namespace troupe::client {

/// The text with every byte that is not part of well-formed UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

/// The text made safe and plain for a terminal: the formatting codes of IRC clients (bold, colours…) are
/// dropped, a tab becomes a space, and every other control character (C0, C1, DEL, changes of writing
/// direction, line separators) becomes U+FFFD. Whatever others send, the result moves no cursor and ends no
/// line.
std::string printable(std::string_view text);

/// The text without the characters that would end an IRC line or disguise it as a command between clients:
/// NUL, CR, LF and 0x01.
std::string sendable(std::string_view text);

}  // namespace troupe::client
