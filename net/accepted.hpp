#pragma once

#include "net/socket.hpp"

#include <caf/io/network/doorman_impl.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace troupe {

/// A client that was accepted, and whose wire belongs to no event loop yet. It is closed if that is never
/// opened.
class Accepted {
 public:
  virtual ~Accepted() = default;
  /// As the network writes it; empty if the client is gone already.
  virtual std::string address() const = 0;
  /// Its wire, on the event loop that this is called on. Once.
  virtual WirePtr open(const std::shared_ptr<WireLoop>& loop) = 0;
  /// Tells the client this, and closes. Nothing is waited for.
  virtual void refuse(std::string_view words) = 0;
};

/// A TCP client.
class AcceptedSocket final : public Accepted {
 public:
  explicit AcceptedSocket(caf::io::network::native_socket fd) : fd_(fd) {}
  AcceptedSocket(const AcceptedSocket&) = delete;
  AcceptedSocket& operator=(const AcceptedSocket&) = delete;
  ~AcceptedSocket() override;

  std::string address() const override;
  /// `loop` is a `SocketLoop`.
  WirePtr open(const std::shared_ptr<WireLoop>& loop) override;
  void refuse(std::string_view words) override;

 private:
  caf::io::network::native_socket fd_;
};

/// A listening socket: whoever hears `new_connection_msg` of it owns the descriptor that is the handle's
/// number.
class Doorman final : public caf::io::network::doorman_impl {
 public:
  using doorman_impl::doorman_impl;
  bool new_connection() override;
};

}  // namespace troupe
