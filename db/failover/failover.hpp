#pragma once

#include "db/error.hpp"
#include "db/failover/journal.hpp"
#include "db/failover/orders.hpp"
#include "db/failover/recovery.hpp"
#include "db/failover/reservation.hpp"
#include "db/failover/unloading.hpp"
#include "log/figure.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace troupe::db {

/// What home's keeper, or the spool's, is told to do, one thing at a time.
using StoreOrder = std::variant<Append, Remove, Expire>;
using SpoolOrder = std::variant<Append, Reserve, Oldest, Remove, SetAside, Discard>;

/// How that ended.
struct Outcome {
  struct Failure {
    StoreError::Reason reason{};
    std::string what;
  };
  std::optional<Failure> failure;
  std::vector<Message> found;  ///< by Oldest
  std::size_t removed = 0;     ///< by Expire or Discard
};

/// What became of the messages: they are kept, or are kept nowhere and never will be.
struct Verdict {
  std::optional<std::string> refused;  ///< why
};

/// Decides where messages are kept: in the store, or in the spool while the store is away, and how they get
/// from there into the store.
///
///                 the store fails, or is late
///        ┌──────────────────────────────────────────────┐
///        │                                              ▼
///      home ────────────► returning ◄────────────── away
///        ▲   the spool    │      │    after a pause    ▲
///        │  holds some    │      │                     │
///        └────────────────┘      └─────────────────────┘
///       all is moved, and the     the store fails, or is late
///    store has been calm for long
///
/// Whatever was handed over ends in exactly one of two ways: it is kept (in the store or the spool), or it is
/// refused, and then it is in neither, for good. If it can't be known whether an attempt was kept, store and
/// spool are asked again and again (what is kept twice is kept once); if that lasts too long, the messages
/// are refused and revoked: removed from the store before anything else happens there.
///
/// It knows neither actors nor clocks: whoever uses it reports what happened and when, carries out the orders
/// that it then has, and comes back at `wake_at`.
class Failover {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  struct Setup {
    std::chrono::milliseconds commit_timeout{500};  ///< how long a message waits for the store
    std::chrono::hours keep{0};                     ///< how long messages are kept; 0: for ever
    std::string spool_name;                         ///< as the log names it
    bool at_home = false;                           ///< the store was just reached, and the spool is empty
  };

  Failover(Setup setup, Time now);

  // -- what happens

  /// These are to be kept. Not before the verdict on those before.
  void append(Messages messages, Time now);
  void store_ended(const Outcome& outcome, Time now);
  void spool_ended(Outcome outcome, Time now);
  /// Time has passed.
  void look(Time now);

  // -- what is to be done then

  /// What the store's keeper, or the spool's, is to do now. It has to end before the next one is given.
  std::optional<StoreOrder> next_for_store(Time now, protocol::Time wall);
  std::optional<SpoolOrder> next_for_spool(Time now);
  /// What the store is doing takes too long: it is to be cut off. It still has to end.
  bool take_cut() { return std::exchange(cut_, false); }
  std::optional<Verdict> take_verdict();
  std::vector<log::Line> take_log() { return journal_.take(); }
  /// Which mode it is in, what waits, and what it has done so far.
  std::vector<Figure> measure() const;
  /// When to look again, whatever happens; nothing: when something happens.
  std::optional<Time> wake_at(Time now) const;

 private:
  enum class Mode {
    home,       ///< messages go to the store
    away,       ///< they go to the spool, and the store is left alone
    returning,  ///< they go to the spool and from there into the store, which has to prove itself
  };

  /// What was handed over and has no verdict yet.
  struct Job {
    enum class Place {
      store,        ///< at home
      held,         ///< waits: the last of the spool is being moved, and then it goes to the store
      spool,        ///< while the store is not home, or if it rejects the messages
      last_resort,  ///< to the store although it is not home: the spool can't be written
      kept,
      refused,
    };
    std::uint64_t number = 0;
    Messages messages;
    Place place{};
    Time since{};                 ///< when it was handed over
    Time placed{};                ///< when it came to its place
    Time not_before{};            ///< when to try again there
    bool store_in_doubt = false;  ///< an attempt may have been kept
    bool spool_in_doubt = false;
    bool was_last_resort = false;  ///< an attempt at the store has ended after the spool could not be written
    std::string store_failure;
    std::string spool_failure;
  };

  enum class StoreTask { commit, last_resort, revoke, move, probe, expire };
  enum class SpoolTask { append, reserve, read, revoke, set_aside, discard };  ///< chores last
  template <class Task>
  struct UnderWay {
    Task task{};
    Time began{};
    std::uint64_t job = 0;                   ///< what it is to keep; 0: something else
    std::vector<protocol::MessageId> ids{};  ///< what it is about otherwise
    bool late = false;                       ///< of the store's alone: it was cut off
    Time cut_at{};                           ///< and will be again
  };

  void go_away(const std::string& reason, Time now);
  void settle(Time now);
  void come_home(Time now);

  bool is_at(Job::Place place) const { return job_ && job_->place == place; }
  bool is_job(std::uint64_t number) const { return job_ && job_->number == number; }
  bool is_decided() const { return is_at(Job::Place::kept) || is_at(Job::Place::refused); }
  bool is_certain() const;
  void place(Job::Place place, Time now);
  void fail_in_store(StoreTask task, const Outcome::Failure& failure, Time now);
  void fail_in_spool(const Outcome::Failure& failure, Time now);
  void ask_again_in_spool(Time now);
  void refuse(Time now);

  void ask_store(StoreTask task, Time now);
  void ask_spool(SpoolTask task, Time now);
  SpoolOrder read_spool(Time now);
  void pass_over(const Outcome::Failure& failure);
  bool is_spooling() const { return spool_ && spool_->task == SpoolTask::append; }
  Time late_at() const;
  Time end_of_holding() const;

  Setup setup_;
  Mode mode_ = Mode::returning;  ///< an earlier run may have left something in the spool
  std::optional<Job> job_;
  std::uint64_t jobs_ = 0;
  std::optional<UnderWay<StoreTask>> store_;
  std::optional<UnderWay<SpoolTask>> spool_;

  Recovery recovery_;
  Unloading unloading_;
  Reservation reservation_;
  std::set<protocol::MessageId> revoked_in_store_;
  std::set<protocol::MessageId> revoked_in_spool_;

  bool closing_ = false;  ///< so little is left in the spool that new messages rather wait
  bool cut_ = false;
  Time ask_at_{};     ///< returning: when to ask the store again
  Time chores_at_{};  ///< when the spool may be tidied up again
  bool spool_unreadable_ = false;
  Time expire_at_{};
  FailoverJournal journal_;
};

}  // namespace troupe::db
