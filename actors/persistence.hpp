#pragma once

#include "actors/interfaces.hpp"
#include "actors/storage.hpp"

#include <memory>
#include <optional>

namespace troupe {

/// What persistence works with: a keeper each for the store and the spool, the store's one able to unload the
/// spool.
struct PersistenceSetup {
  keeper_actor store;
  keeper_actor spool;
  std::shared_ptr<db::Lifeline> line;  ///< the store's
  Storage storage;
};

class PersistenceState {
 public:
  static constexpr const char* name = "persistence";
  using Self = persistence_actor::stateful_pointer<PersistenceState>;

  explicit PersistenceState(Self self) : self_(self) {}

  persistence_actor::behavior_type start(PersistenceSetup setup);

 private:
  enum class Mode {
    home,       ///< the store is kept up to date
    away,       ///< the spool takes its place until the store answers again
    returning,  ///< the store answers: the spool is being unloaded, and new messages line up behind
  };
  struct Job {
    Messages messages;
    caf::typed_response_promise<Committed> promise;
  };

  void append(Job job);
  void commit(Job job);
  void spool(Job job);
  void last_resort(Job job);
  void go_away(const caf::error& reason);
  void try_to_return();
  void unload();
  void unloaded(std::size_t count);
  void come_home();
  void expire();

  Self self_;
  PersistenceSetup setup_;
  Mode mode_ = Mode::returning;
  bool spooling_ = false;              ///< an append to the spool is under way
  bool unloading_ = false;             ///< an Unload is under way
  std::optional<Job> held_;            ///< waits for the last of the spool to be unloaded
  bool almost_home_ = false;           ///< so little is left in the spool that new messages rather wait
  bool was_away_ = false;              ///< and the log said so
  std::chrono::milliseconds pause_{};  ///< before the next try to return
  std::size_t moved_ = 0;              ///< messages unloaded since it went away
  caf::actor_clock::time_point since_{};
  caf::actor_clock::time_point return_at_{};
  caf::actor_clock::time_point expire_at_{};
};

/// Commits what the room gives it, one batch at a time: into the store, or into the spool while the store is
/// away, so that the room never waits for a database that is gone. When the store is back, the spool moves
/// into it in order.
persistence_actor::behavior_type persistence(PersistenceState::Self self, PersistenceSetup setup);

}  // namespace troupe
