#pragma once

#include "protocol/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::client {

enum class Verb { nothing, say, me, msg, join, part, nick, list, topic, whois, away, history, help, quit };

/// One line that a person typed, understood.
struct Input {
  Verb verb = Verb::nothing;
  std::string target;     ///< the room (with its '#') or nick that is meant; empty for the current room
  std::string text;       ///< what to say, the reason, the topic; of `join` the key
  std::size_t count = 0;  ///< of `history`: how many messages

  bool operator==(const Input&) const = default;
};

/// Why a line is not understood, in words for the person.
struct InputError {
  std::string text;
};

/// Understands a line. `send <text>` and every line that is no command says the text; `leave` alone quits; a
/// command begins with one '/', and "//text" says "/text". A line of nothing but spaces is `Verb::nothing`.
Result<Input, InputError> parse_input(std::string_view line);

/// What /help shows, line by line.
std::vector<std::string> help_lines();

}  // namespace troupe::client
