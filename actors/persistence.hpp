#pragma once

#include "actors/interfaces.hpp"
#include "db/failover/failover.hpp"
#include "db/storage.hpp"
#include "protocol/wall_clock.hpp"

#include <memory>
#include <optional>

namespace troupe {

/// What persistence works with.
struct PersistenceSetup {
  store_keeper_actor store;
  spool_keeper_actor spool;
  std::shared_ptr<db::Lifeline> line;  ///< the store's
  Storage storage;
  protocol::WallClock wall_clock = protocol::system_time;
};

class PersistenceState {
 public:
  static constexpr const char* name = "persistence";
  using Self = persistence_actor::stateful_pointer<PersistenceState>;

  explicit PersistenceState(Self self) : self_(self) {}

  persistence_actor::behavior_type start(PersistenceSetup setup);

 private:
  void go_on();
  template <class Keeper, class Order, class Ended>
  void request(const Keeper& keeper, Order order, Ended ended);
  void wake_in_time();

  Self self_;
  PersistenceSetup setup_;
  std::optional<db::Failover> failover_;
  std::optional<caf::typed_response_promise<Committed>> promise_;  ///< for what has no verdict yet
  std::optional<db::Failover::Time> alarm_;                        ///< when the next Tick comes
};

/// Commits what the room gives it, one batch at a time: into the store, or into the spool while the store is
/// away, so that the room never waits for a database that is gone. `Failover` decides; this carries it out.
persistence_actor::behavior_type persistence(PersistenceState::Self self, PersistenceSetup setup);

}  // namespace troupe
