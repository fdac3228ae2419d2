#pragma once

#include "actors/interfaces.hpp"
#include "actors/storage.hpp"

#include <memory>

namespace troupe {

class ArchiveState {
 public:
  static constexpr const char* name = "archive";
  using Self = archive_actor::stateful_pointer<ArchiveState>;

  explicit ArchiveState(Self self) : self_(self) {}

  archive_actor::behavior_type start(keeper_actor keeper, std::shared_ptr<db::Lifeline> line);

 private:
  Self self_;
  keeper_actor keeper_;
  std::shared_ptr<db::Lifeline> line_;
  caf::actor_clock::time_point away_until_{};  ///< the store did not answer lately: no use asking before then
};

/// Answers questions about the past through a keeper of its own, and gives up on one that takes too long.
archive_actor::behavior_type archive(ArchiveState::Self self, keeper_actor keeper,
                                     std::shared_ptr<db::Lifeline> line);

}  // namespace troupe
