#include "db/failover/failover.hpp"

#include <algorithm>
#include <utility>

namespace troupe::db {
namespace {

using namespace std::chrono_literals;
using Reason = StoreError::Reason;

/// How often a call is cut off that does not end.
constexpr auto cut_interval = 1s;
/// How long messages of unknown outcome are held back before they are refused and revoked, and the pauses
/// between attempts to keep them meanwhile.
constexpr auto longest_doubt = 10s;
constexpr auto doubt_interval = 250ms;

}  // namespace

Failover::Failover(Setup setup, Time now)
    : setup_(std::move(setup)), recovery_(setup_.commit_timeout), journal_(setup_.spool_name, now) {
  ask_at_ = chores_at_ = expire_at_ = now;
  if (!setup_.at_home) return;
  mode_ = Mode::home;
  unloading_.nothing();
}

// -- the modes ---------------------------------------------------------------------------------------------

/// home or returning → away.
void Failover::go_away(const std::string& reason, Time now) {
  mode_ = Mode::away;
  closing_ = false;
  recovery_.left(now);
  unloading_.interrupted();
  if (is_at(Job::Place::store) || is_at(Job::Place::held)) place(Job::Place::spool, now);

  journal_.away(reason, recovery_.calm(), now);
}

/// All other ways from one mode to another.
void Failover::settle(Time now) {
  switch (mode_) {
    case Mode::home:
      if (!unloading_.has_unread() && unloading_.is_idle()) return;
      break;  // → returning: what the store rejected has gone to the spool
    case Mode::away:
      if (store_ || now < recovery_.try_at()) return;
      break;  // → returning
    case Mode::returning:
      if (!recovery_.is_calm(now) || unloading_.has_much()) {
        closing_ = false;
        if (is_at(Job::Place::held)) place(Job::Place::spool, now);
      } else if (!store_ && unloading_.is_idle() && revoked_in_store_.empty()) {
        closing_ = true;
        if (!unloading_.has_unread() && !is_spooling()) come_home(now);
      }
      return;
  }
  mode_ = Mode::returning;
  ask_at_ = now;
}

/// returning → home.
void Failover::come_home(Time now) {
  mode_ = Mode::home;
  closing_ = false;
  recovery_.came_home(now);
  // What waits for its turn at the spool need not go there any more.
  if (is_at(Job::Place::held) || (is_at(Job::Place::spool) && job_->spool_failure.empty()))
    place(Job::Place::store, now);

  journal_.came_home(now);
}

// -- the job -----------------------------------------------------------------------------------------------

void Failover::append(Messages messages, Time now) {
  job_ = Job{};
  job_->number = ++jobs_;
  job_->messages = std::move(messages);
  job_->since = now;
  reservation_.use(job_->messages->back().id);
  place(mode_ == Mode::home ? Job::Place::store : closing_ ? Job::Place::held : Job::Place::spool, now);
}

void Failover::place(Job::Place place, Time now) {
  job_->place = place;
  job_->placed = now;
}

/// Whether no attempt to keep the job may have been kept, or may still be.
bool Failover::is_certain() const {
  const bool under_way = (store_ && is_job(store_->job)) || (spool_ && is_job(spool_->job));
  return !job_->store_in_doubt && !job_->spool_in_doubt && !under_way;
}

void Failover::fail_in_spool(const Outcome::Failure& failure, Time now) {
  job_->spool_failure = failure.what;
  if (failure.reason == Reason::lost) job_->spool_in_doubt = true;
  if (job_->place != Job::Place::spool) return;
  if (job_->was_last_resort && is_certain()) return refuse(now);
  place(Job::Place::last_resort, now);
}

void Failover::fail_in_store(StoreTask task, const Outcome::Failure& failure, Time now) {
  job_->store_failure = failure.what;
  if (failure.reason == Reason::lost) job_->store_in_doubt = true;
  if (job_->place == Job::Place::store) return place(Job::Place::spool, now);
  if (task == StoreTask::commit || is_decided()) return;
  job_->was_last_resort = true;
  if (is_certain()) return refuse(now);
  ask_again_in_spool(now);
}

void Failover::ask_again_in_spool(Time now) {
  if (!is_at(Job::Place::last_resort)) return;
  place(Job::Place::spool, now);
  job_->not_before = now + doubt_interval;
}

void Failover::refuse(Time now) {
  if (!is_certain()) {
    const bool in_spool = job_->spool_in_doubt || (spool_ && is_job(spool_->job));
    for (const auto& message : *job_->messages) {
      revoked_in_store_.insert(message.id);
      if (in_spool) revoked_in_spool_.insert(message.id);
    }
    if (in_spool) unloading_.interrupted();  // they may be on their way from there
    journal_.refused_in_doubt(job_->messages->size(), now - job_->since);
  }
  place(Job::Place::refused, now);
}

std::optional<Verdict> Failover::take_verdict() {
  const bool refused = is_at(Job::Place::refused);
  if (!refused && !(is_at(Job::Place::kept) && reservation_.covers())) return {};
  Verdict verdict;
  if (refused) {
    const auto or_silent = [](const std::string& text) { return text.empty() ? "no answer" : text; };
    verdict.refused = "neither database nor spool can be written: " + or_silent(job_->store_failure) + "; " +
                      or_silent(job_->spool_failure);
  }
  job_.reset();
  return verdict;
}

// -- time --------------------------------------------------------------------------------------------------

void Failover::look(Time now) {
  if (store_ && now >= late_at()) {
    cut_ = true;
    store_->cut_at = now + cut_interval;
    if (!std::exchange(store_->late, true) && mode_ != Mode::away) go_away("no answer in time", now);
  }
  if (is_at(Job::Place::held) && now >= end_of_holding()) place(Job::Place::spool, now);
  if (store_ && store_->late && is_at(Job::Place::last_resort) && now >= job_->placed + doubt_interval)
    ask_again_in_spool(now);
  if (job_ && !is_decided() && now >= job_->since + longest_doubt) refuse(now);
  if (is_at(Job::Place::kept) && !reservation_.covers() && now >= job_->since + setup_.commit_timeout &&
      reservation_.gave_up(now))
    journal_.unreserved("no answer in time");
  settle(now);
}

std::optional<Failover::Time> Failover::wake_at(Time now) const {
  std::optional<Time> next;
  // What was due before and has not been done waits for something else to end.
  const auto at = [&](Time time) {
    if (time > now) next = std::min(next.value_or(time), time);
  };
  if (store_) at(late_at());
  if (is_at(Job::Place::held)) at(end_of_holding());
  if (job_ && !is_decided()) {
    at(job_->not_before);
    if (is_at(Job::Place::last_resort)) at(job_->placed + doubt_interval);
    at(job_->since + longest_doubt);
  }
  if (is_at(Job::Place::kept)) at(job_->since + setup_.commit_timeout);
  if (mode_ == Mode::away) at(recovery_.try_at());
  if (mode_ == Mode::returning) at(ask_at_);
  if (!revoked_in_spool_.empty() || !unloading_.passed_over().empty() || unloading_.has_leftovers() ||
      spool_unreadable_)
    at(chores_at_);
  if (mode_ == Mode::home && setup_.keep.count() > 0) at(expire_at_);
  return next;
}

std::vector<Figure> Failover::measure() const {
  return {{"home", mode_ == Mode::home},
          {"away", mode_ == Mode::away},
          {"returning", mode_ == Mode::returning},
          {"batches", jobs_},
          {"waiting_messages", job_ ? job_->messages->size() : 0},
          {"store_busy", store_.has_value()},
          {"spool_busy", spool_.has_value()},
          {"spool_unread", unloading_.has_unread()},
          {"moving_messages", unloading_.in_memory()},
          {"moved_messages", journal_.moved_in_all()},
          {"revoked_messages", revoked_in_store_.size()}};
}

/// A message that waits for the last of the spool to be moved still has a commit before it.
Failover::Time Failover::end_of_holding() const { return job_->placed + setup_.commit_timeout / 2; }

}  // namespace troupe::db
