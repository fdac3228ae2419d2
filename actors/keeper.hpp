#pragma once

#include "actors/interfaces.hpp"
#include "db/failover/failover.hpp"
#include "db/records.hpp"
#include "db/spool.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace troupe {

using OpenStore = std::function<std::unique_ptr<db::MessageLog>()>;
using OpenSpool = std::function<std::unique_ptr<db::Spool>()>;
using OpenRecords = std::function<std::unique_ptr<db::Records>()>;

// All keepers block while they work: each is to be spawned on a thread of its own. Their errors are those of
// the store, which `failure_in` tells.

/// What a keeper has done so far.
class KeeperWork {
 public:
  /// What `operation` returns; a store's failure becomes the error that answers the request.
  template <class Operation>
  auto answer(Operation operation) -> caf::result<decltype(operation())> {
    const auto began = std::chrono::steady_clock::now();
    try {
      auto result = operation();
      ended(began);
      return result;
    } catch (const db::StoreError& error) {
      ++failed_;
      ended(began);
      return error_of(error);
    }
  }

  Measured measure() const;

  static caf::error error_of(const db::StoreError& error);

 private:
  void ended(std::chrono::steady_clock::time_point began);

  std::size_t done_ = 0;
  std::size_t failed_ = 0;
  std::chrono::microseconds last_{};
  std::chrono::microseconds longest_{};
};

/// What a keeper works with, opened when it is first used.
template <class Kept>
class KeeperState {
 public:
  static constexpr const char* name = "keeper";

  void start(std::function<std::unique_ptr<Kept>()> open) { open_ = std::move(open); }

  /// As KeeperWork::answer, for an operation on it.
  template <class Operation>
  auto answer(Operation operation) {
    return work_.answer([&] {
      if (!kept_) kept_ = open_();
      return operation(*kept_);
    });
  }

  Measured measure() const { return work_.measure(); }

 private:
  std::function<std::unique_ptr<Kept>()> open_;
  std::unique_ptr<Kept> kept_;
  KeeperWork work_;
};

using StoreKeeperState = KeeperState<db::MessageLog>;
using SpoolKeeperState = KeeperState<db::Spool>;
using RecordsKeeperState = KeeperState<db::Records>;

/// Writes to the store on persistence's behalf.
store_keeper_actor::behavior_type store_keeper(store_keeper_actor::stateful_pointer<StoreKeeperState> self,
                                               OpenStore open);

/// Works with the spool on persistence's behalf.
spool_keeper_actor::behavior_type spool_keeper(spool_keeper_actor::stateful_pointer<SpoolKeeperState> self,
                                               OpenSpool open);

/// Works with the records on behalf of the actor of that name.
records_keeper_actor::behavior_type records_keeper(
    records_keeper_actor::stateful_pointer<RecordsKeeperState> self, OpenRecords open);

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
  KeeperWork work_;
};

/// Reads store and spool as if they were one, on the archive's behalf.
reader_actor::behavior_type reader(ReaderState::Self self, ReaderSetup setup);

/// Whether a keeper has said this, so that it may go better another time.
bool is_of_keeper(const caf::error& error);

/// What went wrong, as a keeper says it. An error that is none of a store's leaves open what was done.
db::Outcome::Failure failure_in(const caf::error& error, caf::actor_system& system);

}  // namespace troupe
