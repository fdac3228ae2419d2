#include "actors/persistence.hpp"

#include "actors/log.hpp"
#include "actors/reason.hpp"

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds shortest_pause{250};
constexpr milliseconds longest_pause{15'000};
/// How long moving one part of the spool may take.
constexpr milliseconds unload_timeout{10'000};
constexpr std::size_t unload_limit = 1000;
/// Messages that are too old go in small parts, so that no commit has to wait long.
constexpr std::size_t expire_limit = 500;
constexpr std::chrono::minutes expire_interval{10};

}  // namespace

persistence_actor::behavior_type persistence(PersistenceState::Self self, PersistenceSetup setup) {
  return self->state.start(std::move(setup));
}

persistence_actor::behavior_type PersistenceState::start(PersistenceSetup setup) {
  setup_ = std::move(setup);
  self_->link_to(setup_.store);
  self_->link_to(setup_.spool);
  since_ = self_->clock().now();
  // An earlier run may have left something in the spool.
  try_to_return();
  if (setup_.storage.keep.count() > 0) expire();
  return {
      [this](const Append& order) -> caf::result<Committed> {
        auto promise = self_->make_response_promise<Committed>();
        append({order.messages, promise});
        return promise;
      },
      [this](Tick) {
        const auto now = self_->clock().now();
        if (mode_ == Mode::away && now >= return_at_) try_to_return();
        if (setup_.storage.keep.count() > 0 && now >= expire_at_) expire();
      },
  };
}

void PersistenceState::append(Job job) {
  if (mode_ == Mode::home) return commit(std::move(job));
  if (almost_home_) {
    held_ = std::move(job);
    return;
  }
  spool(std::move(job));
}

void PersistenceState::commit(Job job) {
  self_->request(setup_.store, setup_.storage.commit_timeout, Append{job.messages})
      .then([job](Committed) mutable { job.promise.deliver(Committed{}); },
            [this, job](const caf::error& error) mutable {
              // Whether it was kept is not known; kept twice it will not be, since the spool has the same
              // ids.
              go_away(error);
              spool(std::move(job));
            });
}

void PersistenceState::spool(Job job) {
  spooling_ = true;
  const auto done = [this] {
    spooling_ = false;
    if (almost_home_ && !unloading_) unload();
  };
  self_->request(setup_.spool, caf::infinite, Append{job.messages})
      .then(
          [job, done](Committed) mutable {
            job.promise.deliver(Committed{});
            done();
          },
          [this, job, done](const caf::error&) mutable {
            last_resort(std::move(job));
            done();
          });
}

/// The spool is full: perhaps the store answers, although the spool has not been unloaded yet. The order of
/// ids is the order of messages, wherever they come from.
void PersistenceState::last_resort(Job job) {
  self_->request(setup_.store, setup_.storage.commit_timeout, Append{job.messages})
      .then([job](Committed) mutable { job.promise.deliver(Committed{}); },
            [this, job](const caf::error& error) mutable {
              setup_.line->cut();
              job.promise.deliver(caf::make_error(
                  caf::sec::runtime_error,
                  "neither database nor spool can be written: " + self_->system().render(error)));
            });
}

void PersistenceState::go_away(const caf::error& reason) {
  setup_.line->cut();
  if (!std::exchange(was_away_, true)) {
    since_ = self_->clock().now();
    log::error("database away, messages go to the spool",
               {{"spool", setup_.storage.spool_name}, {"reason", reason_of(reason, self_->system())}});
  }
  mode_ = Mode::away;
  almost_home_ = false;
  pause_ = std::clamp(2 * pause_, shortest_pause, longest_pause);
  return_at_ = self_->clock().now() + pause_;
  self_->delayed_send(self_, pause_, Tick{});
  if (held_) spool(*std::exchange(held_, {}));
}

void PersistenceState::try_to_return() {
  mode_ = Mode::returning;
  unload();
}

void PersistenceState::unload() {
  unloading_ = true;
  // The last part is small, and new messages wait for it: no longer than for a commit.
  const auto patience = almost_home_ ? setup_.storage.commit_timeout : unload_timeout;
  self_->request(setup_.store, patience, Unload{unload_limit})
      .then(
          [this](Unloaded moved) {
            unloading_ = false;
            unloaded(moved.count);
          },
          [this](const caf::error& error) {
            unloading_ = false;
            go_away(error);
          });
}

void PersistenceState::unloaded(std::size_t count) {
  moved_ += count;
  if (count < unload_limit) almost_home_ = true;
  if (almost_home_ && spooling_) return;  // it unloads again when that is done
  if (count > 0) return unload();
  if (almost_home_) come_home();
}

void PersistenceState::come_home() {
  const auto away = std::chrono::duration_cast<milliseconds>(self_->clock().now() - since_);
  if (was_away_)
    log::info("database back, spool unloaded", {{"messages", moved_}, {"away_ms", away.count()}});
  else if (moved_ > 0)
    log::info("spool of an earlier run unloaded", {{"messages", moved_}});
  mode_ = Mode::home;
  was_away_ = almost_home_ = false;
  moved_ = 0;
  pause_ = {};
  if (held_) commit(*std::exchange(held_, {}));
}

void PersistenceState::expire() {
  const auto now = std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
  const auto later = [this](milliseconds pause) {
    expire_at_ = self_->clock().now() + pause;
    self_->delayed_send(self_, pause, Tick{});
  };
  expire_at_ = caf::actor_clock::time_point::max();
  if (mode_ != Mode::home) return later(expire_interval);
  self_->request(setup_.store, caf::infinite, Expire{now - setup_.storage.keep, expire_limit})
      .then(
          [this, later](Expired removed) {
            if (removed.count > 0) log::info("removed old messages", {{"messages", removed.count}});
            if (removed.count == expire_limit)
              later(milliseconds{100});
            else
              later(expire_interval);
          },
          [later](const caf::error&) { later(expire_interval); });
}

}  // namespace troupe
