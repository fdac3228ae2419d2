#pragma once

#include <caf/intrusive_ptr.hpp>
#include <caf/io/network/multiplexer.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace troupe {

class Wire;

/// What every wire is held to.
struct WireLimits {
  /// Bytes that wait to be sent, before the wire breaks off; 0: any number.
  std::size_t most_pending = 1024 * 1024;
  /// How long a closing wire has to get rid of what is pending, whatever its peer does.
  std::chrono::milliseconds closing{3000};
  /// How long the peer may take nothing of what is pending before the wire breaks off; 0: for ever.
  std::chrono::milliseconds stalled{120'000};
};

/// What the wires of one event loop have in common: what they are held to, their buffers, and the timer of
/// those that have something pending. Used on its loop's thread alone.
class WireLoop {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  /// How often wires with something pending look at the clock.
  static constexpr std::chrono::milliseconds interval{50};

  WireLoop(caf::io::network::multiplexer& loop, const WireLimits& limits);
  WireLoop(const WireLoop&) = delete;
  WireLoop& operator=(const WireLoop&) = delete;
  virtual ~WireLoop();

  caf::io::network::multiplexer& loop() const { return loop_; }
  const WireLimits& limits() const { return limits_; }
  virtual Instant now() const = 0;

  /// Only one wire is at work at a time, and none leaves anything in these from one turn to the next.
  std::vector<char> in;   ///< what is read
  std::vector<char> raw;  ///< what is read, where a transport or framing makes something else of it
  std::vector<char> out;  ///< what is to be sent, where a transport makes it

  /// Has this wire look at the clock from time to time, until it is forgotten; keeps it in memory.
  void watch(Wire& wire);
  void forget(Wire& wire);

  /// Lets all that are watched look at the clock.
  void look();

 protected:
  /// From now on `look` is to be called every `interval`; or no longer.
  virtual void start_timer() = 0;
  virtual void stop_timer() = 0;

 private:
  caf::io::network::multiplexer& loop_;
  WireLimits limits_;
  std::vector<caf::intrusive_ptr<Wire>> watched_;
};

}  // namespace troupe
