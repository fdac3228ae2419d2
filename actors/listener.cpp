#include "actors/listener.hpp"

#include <utility>

namespace troupe {

listener_actor::behavior_type listener(ListenerState::Self* self, caf::io::doorman_ptr door,
                                       const Entrance& entrance, std::shared_ptr<const Surroundings> around) {
  self->add_doorman(std::move(door));
  return {
      [self](StopListening) { self->quit(); },
      [self, entrance, around](const caf::io::new_connection_msg& message) {
        const auto client = entrance.accepted(message.handle);
        self->system().middleman().spawn_broker(connection, client->open(entrance.loop), around);
      },
      [self](const caf::io::acceptor_closed_msg&) { self->quit(); },
      [](const caf::io::new_data_msg&) {},
      [](const caf::io::connection_closed_msg&) {},
  };
}

}  // namespace troupe
