#pragma once

#include "actors/interfaces.hpp"
#include "db/failover/failover.hpp"
#include "db/spool.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace troupe {

using OpenStore = std::function<std::unique_ptr<db::MessageLog>()>;
using OpenSpool = std::function<std::unique_ptr<db::Spool>()>;

// All keepers block while they work: each is to be spawned on a thread of its own. Their errors are those of
// the store, which `failure_in` tells.

class StoreKeeperState {
 public:
  static constexpr const char* name = "keeper";
  using Self = store_keeper_actor::stateful_pointer<StoreKeeperState>;

  explicit StoreKeeperState(Self) {}

  store_keeper_actor::behavior_type start(OpenStore open);

 private:
  db::MessageLog& store();

  OpenStore open_;
  std::unique_ptr<db::MessageLog> store_;
};

/// Writes to the store on persistence's behalf.
store_keeper_actor::behavior_type store_keeper(StoreKeeperState::Self self, OpenStore open);

class SpoolKeeperState {
 public:
  static constexpr const char* name = "keeper";
  using Self = spool_keeper_actor::stateful_pointer<SpoolKeeperState>;

  explicit SpoolKeeperState(Self) {}

  spool_keeper_actor::behavior_type start(OpenSpool open);

 private:
  db::Spool& spool();

  OpenSpool open_;
  std::unique_ptr<db::Spool> spool_;
};

/// Works with the spool on persistence's behalf.
spool_keeper_actor::behavior_type spool_keeper(SpoolKeeperState::Self self, OpenSpool open);

/// Opened when they are first used.
struct ReaderSetup {
  OpenStore open_store;
  OpenSpool open_spool;
};

class ReaderState {
 public:
  static constexpr const char* name = "keeper";
  using Self = reader_actor::stateful_pointer<ReaderState>;

  explicit ReaderState(Self) {}

  reader_actor::behavior_type start(ReaderSetup setup);

 private:
  std::vector<db::Message> read(const db::Query& query);
  db::Spool* spool();

  ReaderSetup setup_;
  std::unique_ptr<db::MessageLog> store_;
  std::unique_ptr<db::Spool> spool_;
};

/// Reads store and spool as if they were one, on the archive's behalf.
reader_actor::behavior_type reader(ReaderState::Self self, ReaderSetup setup);

/// What went wrong, as a keeper says it. An error that is none of a store's leaves open what was done.
db::Outcome::Failure failure_in(const caf::error& error, caf::actor_system& system);

}  // namespace troupe
