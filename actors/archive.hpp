#pragma once

#include "actors/interfaces.hpp"
#include "db/storage.hpp"

#include <deque>
#include <memory>
#include <optional>

namespace troupe {

class ArchiveState {
 public:
  static constexpr const char* name = "archive";
  using Self = archive_actor::stateful_pointer<ArchiveState>;

  explicit ArchiveState(Self self) : self_(self) {}

  archive_actor::behavior_type start(reader_actor reader, std::shared_ptr<db::Lifeline> line);

 private:
  using Time = caf::actor_clock::time_point;
  using Promise = caf::typed_response_promise<Recalled>;
  struct Question {
    Recall recall;
    Promise promise;
  };

  void ask();
  void answered(Recalled& found);
  void failed(const caf::error& error);
  void give_up(const caf::error& error);
  void look();
  void wake_in_time();

  Self self_;
  reader_actor reader_;
  std::shared_ptr<db::Lifeline> line_;
  std::deque<Question> waiting_;
  bool asking_ = false;           ///< the reader is at work
  std::optional<Promise> asked_;  ///< for whom; nobody if that took too long
  Time late_at_{};                ///< when the reader is to be cut off, and cut off again
  std::optional<Time> alarm_;     ///< when the next Tick comes
  std::size_t answered_ = 0;
  std::size_t failed_ = 0;
  Time away_until_{};  ///< the store did not answer lately: no use asking before then
};

/// Answers questions about the past through a reader of its own, one after the other in the order in which
/// they were asked. One that takes the reader too long fails, and with it those that wait behind it, since
/// the store does not answer; waiting itself makes none fail.
archive_actor::behavior_type archive(ArchiveState::Self self, reader_actor reader,
                                     std::shared_ptr<db::Lifeline> line);

}  // namespace troupe
