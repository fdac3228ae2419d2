#pragma once

#include "chat/turn.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace troupe {

/// One of the targets that a command names, separated by commas.
struct Target {
  std::string_view name;
  std::size_t place = 0;  ///< among all that stand there, counted from 0
};

/// The targets that a command is carried out for: each once, whatever its case, and as many as its row in the
/// command table allows.
struct Targets {
  std::vector<Target> named;
  std::string_view excess;  ///< the first one too many; empty if there is none
};

Targets targets_of(const Turn& turn);

/// Answers ERR_TOOMANYTARGETS if there were too many (ISUPPORT's TARGMAX).
void refuse_excess(Turn& turn, const Targets& targets);

}  // namespace troupe
