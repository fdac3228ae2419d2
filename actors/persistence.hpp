#pragma once

#include "actors/interfaces.hpp"
#include "db/store.hpp"

#include <memory>

namespace troupe {

struct PersistenceState {
  static constexpr const char* name = "persistence";
  using Self = persistence_actor::stateful_pointer<PersistenceState>;
};

/// Commits batches into the store. It blocks while it does, so it is to be spawned on a thread of its own.
persistence_actor::behavior_type persistence(PersistenceState::Self self, std::shared_ptr<db::Store> store);

}  // namespace troupe
