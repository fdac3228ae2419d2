#include "actors/records.hpp"

#include "actors/keeper.hpp"
#include "actors/reason.hpp"
#include "log/log.hpp"

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

using namespace std::chrono_literals;

/// How often a call is cut off that does not end.
constexpr caf::timespan cut_interval = 1s;
constexpr caf::timespan shortest_pause = 250ms;
constexpr caf::timespan longest_pause = 15s;
/// Until they have been read nobody can be shown what was said before the start: as soon as the home is
/// back, everybody waits for that.
constexpr caf::timespan longest_pause_unread = 1s;

}  // namespace

records_actor::behavior_type records(RecordsState::Self self, RecordsSetup setup) {
  return self->state.start(std::move(setup));
}

records_actor::behavior_type RecordsState::start(RecordsSetup setup) {
  setup_ = std::move(setup);
  self_->link_to(setup_.keeper);
  return {
      [this](ReadLives order) {
        longest_pause_ = longest_pause_unread;
        return attempt<LivesRead>(order);
      },
      [this](const KeepLives& order) {
        longest_pause_ = longest_pause;
        return attempt<Committed>(order);
      },
      [this](Tick) {
        alarm_.reset();
        look();
      },
      [this](Measure) -> Measured {
        return {{{"away", pause_.count() > 0}, {"asking", asking_}, {"waiting", waiting_ != nullptr}}};
      },
  };
}

/// Asks the keeper, now or when the home may be asked again.
template <class Answer, class Order>
caf::result<Answer> RecordsState::attempt(const Order& order) {
  if (asked_ || waiting_) return caf::make_error(caf::sec::runtime_error, std::string{"one at a time"});
  auto promise = self_->make_response_promise<Answer>();
  if (const auto now = self_->clock().now(); asking_ || now < not_before_) {
    waiting_ = [this, order, promise] { ask<Answer>(order, promise); };
    wake_at(std::max(now, not_before_));
  } else {
    ask<Answer>(order, promise);
  }
  return promise;
}

template <class Answer, class Order>
void RecordsState::ask(const Order& order, caf::typed_response_promise<Answer> promise) {
  asking_ = true;
  asked_ = [promise](const caf::error& error) mutable { promise.deliver(error); };
  late_at_ = self_->clock().now() + setup_.patience;
  wake_at(late_at_);
  // The answer is awaited however long it takes: until then the keeper can do nothing else.
  self_->request(setup_.keeper, caf::infinite, order)
      .then(
          [this, promise](Answer& answer) mutable {
            asking_ = false;
            if (!asked_) return look();  // it was given up before
            asked_ = nullptr;
            answered();
            promise.deliver(std::move(answer));
          },
          [this](const caf::error& error) {
            asking_ = false;
            if (asked_)
              give_up(error);
            else
              look();
          });
}

void RecordsState::answered() {
  if (std::exchange(pause_, {}).count() > 0) log::info("records are kept again");
}

void RecordsState::give_up(const caf::error& error) {
  if (pause_.count() == 0)
    log::warn("records can't be read or kept, it is tried again",
              {{"reason", reason_of(error, self_->system())}});
  pause_ = std::clamp(2 * pause_, shortest_pause, longest_pause_);
  not_before_ = self_->clock().now() + pause_;
  std::exchange(asked_, {})(error);
}

void RecordsState::look() {
  const auto now = self_->clock().now();
  if (asking_ && now >= late_at_) {
    late_at_ = now + cut_interval;
    setup_.line->cut();
    if (asked_) give_up(KeeperWork::error_of({db::StoreError::Reason::unavailable, "no answer in time"}));
  }
  if (waiting_ && !asking_ && now >= not_before_) std::exchange(waiting_, {})();
  if (asking_) wake_at(late_at_);
  if (waiting_ && !asking_) wake_at(not_before_);
}

void RecordsState::wake_at(Time time) {
  if (alarm_ && *alarm_ <= time) return;
  alarm_ = time;
  self_->delayed_send(self_, time - self_->clock().now(), Tick{});
}

}  // namespace troupe
