#include "client/clean.hpp"

#include "protocol/text.hpp"

#include <algorithm>
#include <cstddef>

namespace troupe::client {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// The length of the run, of at most `most` characters, that `text` begins with.
template <class Predicate>
std::size_t run(std::string_view text, std::size_t most, Predicate matches) {
  text = text.substr(0, most);
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), matches) - text.begin());
}

// The length of a colour's parameters, "foreground[,background]", each of at most `most` characters.
template <class Predicate>
std::size_t colours(std::string_view text, std::size_t most, Predicate matches) {
  const auto foreground = run(text, most, matches);
  if (foreground == 0 || text.substr(foreground, 1) != ",") return foreground;
  const auto background = run(text.substr(foreground + 1), most, matches);
  return background == 0 ? foreground : foreground + 1 + background;
}

// The length of the formatting code that `text` begins with, or 0 (modern.ircdocs.horse/formatting).
std::size_t formatting_code(std::string_view text) {
  switch (text.front()) {
    case 0x02:  // bold
    case 0x0F:  // reset
    case 0x11:  // monospace
    case 0x16:  // reverse
    case 0x1D:  // italics
    case 0x1E:  // strikethrough
    case 0x1F:  // underline
      return 1;
    case 0x03:
      return 1 + colours(text.substr(1), 2, is_digit);
    case 0x04:
      return 1 + colours(text.substr(1), 6, is_hex);
    default:
      return 0;
  }
}

// The length of the control character that `text` begins with, or 0.
std::size_t control_character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x20 || first == 0x7F) return 1;
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  if (first == 0xC2 && byte(1) < 0xA0) return 2;                                         // C1
  if (first == 0xE2 && byte(1) == 0x80 && byte(2) >= 0xA8 && byte(2) <= 0xAE) return 3;  // U+2028…U+202E
  if (first == 0xE2 && byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9) return 3;  // U+2066…U+2069
  return 0;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  if (protocol::is_utf8(text)) return std::string(text);
  std::string valid;
  while (!text.empty()) {
    std::size_t length = 1;
    while (length <= 4 && length <= text.size() && !protocol::is_utf8(text.substr(0, length))) ++length;
    const bool found = length <= 4 && length <= text.size();
    valid += found ? text.substr(0, length) : replacement;
    text.remove_prefix(found ? length : 1);
  }
  return valid;
}

std::string printable(std::string_view text) {
  const std::string whole = valid_utf8(text);
  std::string clean;
  for (std::string_view rest = whole; !rest.empty();) {
    if (const auto code = formatting_code(rest)) {
      rest.remove_prefix(code);
    } else if (const auto control = control_character(rest)) {
      clean += rest.front() == '\t' ? " " : replacement;
      rest.remove_prefix(control);
    } else {
      clean += rest.front();
      rest.remove_prefix(1);
    }
  }
  return clean;
}

std::string sendable(std::string_view text) {
  std::string clean(text);
  std::erase_if(clean, [](char c) { return c == '\0' || c == '\r' || c == '\n' || c == '\x01'; });
  return clean;
}

}  // namespace troupe::client
