#pragma once

#include "actors/connection.hpp"
#include "actors/interfaces.hpp"
#include "actors/keeper.hpp"
#include "actors/room.hpp"
#include "chat/rules.hpp"
#include "db/spool.hpp"
#include "db/storage.hpp"
#include "net/accepted.hpp"
#include "net/wire.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/io/network/test_multiplexer.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
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

/// What a client was sent, line by line, without CR LF.
struct Lines : std::vector<std::string> {
  using std::vector<std::string>::vector;

  /// How many lines this stands in.
  std::size_t count(std::string_view part) const;
  bool contains(std::string_view part) const { return count(part) > 0; }
  /// The place of the first line that this stands in; `size()` if there is none.
  std::size_t place_of(std::string_view part) const;
  /// The lines that this stands in.
  Lines with(std::string_view part) const;
};

std::ostream& operator<<(std::ostream& out, const Lines& lines);

/// CAF's virtual multiplexer, except that the order in which brokers run is for the simulation to choose.
class Multiplexer final : public caf::io::network::test_multiplexer {
 public:
  using test_multiplexer::test_multiplexer;
  ~Multiplexer() override;

  std::deque<caf::resumable*> jobs;

  /// Lets one of `jobs` handle one message.
  void run_job(std::size_t index);
  bool try_run_once() override;

 protected:
  void exec_later(caf::resumable* job) override;
};

/// The wires' side of the simulated event loop: its time is virtual, and the simulation lets wires look at
/// it.
class SimLoop final : public WireLoop {
 public:
  SimLoop(Multiplexer& multiplexer, const WireLimits& limits) : WireLoop(multiplexer, limits) {}
  Instant now() const override;

 protected:
  void start_timer() override {}
  void stop_timer() override {}
};

/// The server's end of a client's connection, without a kernel below.
class SimWire final : public Wire {
 public:
  SimWire(caf::io::connection_handle handle, std::string address, std::shared_ptr<SimLoop> loop)
      : Wire(handle, std::move(loop), {}), address_(std::move(address)) {}

  std::string unread;         ///< what the client sent and the server has not read
  std::string arrived_bytes;  ///< what the client received
  bool reading = false;       ///< the server reads
  bool client_reads = true;
  bool client_ended = false;  ///< the client sends nothing more …
  bool client_left = false;   ///< … and takes nothing either: its socket is closed
  bool server_left = false;   ///< the client is told that nothing follows, or cut off
  bool broken = false;        ///< writing throws: a stand-in for whatever can go wrong in a connection
  std::function<void(std::string_view)> on_arrival;

  bool remembered() const { return connection_.lock() != nullptr; }
  bool has_input() const { return reading && (client_ended || !unread.empty()); }
  /// Lets the server read so many bytes at most, or learn that there are no more.
  void read(std::size_t most);
  /// The client takes what is pending.
  void take() { writable(); }

  std::string addr() const override { return address_; }
  std::uint16_t port() const override { return 1; }

 protected:
  std::size_t send(std::string_view bytes) override;
  void want_input(bool wanted) override;
  void want_output(bool) override {}
  void end_output() override { server_left = true; }
  bool settled() override { return true; }
  void cut_off() override { server_left = true; }

 private:
  std::string address_;
  caf::weak_actor_ptr connection_;
};

/// A client as a test plays it.
class Client {
 public:
  explicit Client(caf::intrusive_ptr<SimWire> wire) : wire_(std::move(wire)) {}

  /// Sends lines; CR LF is added to each.
  template <class... Line>
  void sends(const Line&... lines) {
    (wire_->unread.append(lines).append("\r\n"), ...);
  }
  void sends_bytes(std::string_view bytes) { wire_->unread.append(bytes); }

  void stops_reading() { wire_->client_reads = false; }
  void reads_again();

  /// Closes its connection; what it sent before can still be read.
  void hangs_up() { wire_->client_ended = wire_->client_left = true; }
  /// Sends nothing more; whether it reads is another thing.
  void ends_its_output() { wire_->client_ended = true; }
  /// Its connection breaks: what the server has not read is lost.
  void is_cut_off();
  /// The connection's actor is told to exit, or fails when it next writes.
  void connection_exits(caf::exit_reason reason);
  void connection_fails() { wire_->broken = true; }

  /// What came since this was asked last.
  Lines received();

  bool closed() const { return wire_->server_left; }  ///< by the server
  bool halted() const { return !wire_->reading; }     ///< the server does not read from it
  std::size_t unread() const { return wire_->unread.size(); }
  std::size_t queued() const { return wire_->backlog(); }
  bool remembered() const { return wire_->remembered(); }  ///< its connection's actor is in memory
  SimWire& wire() { return *wire_; }

 private:
  caf::intrusive_ptr<SimWire> wire_;
};

/// Keeps messages in memory, as home or as spool, and fails on demand.
class MemoryStore final : public db::Spool {
 public:
  std::vector<db::Message> kept;                       ///< in the order in which they came
  std::size_t appends = 0;                             ///< of messages asked for, whatever became of them
  std::size_t probes = 0;                              ///< appends of nothing
  std::function<bool()> fails = [] { return false; };  ///< asked before messages are kept
  bool away = false;                                   ///< whatever it is asked, it does not answer
  bool loses_answers = false;                          ///< what it is given is kept, but seems to fail
  bool forgets = false;                             ///< what it is given is not kept, and its answer is lost
  bool full = false;                                ///< it can be read, not written
  std::function<bool(const db::Message&)> rejects;  ///< messages that it will never take; may be empty
  bool is_cut = false;                              ///< the next append is kept, but its answer lost
  std::size_t reservations = 0;

  void becomes_well();
  bool has(std::string_view text) const;
  std::vector<std::string> texts() const;

  void append(std::span<const db::Message> messages) override;
  std::vector<db::Message> read(const db::Query& query) override;
  std::vector<protocol::MessageId> ids(const db::Query& query) override;
  std::vector<db::Message> oldest(std::size_t limit, const protocol::MessageId& after = {}) override;
  std::optional<protocol::MessageId> newest() override;
  std::size_t remove_before(protocol::Time time, std::size_t limit, protocol::Time now) override;
  void remove(std::span<const protocol::MessageId> ids) override;
  void set_aside(std::span<const protocol::MessageId> ids) override;
  void reserve(const protocol::MessageId& up_to) override;
  std::optional<protocol::MessageId> reserved() override;
  std::optional<db::Home> home() override;
  void dedicate(const db::Home& home) override;

 private:
  void answer() const;  ///< throws if it is away
  void write() const;   ///< throws if it is away, or full
  std::vector<db::Message> in_order() const;

  std::set<protocol::MessageId> ids_;  ///< of `kept`
  std::set<protocol::MessageId> set_aside_;
  std::optional<protocol::MessageId> reserved_;
  std::optional<db::Home> home_;
  std::set<protocol::MessageId>
      refused_;  ///< where a batch began that failed: it fails again when it is tried again
};

/// The rules without those that take time: no rate limit.
Rules unhurried();

struct Setup {
  Rules rules = unhurried();
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
  struct Door;

  /// Something that a keeper is about to do, and which takes time.
  struct Chore {
    bool begun = false;
    caf::actor_clock::time_point end{};
  };

  persistence_actor start_persistence();
  archive_actor start_archive();
  OpenStore open_store() const;
  OpenSpool open_spool() const;
  bool step();
  bool is_held(caf::resumable* job);
  bool is_store_busy();
  bool is_busy(const std::function<std::chrono::milliseconds()>& takes, Chore& chore);
  void begin(caf::resumable* job);

  caf::actor_system_config configuration_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  Multiplexer& multiplexer_;
  bool seeded_;
  std::mt19937_64 random_;
  std::set<std::string, std::less<>> held_;  ///< names of actors that get no turn
  std::set<caf::actor_id> held_ids_;         ///< actors of a shared name that get none
  std::shared_ptr<MemoryStore> store_;
  std::shared_ptr<MemoryStore> spool_;
  Storage storage_;
  bool spooling_ = false;  ///< there is a spool
  std::shared_ptr<SimLoop> loop_;
  std::deque<Client> clients_;
  std::optional<int> status_;
  std::size_t steps_ = 0;

  caf::intrusive_ptr<Door> door_;
  std::vector<caf::actor> all_;  ///< to be ended at the end
  supervisor_actor supervisor_;
  switchboard_actor switchboard_;
  room_actor room_;
  listener_actor listener_;
  persistence_actor persistence_;
  store_keeper_actor store_keeper_;
  spool_keeper_actor spool_keeper_;
  reader_actor reader_;
  archive_actor archive_;
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
