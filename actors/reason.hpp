#pragma once

#include <caf/all.hpp>

#include <string>

namespace troupe {

/// What an error says: the text of one that a store caused, else what CAF makes of it.
std::string reason_of(const caf::error& error, caf::actor_system& system);

}  // namespace troupe
