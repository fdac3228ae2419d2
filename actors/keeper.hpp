#pragma once

#include "actors/interfaces.hpp"
#include "actors/storage.hpp"

#include <memory>

namespace troupe {

/// The connections that a keeper works with.
struct KeeperSetup {
  std::function<std::unique_ptr<db::Store>()> open_store;  ///< what it appends to
  std::function<std::unique_ptr<db::Spool>()>
      open_spool;  ///< what it unloads, and reads besides; may be empty
};

class KeeperState {
 public:
  static constexpr const char* name = "keeper";
  using Self = keeper_actor::stateful_pointer<KeeperState>;

  explicit KeeperState(Self) {}

  keeper_actor::behavior_type start(KeeperSetup setup);

 private:
  db::Store& store();
  db::Spool& spool();
  std::vector<db::Message> read(const db::Query& query);

  KeeperSetup setup_;
  std::unique_ptr<db::Store> store_;
  std::unique_ptr<db::Spool> spool_;
};

/// Works with a store on behalf of other actors. It blocks while it does: to be spawned on a thread of its
/// own.
keeper_actor::behavior_type keeper(KeeperState::Self self, KeeperSetup setup);

}  // namespace troupe
