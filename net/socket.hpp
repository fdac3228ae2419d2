#pragma once

#include "net/wire.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/event_handler.hpp>

#include <memory>
#include <string>

namespace troupe {

/// The wires' side of one of CAF's event loops. Its timer runs only while a wire has something pending, so
/// that an idle loop sleeps and an ending one ends.
class SocketLoop final : public WireLoop,
                         public caf::io::network::event_handler,
                         public std::enable_shared_from_this<SocketLoop> {
 public:
  /// The loop outlives all wires, not necessarily this.
  SocketLoop(caf::io::network::default_multiplexer& multiplexer, const WireLimits& limits);

  Instant now() const override { return std::chrono::steady_clock::now(); }

  void handle_event(caf::io::network::operation op) override;
  void removed_from_loop(caf::io::network::operation op) override;
  void graceful_shutdown() override {}

 protected:
  void start_timer() override;
  void stop_timer() override;

 private:
  std::shared_ptr<SocketLoop> running_;  ///< keeps this alive while the event loop may call it
};

/// A client's TCP socket, made for very many of them: it writes at once and waits for writability only if the
/// kernel takes no more, and an idle one owns no buffer.
class Socket final : public Wire, public caf::io::network::event_handler {
 public:
  Socket(caf::io::network::native_socket fd, std::shared_ptr<SocketLoop> loop, Layers layers = {});

  std::string addr() const override;
  std::uint16_t port() const override;

  // -- as the event loop uses it: caf::io::network::event_handler
  void handle_event(caf::io::network::operation op) override;
  void removed_from_loop(caf::io::network::operation op) override;
  void graceful_shutdown() override { Wire::graceful_shutdown(); }

 protected:
  std::size_t send(std::string_view bytes) override;
  void want_input(bool wanted) override;
  void want_output(bool wanted) override;
  void end_output() override;
  bool settled() override;
  void cut_off() override;

 private:
  using Self = caf::intrusive_ptr<caf::io::scribe>;

  void read();
  void watch(caf::io::network::operation op, Self& self);
  void unwatch(caf::io::network::operation op, Self& self);

  Self reading_;         ///< keeps this alive while the event loop may call it for input …
  Self writing_;         ///< … and for output
  bool broken_ = false;  ///< a send failed: the event loop is about to find out
};

}  // namespace troupe
