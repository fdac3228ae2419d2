#pragma once

#include "actors/interfaces.hpp"
#include "actors/supervisor.hpp"
#include "test/sim/memory_records.hpp"
#include "test/sim/memory_store.hpp"
#include "test/sim/network.hpp"
#include "test/sim/whole/chance.hpp"
#include "test/sim/whole/plan.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe::sim {

/// The keepers, each of which works with one thing that may be in trouble.
enum class Keeping { store, spool, reader, records };
inline constexpr std::size_t keepings = 4;

/// What outlives a server, and the troubles that it is in.
struct Disk {
  std::shared_ptr<MemoryStore> store = std::make_shared<MemoryStore>();
  std::shared_ptr<MemoryStore> spool = std::make_shared<MemoryStore>();
  std::shared_ptr<MemoryRecords> records = std::make_shared<MemoryRecords>();

  /// What is asked of these does not end before it is cut, or before they are well again; or takes so long.
  std::array<bool, keepings> hangs{};
  std::array<std::chrono::milliseconds, keepings> takes{};
  bool reached = false;  ///< the store has been, by some server
};

/// One run of the whole server: every actor of it, in one thread, over simulated wires. Nothing happens but
/// what `run_one` and `pass` let happen.
class Server {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Tell = std::function<void(std::string_view)>;

  /// `random` is what message ids are drawn from; `tell` is told what runs, and may be null.
  Server(const Plan& plan, Disk& disk, protocol::WallClock wall_clock, std::uint64_t random, Tell tell);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Ends as by a power failure: nothing that happens on the way reaches anybody or anything.
  ~Server();

  /// The client's end of a connection that waits to be accepted.
  void connect(std::shared_ptr<Peer> peer);

  /// Lets one thing happen, of all that could: an actor handles a message, bytes arrive, a client is let in.
  /// False if there is nothing.
  bool run_one(Chance& chance);
  /// Lets time pass, and makes what is due then possible.
  void pass(std::chrono::milliseconds time);
  Time now() { return scheduler_.clock().now(); }

  void persistence_dies();
  void shut_down();
  /// It has ended by itself: 0 in good order.
  std::optional<int> status() const { return status_; }

  std::size_t actors() { return system_.registry().running(); }
  std::size_t peers() const { return peers_.size(); }
  /// What an actor says of itself; `name` as its state's. Lets things happen until it has.
  std::map<std::string, std::int64_t> measure(std::string_view name, Chance& chance);
  /// The longest queue of bytes to a client.
  std::size_t longest_backlog() const;

 private:
  struct Known {
    caf::strong_actor_ptr actor;  ///< null once it is killed
    bool seen = false;
    std::string_view name;
    std::optional<Keeping> keeping;
    bool begun = false;  ///< a keeper is at work until …
    Time end{};
  };

  Storage make_storage(const Plan& plan);
  Known* know(caf::resumable* job);
  bool may_run(caf::resumable* job);
  bool is_at_work(Known& keeper);
  bool run_job(Chance& chance);
  bool run_loop(std::size_t loop, std::size_t index);
  bool run_scheduled(std::size_t index);
  bool move_bytes(Chance& chance);
  bool let_in();
  bool has_ended_client(const Multiplexer& loop) const;
  void forget_gone();

  Disk& disk_;
  Tell tell_;
  caf::actor_system_config configuration_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  std::vector<std::unique_ptr<Multiplexer>> further_;
  std::vector<Multiplexer*> multiplexers_;
  std::vector<std::shared_ptr<WireLoop>> loops_;
  caf::intrusive_ptr<Door> door_;
  supervisor_actor supervisor_;
  std::vector<Known> known_;  ///< every actor that ever ran, by its id
  std::vector<std::shared_ptr<Peer>> peers_;
  std::shared_ptr<db::Lifeline> line_;         ///< the store's
  std::shared_ptr<db::Lifeline> reader_line_;  ///< the archive's
  std::optional<int> status_;
  bool failing_ = false;  ///< the power is
};

}  // namespace troupe::sim
