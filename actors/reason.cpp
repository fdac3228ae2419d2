#include "actors/reason.hpp"

namespace troupe {

std::string reason_of(const caf::error& error, caf::actor_system& system) {
  const auto& context = error.context();
  return context.match_elements<std::string>() ? context.get_as<std::string>(0) : system.render(error);
}

}  // namespace troupe
