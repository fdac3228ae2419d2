#pragma once

#include "net/accepted.hpp"
#include "net/wire.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/io/network/test_multiplexer.hpp>

#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

// The simulated network: event loops, wires without a kernel below, and the door that clients come in by.

namespace troupe::sim {

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

/// Makes an actor system of this configuration run on the test coordinator and a Multiplexer.
caf::actor_system_config& simulated(caf::actor_system_config& configuration);

/// The wires' side of a simulated event loop: its time is virtual, and the simulation lets wires look at it.
class SimLoop final : public WireLoop {
 public:
  SimLoop(Multiplexer& multiplexer, const WireLimits& limits) : WireLoop(multiplexer, limits) {}
  Instant now() const override;

 protected:
  void start_timer() override {}
  void stop_timer() override {}
};

class SimWire;

/// The client's end of a connection.
struct Peer {
  explicit Peer(std::string address) : address(std::move(address)) {}

  std::string address;
  std::string unread;   ///< what the client sent and the server has not read
  std::string arrived;  ///< what the client received
  bool reads = true;
  std::size_t takes = std::numeric_limits<std::size_t>::max();  ///< so many bytes at a time
  bool ended = false;                                           ///< the client sends nothing more …
  bool left = false;         ///< … and takes nothing either: its socket is closed
  bool server_left = false;  ///< the client is told that nothing follows, or cut off
  bool reading = false;      ///< the server reads
  bool broken = false;       ///< writing to it throws: a stand-in for whatever can go wrong in a connection
  std::function<void(std::string_view)> on_arrival;
  SimWire* wire = nullptr;         ///< the server's end, while there is one
  bool opened = false;             ///< there was one
  caf::weak_actor_ptr connection;  ///< that wire's

  bool has_input() const { return reading && (ended || !unread.empty()); }
  /// The client has closed its connection, which is one of this loop's, and the server could know.
  bool has_ended(const Multiplexer& loop) const;
};

/// The server's end of a client's connection.
class SimWire final : public Wire {
 public:
  SimWire(caf::io::connection_handle handle, std::shared_ptr<Peer> peer, std::shared_ptr<WireLoop> loop);
  ~SimWire() override { peer_->wire = nullptr; }

  /// Lets the server read so many bytes at most, or learn that there are no more.
  void read(std::size_t most);
  const caf::io::network::multiplexer& event_loop() const { return loop().loop(); }
  /// The client takes what is pending.
  void take() {
    const WirePtr guard{this};
    writable();
  }

  std::string addr() const override { return peer_->address; }
  std::uint16_t port() const override { return 1; }

 protected:
  std::size_t send(std::string_view bytes) override;
  void want_input(bool wanted) override;
  void want_output(bool) override {}
  void end_output() override { peer_->server_left = true; }
  bool settled() override { return true; }
  void cut_off() override { peer_->server_left = true; }

 private:
  std::shared_ptr<Peer> peer_;
};

/// Where clients wait for the listener to let them in.
class Door final : public caf::io::doorman {
 public:
  Door(caf::io::accept_handle handle, Multiplexer& multiplexer)
      : doorman(handle), multiplexer_(multiplexer) {}

  std::deque<std::shared_ptr<Peer>> waiting;
  bool open = false;

  bool new_connection() override;
  std::shared_ptr<Accepted> accept();

  void graceful_shutdown() override { detach(&multiplexer_, false); }
  void launch() override { open = true; }
  std::string addr() const override { return "10.0.0.0"; }
  std::uint16_t port() const override { return 6667; }
  void add_to_loop() override { open = true; }
  void remove_from_loop() override { open = false; }

 private:
  Multiplexer& multiplexer_;
  std::int64_t last_handle_ = 0;
};

}  // namespace troupe::sim
