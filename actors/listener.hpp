#pragma once

#include "actors/connection.hpp"
#include "actors/interfaces.hpp"
#include "net/accepted.hpp"

#include <functional>
#include <memory>

namespace troupe {

struct ListenerState {
  static constexpr const char* name = "listener";
  using Self = listener_actor::stateful_broker_base<ListenerState>;
};

/// What a listener lets clients in by.
struct Entrance {
  /// The client that a door told of by this handle.
  std::function<std::shared_ptr<Accepted>(caf::io::connection_handle)> accepted;
  std::shared_ptr<WireLoop> loop;
};

/// Accepts clients at the address that `door` is bound to, and forks a connection for each.
listener_actor::behavior_type listener(ListenerState::Self* self, caf::io::doorman_ptr door,
                                       const Entrance& entrance, std::shared_ptr<const Surroundings> around);

}  // namespace troupe
