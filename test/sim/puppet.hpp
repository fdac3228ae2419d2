#pragma once

#include "net/accepted.hpp"
#include "net/socket.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <random>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

// A server over CAF's real event loop and real sockets that does what its clients tell it, and such clients.

namespace troupe::sim {

/// What the server is to do, letter by letter in one turn of its event loop: `h`alt and `t`rigger reading,
/// `w`rite a little or `W` a lot, `T`ell a little more when that is taken, `c`lose.
struct Script {
  std::string letters;
};
/// Answered once all that was said before is done.
struct Sync {};
/// Answered with why those ended that said why.
struct Ends {
  std::vector<Wire::End> all;
};

}  // namespace troupe::sim

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::sim::Script)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::sim::Sync)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::sim::Ends)

namespace troupe::sim {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

inline constexpr auto patience = 20s;
inline constexpr std::size_t little = 10;
inline constexpr std::size_t a_lot =
    64 * 1024;  // more than the kernel takes: its buffers are made small below
inline constexpr int small_buffer = 4096;

/// What each connection is sent, from its first byte on.
inline std::string pattern(std::size_t begin, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('0' + (begin + i) * 31 % 61);
  return bytes;
}

inline std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Waits for a condition, which nobody announces.
template <class Condition>
bool becomes_true(Condition condition) {
  for (const auto deadline = Clock::now() + patience; !condition(); ::poll(nullptr, 0, 1))
    if (Clock::now() > deadline) return false;
  return true;
}

/// Does with each connection what its peer, or a message to all, tells it.
struct Puppet {
  static constexpr const char* name = "puppet";
  struct Open {
    WirePtr wire;
    std::size_t written = 0;
  };
  std::map<caf::io::connection_handle, Open> open;
  std::vector<Wire::End> ends;  ///< why nothing more came, of those that said why

  using Self = caf::stateful_actor<Puppet, caf::io::broker>;

  void write(caf::io::connection_handle to, std::size_t size) {
    auto& [wire, written] = open.at(to);
    wire->say(pattern(written, size));
    written += size;
  }

  void close(Self* self, caf::io::connection_handle which) {
    const auto wire = open.at(which).wire;
    open.erase(which);
    if (wire->close()) self->close(which);
  }

  void play(Self* self, caf::io::connection_handle to, std::string_view letters) {
    for (const char letter : letters) {
      if (!open.contains(to)) return;
      switch (letter) {
        case 'h':
          self->halt(to);
          break;
        case 't':
          self->trigger(to);
          break;
        case 'w':
          write(to, little);
          break;
        case 'W':
          write(to, a_lot);
          break;
        case 'T':
          open.at(to).wire->tell_when_taken();
          break;
        case 'c':
          close(self, to);
          break;
        default:
          break;
      }
    }
  }
};

using MakeLayers = std::function<Wire::Layers()>;

inline caf::behavior puppet(Puppet::Self* self, caf::io::doorman_ptr door, std::shared_ptr<SocketLoop> loop,
                            MakeLayers layers) {
  self->add_doorman(std::move(door));
  auto& state = self->state;
  return {
      [=, &state](const caf::io::new_connection_msg& accepted) {
        const auto wire = caf::make_counted<Socket>(static_cast<int>(accepted.handle.id()), loop, layers());
        self->add_scribe(wire);
        state.open.emplace(accepted.handle, Puppet::Open{wire});
        self->trigger(accepted.handle);
      },
      [=, &state](const caf::io::new_data_msg& data) {
        if (!data.buf.empty()) return state.play(self, data.handle, {data.buf.data(), data.buf.size()});
        if (!state.open.contains(data.handle)) return;
        state.ends.push_back(state.open.at(data.handle).wire->end());
        state.close(self, data.handle);
      },
      [=, &state](const caf::io::data_transferred_msg& taken) { state.play(self, taken.handle, "w"); },
      [&state](const caf::io::connection_closed_msg& closed) { state.open.erase(closed.handle); },
      [](const caf::io::acceptor_closed_msg&) {},
      [=, &state](const Script& script) {
        for (const auto& handle : self->connections()) state.play(self, handle, script.letters);
      },
      [](Sync) { return true; },
      [&state](Ends) { return Ends{state.ends}; },
  };
}

class Server {
 public:
  explicit Server(
      const WireLimits& limits = {}, MakeLayers layers = [] { return Wire::Layers{}; }) {
    configuration_.set("scheduler.policy", caf::atom("sharing"));
    configuration_.set("scheduler.max-threads", std::size_t{1});
    configuration_.load<caf::io::middleman>();
    system_.emplace(configuration_);
    auto& multiplexer = dynamic_cast<caf::io::network::default_multiplexer&>(system_->middleman().backend());
    const auto fd = caf::io::network::new_tcp_acceptor_impl(0, "127.0.0.1", true);
    REQUIRE(fd);
    ::setsockopt(*fd, SOL_SOCKET, SO_SNDBUF, &small_buffer, sizeof small_buffer);
    auto door = caf::make_counted<Doorman>(multiplexer, *fd);
    port_ = door->port();
    const auto loop = std::make_shared<SocketLoop>(multiplexer, limits);
    broker_ = system_->middleman().spawn_broker(puppet, caf::io::doorman_ptr{std::move(door)}, loop,
                                                std::move(layers));
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { end(); }

  std::uint16_t port() const { return port_; }

  /// Has all open connections do this, in one turn.
  void plays(std::string letters) { caf::anon_send(broker_, Script{std::move(letters)}); }

  /// Waits until it has handled what it was told.
  void sync() {
    caf::scoped_actor self{*system_};
    self->request(broker_, patience, Sync{})
        .receive([](bool) {}, [](const caf::error&) { FAIL("the server does not answer"); });
  }

  /// Why those ended that said why.
  std::vector<Wire::End> ends() {
    std::vector<Wire::End> all;
    caf::scoped_actor self{*system_};
    self->request(broker_, patience, Ends{})
        .receive([&](const Ends& ends) { all = ends.all; },
                 [](const caf::error&) { FAIL("the server does not answer"); });
    return all;
  }

  /// Ends its broker and its event loop.
  void end() {
    if (!broker_) return;
    caf::anon_send_exit(broker_, caf::exit_reason::user_shutdown);
    broker_ = nullptr;
    system_.reset();
  }

 private:
  caf::actor_system_config configuration_;
  std::optional<caf::actor_system> system_;
  caf::actor broker_;
  std::uint16_t port_ = 0;
};

class Peer {
 public:
  explicit Peer(const Server& server) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &small_buffer, sizeof small_buffer);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(server.port());
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  }
  Peer(Peer&& other) noexcept : fd_(std::exchange(other.fd_, -1)), received_(other.received_) {}
  Peer& operator=(Peer&&) = delete;
  ~Peer() {
    if (fd_ >= 0) ::close(fd_);
  }

  void sends(std::string_view bytes) {
    REQUIRE(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  }

  /// Ends its connection with a reset.
  void resets() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(std::exchange(fd_, -1));
  }

  /// Says that it sends nothing more; it may still read.
  void ends_its_output() { ::shutdown(fd_, SHUT_WR); }

  /// True if so many bytes come, and they are the right ones.
  bool receives(std::size_t size) {
    for (const auto end = received_ + size; received_ < end;)
      if (!receive_some(end - received_)) return false;
    return true;
  }

  /// The next so many bytes, or those before the end.
  std::string receives_text(std::size_t size) {
    std::string text(size, '\0');
    std::size_t count = 0;
    while (count < size && wait()) {
      const auto more = ::recv(fd_, text.data() + count, size - count, 0);
      if (more <= 0) break;
      count += static_cast<std::size_t>(more);
    }
    text.resize(count);
    return text;
  }

  /// Something has come that was not received.
  bool has_input() const {
    pollfd readable{fd_, POLLIN, 0};
    return ::poll(&readable, 1, 0) == 1;
  }

  /// True if nothing but the end comes.
  bool receives_end() {
    char byte = 0;
    return wait() && ::recv(fd_, &byte, 1, 0) == 0;
  }

 private:
  bool receive_some(std::size_t most) {
    char buffer[16 * 1024];
    if (!wait()) return false;
    const auto size = ::recv(fd_, buffer, std::min(most, sizeof buffer), 0);
    if (size <= 0) return false;
    const auto count = static_cast<std::size_t>(size);
    const bool right = std::string_view{buffer, count} == pattern(received_, count);
    received_ += count;
    return right;
  }

  bool wait() const {
    pollfd readable{fd_, POLLIN, 0};
    return ::poll(&readable, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) == 1;
  }

  int fd_;
  std::size_t received_ = 0;
};

}  // namespace troupe::sim
