#pragma once

#include "protocol/limits.hpp"
#include "protocol/message.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace troupe::fuzz {

/// Ends the program, which is how the fuzzer is told of a finding, unless `holds`; `what` should have held.
inline void check(bool holds, std::string_view what, std::string_view about = {}) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  for (const unsigned char c : about)
    if (c >= 0x20 && c < 0x7F)
      std::fputc(c, stderr);
    else
      std::fprintf(stderr, "\\x%02X", c);
  std::fputc('\n', stderr);
  std::abort();
}

/// Checks that all of it is lines as a peer may send them: each ends in CR LF and has neither of them nor NUL
/// within, is UTF-8 and a message, and is as short as it has to be.
inline void check_lines(std::string_view bytes, std::size_t longest_tags) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    check(end != std::string_view::npos && end > 0 && bytes[end - 1] == '\r', "a line ends in CR LF", bytes);
    const auto line = bytes.substr(0, end - 1);
    const auto message = protocol::parse(line, longest_tags);
    check(message || message.error() != protocol::ParseError::too_long, "a line has at most 512 bytes", line);
    check(message || message.error() != protocol::ParseError::tags_too_long, "tags are in their bound", line);
    check(message || message.error() != protocol::ParseError::invalid_utf8, "a line is UTF-8", line);
    check(static_cast<bool>(message), "a line is a message", line);
    bytes.remove_prefix(end + 1);
  }
}

}  // namespace troupe::fuzz
