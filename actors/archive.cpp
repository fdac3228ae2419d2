#include "actors/archive.hpp"

#include "actors/keeper.hpp"
#include "actors/reason.hpp"
#include "log/log.hpp"

#include <utility>

namespace troupe {
namespace {

/// How long the reader may take for one question.
constexpr std::chrono::seconds patience{5};
/// How often a call is cut off that does not end.
constexpr std::chrono::seconds cut_interval{1};
/// How long the store is left alone when it did not answer.
constexpr std::chrono::seconds pause{1};
/// Questions that wait; the room has few at a time for each client.
constexpr std::size_t most_waiting = 1000;

caf::error error_of(const char* what) { return caf::make_error(caf::sec::runtime_error, std::string{what}); }

}  // namespace

archive_actor::behavior_type archive(ArchiveState::Self self, reader_actor reader,
                                     std::shared_ptr<db::Lifeline> line) {
  return self->state.start(std::move(reader), std::move(line));
}

archive_actor::behavior_type ArchiveState::start(reader_actor reader, std::shared_ptr<db::Lifeline> line) {
  reader_ = std::move(reader);
  line_ = std::move(line);
  self_->link_to(reader_);
  return {
      [this](const Recall& question) -> caf::result<Recalled> {
        const bool stuck = asking_ && !asked_;
        if (stuck || self_->clock().now() < away_until_) return error_of("the database is away");
        if (waiting_.size() >= most_waiting) return error_of("too many questions about the past are waiting");
        auto promise = self_->make_response_promise<Recalled>();
        waiting_.push_back({question, promise});
        ask();
        return promise;
      },
      [this](Tick) {
        alarm_.reset();
        look();
      },
      [this](Measure) -> Measured {
        return {{{"asking", asking_},
                 {"waiting", waiting_.size()},
                 {"answered", answered_},
                 {"failed", failed_},
                 {"away", self_->clock().now() < away_until_}}};
      },
  };
}

/// Passes the next question on to the reader if it is free.
void ArchiveState::ask() {
  if (asking_ || waiting_.empty()) return;
  auto question = std::move(waiting_.front());
  waiting_.pop_front();
  asking_ = true;
  asked_ = std::move(question.promise);
  late_at_ = self_->clock().now() + patience;
  wake_in_time();
  // The answer is awaited however long it takes: until then the reader can do nothing else.
  self_->request(reader_, caf::infinite, std::move(question.recall))
      .then([this](Recalled& found) { answered(found); }, [this](const caf::error& error) { failed(error); });
}

void ArchiveState::answered(Recalled& found) {
  asking_ = false;
  ++answered_;
  if (auto promise = std::exchange(asked_, {})) promise->deliver(std::move(found));
  ask();
}

void ArchiveState::failed(const caf::error& error) {
  asking_ = false;
  ++failed_;
  if (!asked_) return ask();  // it was given up before
  const auto failure = failure_in(error, self_->system());
  const bool away =
      failure.reason == db::StoreError::Reason::unavailable || failure.reason == db::StoreError::Reason::lost;
  if (away) return give_up(error);
  log::warn("history not read", {{"reason", failure.what}});
  std::exchange(asked_, {})->deliver(error);
  ask();
}

/// The store does not answer: nobody who waits is to wait for each other's patience.
void ArchiveState::give_up(const caf::error& error) {
  log::warn("history not read",
            {{"reason", reason_of(error, self_->system())}, {"questions", 1 + waiting_.size()}});
  away_until_ = self_->clock().now() + pause;
  std::exchange(asked_, {})->deliver(error);
  for (auto& question : std::exchange(waiting_, {})) question.promise.deliver(error);
}

void ArchiveState::look() {
  if (!asking_) return;
  if (const auto now = self_->clock().now(); now >= late_at_) {
    late_at_ = now + cut_interval;
    line_->cut();
    if (asked_) give_up(error_of("the database does not answer"));
  }
  wake_in_time();
}

void ArchiveState::wake_in_time() {
  if (alarm_) return;  // it is no later, and then it is looked again
  alarm_ = late_at_;
  self_->delayed_send(self_, late_at_ - self_->clock().now(), Tick{});
}

}  // namespace troupe
