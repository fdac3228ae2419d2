#pragma once

#include <caf/all.hpp>

#include <string>
#include <string_view>

namespace troupe {

/// A text from outside as a value in the log: in quotes, and with nothing in it that could end them, or
/// control a terminal.
std::string in_quotes(std::string_view text);

/// What an error says: the text of one that a store caused, else what CAF makes of it.
std::string reason_of(const caf::error& error, caf::actor_system& system);

}  // namespace troupe
