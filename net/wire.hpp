#pragma once

#include "net/transport.hpp"
#include "net/wire_loop.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

namespace troupe {

/// Between a client and its bytes: the server's end of one connection. What is said goes out at once as far
/// as the network takes it, and the rest as soon as it does; a wire with nothing pending owns no buffer. Here
/// alone is the bound of what may be pending, and here are the deadlines: they hold whatever the peer does.
///
/// Its broker, the connection, hears of it (as of any scribe of CAF's):
///   `new_data_msg`           what the client said; if it is empty nothing more will come, and `end` tells
///   why `data_transferred_msg`   little is pending any more, if it asked to be told `connection_closed_msg`
///   it is closed: nothing is left of it
///
/// What is below, a socket or a simulated one, is what the derived class does.
class Wire : public caf::io::scribe {
 public:
  using Instant = WireLoop::Instant;

  /// What there is between its socket and those who talk through it; none of both by default.
  struct Layers {
    std::unique_ptr<Transport> transport;
    std::unique_ptr<Framing> framing;
  };

  /// Why nothing more will come from the client.
  enum class End : std::uint8_t {
    none,
    by_peer,   ///< the client said its last word
    overflow,  ///< too much was pending
    stalled,   ///< the peer has taken nothing of what is pending for too long
  };

  /// So little may be pending for `tell_when_taken`.
  static constexpr std::size_t nearly_nothing = 16 * 1024;

  Wire(caf::io::connection_handle handle, std::shared_ptr<WireLoop> loop, Layers layers);

  /// Tells the client this, or nothing any more if the wire has broken off or is being closed.
  void say(std::string_view bytes);
  /// How many bytes were said and not taken by the network.
  std::size_t backlog() const { return pending() + (layers_.transport ? layers_.transport->kept() : 0); }
  /// Has the broker told once, and not from within this call, as soon as the backlog is at most
  /// `nearly_nothing`.
  void tell_when_taken() { telling_ = true; }

  /// Takes nothing more from either side; what is pending still goes out. True if it is closed already, else
  /// the broker is told when it is: `WireLimits::closing` later at most.
  bool close();

  End end() const { return end_; }

  // -- as CAF's brokers use it: caf::io::scribe
  void configure_read(caf::io::receive_policy::config) override { add_to_loop(); }
  void ack_writes(bool) override {}
  /// Nobody writes into this: `say` is for that.
  std::vector<char>& wr_buf() final { return loop_->out; }
  std::vector<char>& rd_buf() final { return loop_->in; }
  void flush() final {}
  /// Closes it, though nobody is there any more to be told of that.
  void graceful_shutdown() override;
  void add_to_loop() final;
  void remove_from_loop() final { want_input(false); }

 protected:
  // -- what is below tells of itself
  /// So many bytes were read into the loop's `in`.
  void received(std::size_t size);
  /// The peer has said its last word.
  void input_ended();
  /// The network takes bytes again.
  void writable();
  /// Nothing can be said or heard any more.
  void failed() { done(); }

  WireLoop& loop() const { return *loop_; }

  // -- what is below is asked to do
  /// Hands bytes to the network, and says how many it took. If that fails for good the broker must not hear
  /// of it in the middle of its own turn: `failed` follows, as output is wanted from then on.
  virtual std::size_t send(std::string_view bytes) = 0;
  virtual void want_input(bool wanted) = 0;
  virtual void want_output(bool wanted) = 0;
  /// Tells the peer that nothing follows.
  virtual void end_output() = 0;
  /// Whether the peer has got everything, the end included, or at least so much that the rest is soon done
  /// with.
  virtual bool settled() = 0;
  /// Forgets what the peer has not got.
  virtual void cut_off() = 0;

 private:
  friend class WireLoop;
  static constexpr auto unwatched = std::numeric_limits<std::uint32_t>::max();

  enum class State : std::uint8_t { open, broken_off, closing, closed };

  std::size_t pending() const { return pending_.size() - taken_; }
  void put(std::string_view bytes);
  bool understand(std::vector<char>& answer);
  void break_off(End why);
  void forget_pending();
  void look(Instant now);
  void done();

  std::shared_ptr<WireLoop> loop_;
  Layers layers_;
  std::vector<char> pending_;
  std::size_t taken_ = 0;  ///< so many of those at its beginning have been taken
  Instant since_{};        ///< when some of it was last taken, or closing began
  std::uint32_t watched_at_ = unwatched;
  std::uint32_t thrown_away_ = 0;  ///< bytes that came while it was closing
  State state_ = State::open;
  End end_ = End::none;
  bool telling_ = false;
};

using WirePtr = caf::intrusive_ptr<Wire>;

}  // namespace troupe
