#pragma once

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/doorman_impl.hpp>
#include <caf/io/network/event_handler.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace troupe {

/// The two buffers that all sockets of one I/O thread share: one to read into, one to write from. Only one
/// socket is at work at a time, and none keeps anything in them from one turn to the next.
struct SocketBuffers {
  std::vector<char> in;
  std::vector<char> out;
};

/// A client's TCP socket as CAF's brokers know it, made for very many of them: it writes at once and waits
/// for writability only if the kernel takes no more, and an idle one owns no buffer.
///
/// `wr_buf` and `flush` belong together: what was put into the buffer has to be flushed before another
/// socket's turn. After a flush `wr_buf` holds what the kernel did not take, so that its size is the length
/// of the send queue.
class Socket final : public caf::io::scribe, public caf::io::network::event_handler {
 public:
  Socket(caf::io::network::default_multiplexer& multiplexer, caf::io::network::native_socket fd,
         std::shared_ptr<SocketBuffers> buffers);

  // -- as a broker uses it: caf::io::scribe
  void configure_read(caf::io::receive_policy::config) override { add_to_loop(); }
  void ack_writes(bool) override {}
  std::vector<char>& wr_buf() override { return pending_.empty() ? buffers_->out : pending_; }
  std::vector<char>& rd_buf() override { return buffers_->in; }
  void flush() override;
  std::string addr() const override;
  std::uint16_t port() const override;
  /// Closes the socket as soon as the kernel has taken what is pending, a few seconds later at most, and at
  /// once if the peer has not taken anything for a while.
  void graceful_shutdown() override;
  void add_to_loop() override;
  void remove_from_loop() override;

  // -- as the event loop uses it: caf::io::network::event_handler
  void handle_event(caf::io::network::operation op) override;
  void removed_from_loop(caf::io::network::operation op) override;

 private:
  using Self = caf::intrusive_ptr<caf::io::scribe>;

  void read();
  void write();
  /// Hands bytes to the kernel; says how many it took.
  std::size_t send(const char* data, std::size_t size);
  void watch(caf::io::network::operation op, Self& self);
  void unwatch(caf::io::network::operation op, Self& self);
  void finish();

  std::shared_ptr<SocketBuffers> buffers_;
  std::vector<char> pending_;                    ///< what the kernel did not take
  std::chrono::steady_clock::time_point taken_;  ///< when it last took some, if something is pending
  Self reading_;         ///< keeps this alive while the event loop may call it for input …
  Self writing_;         ///< … and for output
  bool broken_ = false;  ///< a send failed: the event loop is about to find out
  bool closing_ = false;
};

/// A listening socket whose clients are `Socket`s.
class Doorman final : public caf::io::network::doorman_impl {
 public:
  Doorman(caf::io::network::default_multiplexer& multiplexer, caf::io::network::native_socket fd,
          std::shared_ptr<SocketBuffers> buffers);
  bool new_connection() override;

 private:
  std::shared_ptr<SocketBuffers> buffers_;
};

}  // namespace troupe
