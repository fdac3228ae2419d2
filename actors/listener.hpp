#pragma once

#include "actors/connection.hpp"
#include "actors/interfaces.hpp"

#include <memory>

namespace troupe {

struct ListenerState {
  static constexpr const char* name = "listener";
  using Self = listener_actor::stateful_broker_base<ListenerState>;
};

/// Accepts clients at the address that `door` is bound to, and forks a connection for each.
listener_actor::behavior_type listener(ListenerState::Self* self, caf::io::doorman_ptr door,
                                       std::shared_ptr<const Surroundings> around);

}  // namespace troupe
