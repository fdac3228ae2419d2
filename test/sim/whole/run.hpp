#pragma once

#include "test/sim/whole/model.hpp"
#include "test/sim/whole/plan.hpp"
#include "test/sim/whole/world.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace troupe::sim {

/// How a run ended.
struct Ended {
  std::optional<Violation> violation;  ///< nothing: all that was promised held
  std::size_t step = 0;                ///< at which it was seen; their number if only at the end
  std::uint64_t happened = 0;          ///< see World::happened
};

/// Carries out a script. `tell` is told all that happens, and may be null.
Ended run(
    const Script& script,
    const std::function<void(std::size_t step, std::string_view who, std::string_view what)>& tell = {});

/// The shortest script found within so many runs that ends in a violation of the same kind.
Script shrink(Script script, const std::string& kind, std::size_t runs);

}  // namespace troupe::sim
