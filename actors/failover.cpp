#include "actors/failover.hpp"

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using Level = Failover::LogLine::Level;
using Reason = db::StoreError::Reason;

/// How long the store may take for what no message waits for.
constexpr auto patience = 10s;
/// How often a call is cut off that does not end.
constexpr auto cut_interval = 1s;
/// How long messages of unknown outcome are held back before they are refused and revoked, and the pauses
/// between attempts to keep them meanwhile.
constexpr auto longest_doubt = 10s;
constexpr auto doubt_interval = 250ms;
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

std::int64_t milliseconds_in(Failover::Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

Failover::Failover(Setup setup, Time now)
    : setup_(std::move(setup)), recovery_(setup_.commit_timeout), away_since_(now) {
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

  if (!std::exchange(was_away_, true)) {
    away_since_ = now;
    say(Level::error, "database away, messages go to the spool",
        {{"spool", setup_.spool_name}, {"reason", reason}, {"calm_ms", milliseconds_in(recovery_.calm())}});
  } else if (reason != away_reason_) {
    say(Level::warn, "database still away", {{"reason", reason}});
  }
  away_reason_ = reason;
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

  const auto moved = std::exchange(moved_, 0);
  if (std::exchange(was_away_, false))
    say(Level::info, "database back, spool unloaded",
        {{"messages", moved}, {"away_ms", milliseconds_in(now - away_since_)}});
  else if (moved > 0)
    say(Level::info, "messages moved from the spool into the database", {{"messages", moved}});
}

// -- the job -----------------------------------------------------------------------------------------------

void Failover::append(Messages messages, Time now) {
  job_.emplace();
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
    say(Level::warn, "messages are refused, and will be removed should they turn out to be kept",
        {{"messages", job_->messages->size()}, {"waited_ms", milliseconds_in(now - job_->since)}});
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
    return Append{std::make_shared<const std::vector<db::Message>>()};
  }
  if (mode_ == Mode::home && setup_.keep.count() > 0 && now >= expire_at_) {
    ask_store(StoreTask::expire, now);
    return Expire{wall - setup_.keep, wall, expire_limit};
  }
  return {};
}

void Failover::ask_store(StoreTask task, Time now) {
  store_.emplace();
  store_->task = task;
  store_->began = now;
}

/// When the store has had enough time. A message waits for it no longer than for a commit, whatever it does.
Failover::Time Failover::late_at() const {
  if (store_->late) return store_->cut_at;
  if (store_->job != 0) return store_->began + setup_.commit_timeout;
  const bool awaited = is_at(Job::Place::store) || is_at(Job::Place::last_resort);
  const auto longest = store_->began + patience;
  return awaited ? std::min(longest, std::max(store_->began, job_->placed) + setup_.commit_timeout) : longest;
}

void Failover::store_ended(Outcome outcome, Time now) {
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
        say(Level::info, "refused messages are certainly not in the database now",
            {{"messages", done.ids.size()}});
      } else if (is_at(Job::Place::last_resort)) {
        fail_in_store(StoreTask::last_resort, {Reason::unavailable, failure->what}, now);
      }
      break;
    case StoreTask::move:
      if (!failure && unloading_.is_moving()) moved_ += unloading_.moved();
      if (rejected && unloading_.is_moving()) pass_over(*failure);
      break;
    case StoreTask::probe:
      break;
    case StoreTask::expire:
      if (failure) say(Level::warn, "old messages could not be removed", {{"reason", failure->what}});
      if (outcome.removed > 0) say(Level::info, "removed old messages", {{"messages", outcome.removed}});
      expire_at_ = now + (outcome.removed == expire_limit ? Duration{expire_pause} : expire_interval);
      break;
  }
  settle(now);
}

/// The store will never take the part that was under way. The message to blame stays in the spool.
void Failover::pass_over(const Outcome::Failure& failure) {
  if (const auto message = unloading_.rejected())
    say(Level::error, "the database refuses a message for ever, it is set aside in the spool",
        {{"msgid", to_string(message->id)}, {"channel", message->channel}, {"reason", failure.what}});
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
  spool_.emplace();
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
      tell_spool_written(failure);
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
        tell_unreserved(failure->what);
      break;
    case SpoolTask::read:
      if (!failure) {
        spool_unreadable_ = false;
        unloading_.found(std::move(outcome.found));
        unloading_.forget(revoked_in_spool_);
        break;
      }
      unloading_.unreadable();
      chores_at_ = now + chores_interval;
      if (!std::exchange(spool_unreadable_, true))
        say(Level::warn, "the spool can't be read, what it holds stays there for now",
            {{"spool", setup_.spool_name}, {"reason", failure->what}});
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
  if (chore) tell_tidied(failure);
  if (chore && failure) chores_at_ = now + chores_interval;
  settle(now);
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
    tell_unreserved("no answer in time");
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

/// A message that waits for the last of the spool to be moved still has a commit before it.
Failover::Time Failover::end_of_holding() const { return job_->placed + setup_.commit_timeout / 2; }

// -- the log -----------------------------------------------------------------------------------------------

void Failover::say(Level level, std::string name, std::vector<log::Field> fields) {
  log_.push_back({level, {std::move(name), std::move(fields)}});
}

void Failover::tell_spool_written(const std::optional<Outcome::Failure>& failure) {
  if (std::exchange(spool_full_, failure.has_value()) == failure.has_value()) return;
  if (failure)
    say(Level::error, "the spool can't be written",
        {{"spool", setup_.spool_name}, {"reason", failure->what}});
  else
    say(Level::info, "the spool can be written again", {{"spool", setup_.spool_name}});
}

void Failover::tell_unreserved(const std::string& reason) {
  say(Level::warn,
      "ids can't be reserved in the spool: if the clock goes back before the next start, and the database is "
      "away then, messages may be out of order",
      {{"spool", setup_.spool_name}, {"reason", reason}});
}

void Failover::tell_tidied(const std::optional<Outcome::Failure>& failure) {
  if (std::exchange(untidy_, failure.has_value()) == failure.has_value()) return;
  if (failure)
    say(Level::warn, "what was moved can't be removed from the spool yet",
        {{"spool", setup_.spool_name}, {"reason", failure->what}});
  else
    say(Level::info, "what was moved is being removed from the spool", {{"spool", setup_.spool_name}});
}

}  // namespace troupe
