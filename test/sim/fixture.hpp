#pragma once

#include "actors/connection.hpp"
#include "actors/interfaces.hpp"
#include "actors/keeper.hpp"
#include "actors/listener.hpp"
#include "actors/room.hpp"
#include "chat/rules.hpp"
#include "db/spool.hpp"
#include "db/storage.hpp"
#include "test/sim/client.hpp"
#include "test/sim/memory_records.hpp"
#include "test/sim/memory_store.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// A whole server of actors in one thread, with virtual clients, a virtual clock and a store in memory.
// Nothing happens but in `run`, so that a test reads as "connect, send, run, check".
namespace troupe::sim {

/// The rules without those that take time: no rate limit.
Rules unhurried();

struct Setup {
  Rules rules = unhurried();
  std::size_t loops = 2;  ///< event loops, each with its switchboard
  Durability durability = Durability::strict;
  bool spool = false;     ///< the spool has room; without it there is none
  bool archived = false;  ///< the room can ask the store for what it does not have in memory
  std::chrono::milliseconds commit_timeout = std::chrono::hours{24};
  /// Whatever could happen next happens in an order drawn from this; without it, in one fixed order.
  std::optional<std::uint64_t> seed = {};
  /// The supervisor starts and ends all, and nothing is stored, since its store would have a real thread.
  bool supervised = false;
  std::function<std::uint64_t()> random = {};  ///< for message ids; null for one of its own
  std::size_t replay = 10;                     ///< messages that newcomers are shown
  Pasts::Bounds memory = {};                   ///< how much of the past is held in memory
  /// What an earlier run left, and the last id that is known of it; null for new ones.
  std::shared_ptr<MemoryStore> store = {};
  std::shared_ptr<MemoryStore> spooled = {};
  std::optional<protocol::MessageId> newest = {};
  std::shared_ptr<MemoryRecords> records = {};  ///< null for none
};

class Sim {
 public:
  explicit Sim(Setup setup = {});
  Sim(const Sim&) = delete;
  Sim& operator=(const Sim&) = delete;
  ~Sim();

  /// A client that has just connected.
  Client& connect(std::string address = "10.0.0.1");
  /// A client that has registered, and one that has then joined a channel. Runs until that is done; what the
  /// client was sent is taken already.
  Client& user(const std::string& nick, const std::string& capabilities = {});
  Client& member(const std::string& nick, const std::string& channel, const std::string& capabilities = {});

  /// Lets happen whatever is left to do.
  void run();
  /// Lets at most so many things happen.
  void run_some(std::size_t steps);
  /// How many things have happened.
  std::size_t steps() const { return steps_; }
  /// Lets time pass, and what is due happen.
  void pass(std::chrono::milliseconds time);

  /// Messages on their way to the store stay there until they are let go; or one batch of them is.
  void hold_commits() { hold_store(); }
  void release_commits() { release_store(); }
  void release_one_commit();
  /// What is on its way to the store stays there; that to the spool, or from the archive, does not.
  void hold_store() { held_ids_.insert(store_keeper_->id()); }
  void release_store() { held_ids_.clear(); }
  /// What is on its way to the spool stays there.
  void hold_spool() { held_ids_.insert(spool_keeper_->id()); }
  void release_spool() { held_ids_.clear(); }
  /// The archive's reader does nothing.
  void hold_reader() { reader_held_ = true; }
  void release_reader() { reader_held_ = false; }
  /// The keeper of records does nothing.
  void hold_records() { held_ids_.insert(records_keeper_->id()); }
  void release_records() { held_ids_.clear(); }
  /// How long the store, the spool, or the archive's reader takes for what it is asked next. It does that at
  /// the end of this time, whether anybody still waits for it or not.
  std::function<std::chrono::milliseconds()> store_takes;
  std::function<std::chrono::milliseconds()> spool_takes;
  std::function<std::chrono::milliseconds()> reader_takes;
  /// Cutting the store's line ends what it is doing, and whether that was kept is not known (it was); else it
  /// has no effect.
  bool line_can_be_cut = false;
  /// The room does nothing.
  void hold_room() { held_.insert("room"); }
  void release_room() { held_.erase("room"); }

  /// Persistence dies, and its keepers with it; another one takes its place, as the supervisor sees to it.
  void persistence_dies();
  void persistence_starts();

  /// Asks the archive something, and how such questions ended so far: answered, or failed.
  void recall();
  const std::vector<bool>& recalled() const { return recalled_; }

  /// What all actors say of themselves.
  std::map<std::string, std::vector<Figure>> measures();

  /// Ends as the supervisor does it, or through the supervisor if there is one.
  void shut_down();
  bool ended() const { return status_.has_value(); }
  std::optional<int> status() const { return status_; }
  /// How much CAF's clock keeps for all of them.
  std::size_t timers() { return scheduler_.clock().schedule().size(); }
  /// How many actors live.
  std::size_t actors() { return system_.registry().running(); }

  MemoryStore& store() { return *store_; }
  MemoryStore& spool() { return *spool_; }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

 private:
  /// Something that a keeper is about to do, and which takes time.
  struct Chore {
    bool begun = false;
    caf::actor_clock::time_point end{};
  };

  persistence_actor start_persistence();
  archive_actor start_archive();
  records_actor start_records(const std::shared_ptr<MemoryRecords>& records);
  void start_loops(const Setup& setup);
  void start_unsupervised(const Setup& setup, RoomConfig chat, ListenerSetup entrance);
  template <class Answer, class Order>
  void ask_all(caf::event_based_actor* self, const Order& order, std::function<void()> next);
  bool step();
  bool has_ended_client(const Multiplexer& loop) const;
  bool is_held(caf::resumable* job);
  bool is_store_busy();
  bool is_busy(const std::function<std::chrono::milliseconds()>& takes, Chore& chore);
  void begin(caf::resumable* job);

  caf::actor_system_config configuration_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  std::vector<std::unique_ptr<Multiplexer>> further_;  ///< event loops besides the middleman's
  std::vector<Multiplexer*> multiplexers_;             ///< of all
  bool seeded_;
  std::mt19937_64 random_;
  std::set<std::string, std::less<>> held_;  ///< names of actors that get no turn
  std::set<caf::actor_id> held_ids_;         ///< actors of a shared name that get none
  std::shared_ptr<MemoryStore> store_;
  std::shared_ptr<MemoryStore> spool_;
  Storage storage_;
  bool spooling_ = false;  ///< there is a spool
  std::vector<std::shared_ptr<WireLoop>> loops_;
  std::deque<Client> clients_;
  std::optional<int> status_;
  std::size_t steps_ = 0;

  caf::intrusive_ptr<Door> door_;
  std::vector<caf::actor> all_;  ///< to be ended at the end
  supervisor_actor supervisor_;
  std::vector<switchboard_actor> switchboards_;
  room_actor room_;
  listener_actor listener_;
  persistence_actor persistence_;
  store_keeper_actor store_keeper_;
  spool_keeper_actor spool_keeper_;
  reader_actor reader_;
  archive_actor archive_;
  records_actor records_;
  records_keeper_actor records_keeper_;
  std::vector<bool> recalled_;
  bool reader_held_ = false;
  std::shared_ptr<db::Lifeline> line_;  ///< the store's
  Chore store_chore_;
  Chore spool_chore_;
  Chore reader_chore_;
};

/// Calls `body` with many seeds. A failed check in it prints the seed; TROUPE_SEED=seed calls it with that
/// one alone.
void for_seeds(std::size_t count, const std::function<void(std::uint64_t seed)>& body);

}  // namespace troupe::sim
