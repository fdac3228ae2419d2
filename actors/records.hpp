#pragma once

#include "actors/interfaces.hpp"
#include "actors/keeper.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace troupe {

/// What the actor works with.
struct RecordsSetup {
  records_keeper_actor keeper;
  std::shared_ptr<db::Lifeline> line;       ///< the keeper's
  std::chrono::milliseconds patience{500};  ///< how long a request may take
};

class RecordsState {
 public:
  static constexpr const char* name = "records";
  using Self = records_actor::stateful_pointer<RecordsState>;

  explicit RecordsState(Self self) : self_(self) {}

  records_actor::behavior_type start(RecordsSetup setup);

 private:
  using Time = caf::actor_clock::time_point;

  template <class Answer, class Order>
  caf::result<Answer> attempt(const Order& order);
  template <class Answer, class Order>
  void ask(const Order& order, caf::typed_response_promise<Answer> promise);
  void answered();
  void give_up(const caf::error& error);
  void look();
  void wake_at(Time time);

  Self self_;
  RecordsSetup setup_;
  std::function<void()> waiting_;  ///< the attempt that is put off while the home is left alone
  bool asking_ = false;            ///< the keeper is at work
  std::function<void(const caf::error&)>
      asked_;                      ///< how to tell who asked that it failed; null if that was done
  Time late_at_{};                 ///< when it is to be cut off, and cut off again
  Time not_before_{};              ///< when the home may be asked again
  caf::timespan pause_{};          ///< how long it is left alone; 0: it is well
  caf::timespan longest_pause_{};  ///< it grows up to this
  std::optional<Time> alarm_;      ///< when the next Tick comes
};

/// Reads and writes records, one request at a time: whoever asks waits for the answer before it asks again.
/// One that fails, or takes too long, is answered with the error; the next one is put off then, so that who
/// goes on asking leaves the home alone for a while that grows from 250 ms to 15 s, or to 1 s before they
/// have been read.
records_actor::behavior_type records(RecordsState::Self self, RecordsSetup setup);

}  // namespace troupe
