// What Failover tells the keepers to do, and what it makes of their answers.
#include "db/failover/failover.hpp"

#include <algorithm>
#include <utility>

namespace troupe::db {
namespace {

using namespace std::chrono_literals;
using Reason = StoreError::Reason;

/// How long the store may take for what no message waits for.
constexpr auto patience = 10s;
/// How often the store has to prove itself while it is not trusted yet.
constexpr auto ask_interval = 100ms;
/// How long the spool is left alone when it could not be tidied up.
constexpr auto chores_interval = 15s;
/// Messages that are too old go in small parts, so that no commit has to wait long.
constexpr std::size_t expire_limit = 500;
constexpr auto expire_interval = 10min;
constexpr auto expire_pause = 100ms;

std::vector<protocol::MessageId> list_of(const std::set<protocol::MessageId>& ids) {
  return {ids.begin(), ids.end()};
}

/// Why, if anything failed.
FailoverJournal::Failure what_of(const std::optional<Outcome::Failure>& failure) {
  return failure ? FailoverJournal::Failure{failure->what} : std::nullopt;
}

}  // namespace

// -- the store ---------------------------------------------------------------------------------------------

std::optional<StoreOrder> Failover::next_for_store(Time now, protocol::Time wall) {
  if (store_) return {};
  const bool for_job = is_at(Job::Place::store) || is_at(Job::Place::last_resort);
  if (mode_ == Mode::away && !for_job) return {};

  if (!revoked_in_store_.empty()) {
    ask_store(StoreTask::revoke, now);
    store_->ids = list_of(revoked_in_store_);
    return Remove{store_->ids};
  }
  if (for_job) {
    ask_store(is_at(Job::Place::store) ? StoreTask::commit : StoreTask::last_resort, now);
    store_->job = job_->number;
    return Append{job_->messages};
  }
  if (mode_ == Mode::returning && unloading_.has_part()) {
    ask_store(StoreTask::move, now);
    return Append{unloading_.take_part()};
  }
  if (mode_ == Mode::returning && unloading_.is_idle() && !unloading_.has_unread() && now >= ask_at_) {
    ask_store(StoreTask::probe, now);
    return Append{std::make_shared<const std::vector<Message>>()};
  }
  if (mode_ == Mode::home && setup_.keep.count() > 0 && now >= expire_at_) {
    ask_store(StoreTask::expire, now);
    return Expire{wall - setup_.keep, wall, expire_limit};
  }
  return {};
}

void Failover::ask_store(StoreTask task, Time now) {
  store_ = UnderWay<StoreTask>{};
  store_->task = task;
  store_->began = now;
}

/// When the store has had enough time. A message waits for it no longer than for a commit, whatever it does.
Failover::Time Failover::late_at() const {
  if (store_->late) return store_->cut_at;
  if (store_->job != 0) return store_->began + setup_.commit_timeout;
  const bool awaited = is_at(Job::Place::store) || is_at(Job::Place::last_resort);
  const Time longest = store_->began + patience;
  if (!awaited) return longest;
  const Time soon = std::max(store_->began, job_->placed) + setup_.commit_timeout;
  return std::min(longest, soon);
}

void Failover::store_ended(const Outcome& outcome, Time now) {
  const auto done = *std::exchange(store_, {});
  const auto& failure = outcome.failure;
  const bool appended = done.job != 0 || done.task == StoreTask::move;
  const bool rejected = failure && failure->reason == Reason::rejected && appended;
  if (!failure || rejected) {
    if (mode_ == Mode::returning) recovery_.worked(done.began, now);
  } else if (mode_ != Mode::away && done.task != StoreTask::expire) {
    go_away(failure->what, now);
  }
  ask_at_ = now + ask_interval;

  switch (done.task) {
    case StoreTask::commit:
    case StoreTask::last_resort:
      if (!is_job(done.job)) break;
      if (failure)
        fail_in_store(done.task, *failure, now);
      else if (!is_decided())
        place(Job::Place::kept, now);
      break;
    case StoreTask::revoke:
      if (!failure) {
        for (const auto& id : done.ids) revoked_in_store_.erase(id);
        journal_.revoked(done.ids.size());
      } else if (is_at(Job::Place::last_resort)) {
        fail_in_store(StoreTask::last_resort, {Reason::unavailable, failure->what}, now);
      }
      break;
    case StoreTask::move:
      if (!failure && unloading_.is_moving()) journal_.moved(unloading_.moved());
      if (rejected && unloading_.is_moving()) pass_over(*failure);
      // What seemed to have failed was in the spool after all, and has come home from there. Were it put
      // there once more, it would stay behind what was moved.
      if (job_ && !is_decided() && job_->messages->back().id <= unloading_.moved_to())
        place(Job::Place::kept, now);
      break;
    case StoreTask::probe:
      break;
    case StoreTask::expire:
      if (failure) journal_.not_expired(failure->what);
      journal_.expired(outcome.removed);
      expire_at_ = now + (outcome.removed == expire_limit ? Duration{expire_pause} : expire_interval);
      break;
  }
  settle(now);
}

/// The store will never take the part that was under way. The message to blame stays in the spool.
void Failover::pass_over(const Outcome::Failure& failure) {
  if (const auto message = unloading_.rejected()) journal_.set_aside(*message, failure.what);
}

// -- the spool ---------------------------------------------------------------------------------------------

std::optional<SpoolOrder> Failover::next_for_spool(Time now) {
  if (spool_) return {};
  if (is_at(Job::Place::spool) && now >= job_->not_before) {
    ask_spool(SpoolTask::append, now);
    spool_->job = job_->number;
    return Append{job_->messages};
  }
  if (const auto mark = reservation_.due(now)) {
    ask_spool(SpoolTask::reserve, now);
    reservation_.begun(*mark);
    return Reserve{*mark};
  }
  const bool due = closing_ || unloading_.has_much() || now >= ask_at_;
  if (mode_ == Mode::returning && unloading_.is_idle() && unloading_.has_unread() && due)
    return read_spool(now);
  if (now < chores_at_) return {};

  if (!revoked_in_spool_.empty()) {
    ask_spool(SpoolTask::revoke, now);
    spool_->ids = list_of(revoked_in_spool_);
    return Remove{spool_->ids};
  }
  if (!unloading_.passed_over().empty()) {
    ask_spool(SpoolTask::set_aside, now);
    spool_->ids = list_of(unloading_.passed_over());
    return SetAside{spool_->ids};
  }
  if (unloading_.has_leftovers()) {
    ask_spool(SpoolTask::discard, now);
    spool_->ids = {unloading_.moved_to()};
    return Discard{unloading_.moved_to(), Unloading::limit};
  }
  if (spool_unreadable_) return read_spool(now);
  return {};
}

void Failover::ask_spool(SpoolTask task, Time now) {
  spool_ = UnderWay<SpoolTask>{};
  spool_->task = task;
  spool_->began = now;
}

SpoolOrder Failover::read_spool(Time now) {
  ask_spool(SpoolTask::read, now);
  return Oldest{Unloading::limit, unloading_.read_to()};
}

void Failover::spool_ended(Outcome outcome, Time now) {
  const auto done = *std::exchange(spool_, {});
  const auto& failure = outcome.failure;
  switch (done.task) {
    case SpoolTask::append:
      if (!failure || failure->reason == Reason::lost) unloading_.more();
      journal_.wrote_spool(what_of(failure));
      if (!is_job(done.job)) break;
      if (failure)
        fail_in_spool(*failure, now);
      else if (!is_decided())
        place(Job::Place::kept, now);
      break;
    case SpoolTask::reserve:
      if (!failure)
        reservation_.made();
      else if (reservation_.failed(now))
        journal_.unreserved(failure->what);
      break;
    case SpoolTask::read:
      journal_.read_spool(what_of(failure));
      spool_unreadable_ = failure.has_value();
      if (!failure) {
        unloading_.found(std::move(outcome.found));
        unloading_.forget(revoked_in_spool_);
        break;
      }
      unloading_.unreadable();
      chores_at_ = now + chores_interval;
      break;
    case SpoolTask::revoke:
      if (!failure)
        for (const auto& id : done.ids) revoked_in_spool_.erase(id);
      break;
    case SpoolTask::set_aside:
      if (!failure) unloading_.set_aside(done.ids);
      break;
    case SpoolTask::discard:
      if (!failure && outcome.removed < Unloading::limit) unloading_.removed(done.ids.front());
      break;
  }
  const bool chore = done.task >= SpoolTask::revoke;
  if (chore) journal_.tidied(what_of(failure));
  if (chore && failure) chores_at_ = now + chores_interval;
  settle(now);
}

}  // namespace troupe::db
