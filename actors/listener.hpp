#pragma once

#include "actors/interfaces.hpp"
#include "net/accepted.hpp"
#include "net/loop_broker.hpp"
#include "net/places.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// What the listener begins with.
struct ListenerSetup {
  std::vector<caf::io::doorman_ptr> doors;  ///< bound already
  /// The client that a door told of by this handle.
  std::function<std::shared_ptr<Accepted>(caf::io::connection_handle)> accepted;
  PlaceLimits limits;
  std::vector<switchboard_actor> switchboards;  ///< one for each event loop
};

class ListenerState {
 public:
  static constexpr const char* name = "listener";
  using Self = StatefulLoopBroker<listener_actor, ListenerState>;

  explicit ListenerState(Self* self) : self_(self) {}

  listener_actor::behavior_type start(ListenerSetup setup);

 private:
  struct Waiting {
    std::shared_ptr<Accepted> client;
    std::string address;
  };

  void accepted(const std::shared_ptr<Accepted>& client);
  void seat(const Waiting& client);
  void refuse(const Waiting& client, const std::string& reason);
  void look();
  void looked();
  void log_refusals();

  Self* self_;
  std::function<std::shared_ptr<Accepted>(caf::io::connection_handle)> take_;
  std::vector<switchboard_actor> switchboards_;
  std::optional<Places> places_;
  // Those for whom there was no place. They are looked at again when all loops have looked at their wires:
  // who has gone by now may not have been noticed yet.
  std::deque<Waiting> waiting_;
  std::size_t waiting_for_this_look_ = 0;
  std::size_t looking_ = 0;  ///< switchboards that have not answered
  // Refusals are logged once a second.
  std::size_t unlogged_ = 0;
  std::size_t refused_ = 0;  ///< in all
  std::string last_address_;
  std::string last_reason_;
  bool log_rests_ = false;
};

/// Accepts clients at all listening addresses, keeps the limits of how many there may be, and hands each to
/// the event loop with the fewest.
listener_actor::behavior_type listener(ListenerState::Self* self, ListenerSetup setup);

}  // namespace troupe
