#include "net/socket.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <cstdint>
#include <filesystem>
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

// `Socket` and `Doorman` with CAF's real event loop, whose mistakes end the process, and real sockets.

namespace troupe::sim {

/// What the server is to do, letter by letter in one turn of its event loop: `h`alt and `t`rigger reading,
/// `w`rite a little or `W` a lot, `c`lose.
struct Script {
  std::string letters;
};
/// Answered once all that was said before is done.
struct Sync {};

}  // namespace troupe::sim

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::sim::Script)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::sim::Sync)

namespace troupe::sim {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto patience = 20s;
constexpr std::size_t little = 10;
constexpr std::size_t a_lot = 64 * 1024;  // more than the kernel takes: its buffers are made small below
constexpr int small_buffer = 4096;

/// What each connection is sent, from its first byte on.
std::string pattern(std::size_t begin, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('0' + (begin + i) * 31 % 61);
  return bytes;
}

/// How much a script writes before it closes.
std::size_t written_by(std::string_view script) {
  const auto open = script.substr(0, script.find('c'));
  return static_cast<std::size_t>(std::ranges::count(open, 'w')) * little +
         static_cast<std::size_t>(std::ranges::count(open, 'W')) * a_lot;
}

std::size_t open_descriptors() {
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
  std::map<caf::io::connection_handle, std::size_t> written;
};

caf::behavior puppet(caf::stateful_actor<Puppet, caf::io::broker>* self, caf::io::doorman_ptr door) {
  self->add_doorman(std::move(door));
  const auto write = [self](caf::io::connection_handle to, std::size_t size) {
    auto& written = self->state.written[to];
    const auto bytes = pattern(written, size);
    written += size;
    self->write(to, bytes.size(), bytes.data());
    self->flush(to);
  };
  const auto play = [self, write](caf::io::connection_handle to, std::string_view letters) {
    for (const char letter : letters) {
      if (!self->valid(to)) return;
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
        case 'c':
          self->close(to);
          self->state.written.erase(to);
          break;
        default:
          break;
      }
    }
  };
  return {
      [self](const caf::io::new_connection_msg& accepted) {
        self->state.written[accepted.handle] = 0;
        self->trigger(accepted.handle);
      },
      [play](const caf::io::new_data_msg& data) {
        play(data.handle, {data.buf.data(), data.buf.size()});
      },
      [self](const caf::io::connection_closed_msg& closed) { self->state.written.erase(closed.handle); },
      [](const caf::io::acceptor_closed_msg&) {},
      [self, play](const Script& script) {
        for (const auto& handle : self->connections()) play(handle, script.letters);
      },
      [](Sync) { return true; },
  };
}

class Server {
 public:
  Server() {
    configuration_.set("scheduler.policy", caf::atom("sharing"));
    configuration_.set("scheduler.max-threads", std::size_t{1});
    configuration_.load<caf::io::middleman>();
    system_.emplace(configuration_);
    auto& multiplexer = dynamic_cast<caf::io::network::default_multiplexer&>(system_->middleman().backend());
    const auto fd = caf::io::network::new_tcp_acceptor_impl(0, "127.0.0.1", true);
    REQUIRE(fd);
    ::setsockopt(*fd, SOL_SOCKET, SO_SNDBUF, &small_buffer, sizeof small_buffer);
    auto door = caf::make_counted<Doorman>(multiplexer, *fd, std::make_shared<SocketBuffers>());
    port_ = door->port();
    broker_ = system_->middleman().spawn_broker(puppet, caf::io::doorman_ptr{std::move(door)});
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

  /// True if so many bytes come, and they are the right ones.
  bool receives(std::size_t size) {
    for (const auto end = received_ + size; received_ < end;)
      if (!receive_some(end - received_)) return false;
    return true;
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

/// Calls `use` with every script of the given length.
template <class Use>
void for_scripts(std::size_t length, Use use, const std::string& begin = {}) {
  if (length == 0) return use(begin);
  for (const char letter : {'h', 't', 'w', 'W', 'c'}) for_scripts(length - 1, use, begin + letter);
}

}  // namespace

TEST_CASE("whatever is done to a socket in one turn, its peer receives all that was written, and the end") {
  Server server;
  const auto before = open_descriptors();
  for (std::size_t length = 1; length <= 4; ++length)
    for_scripts(length, [&](const std::string& script) {
      CAPTURE(script);
      Peer peer(server);
      peer.sends("w");
      REQUIRE(peer.receives(little));  // it is let in: what is told to all is told to it
      peer.sends(script);
      REQUIRE(peer.receives(written_by(script)));
      if (script.find('c') == std::string::npos) {
        server.plays("htwc");
        REQUIRE(peer.receives(little));
      }
      REQUIRE(peer.receives_end());
    });
  CHECK(becomes_true([&] { return open_descriptors() == before; }));
}

TEST_CASE("whatever is done to a socket in two turns, its peer receives all that was written, and the end") {
  Server server;
  const auto before = open_descriptors();
  for (std::size_t first = 1; first <= 2; ++first)
    for_scripts(first, [&](const std::string& one) {
      for_scripts(2, [&](const std::string& two) {
        CAPTURE(one);
        CAPTURE(two);
        Peer peer(server);
        peer.sends("w" + one);
        REQUIRE(peer.receives(little));  // the first turn has come …
        server.plays(two);  // … and the second one comes while the first one's bytes are pending
        server.plays("c");
        REQUIRE(peer.receives(written_by(one + two)));
        REQUIRE(peer.receives_end());
        server.sync();  // what was said to this peer is not for the next one
      });
    });
  CHECK(becomes_true([&] { return open_descriptors() == before; }));
}

TEST_CASE("a halted socket is not read from until it is triggered") {
  Server server;
  Peer peer(server);
  peer.sends("wh");
  REQUIRE(peer.receives(little));
  peer.sends("w");
  for (int i = 0; i < 10; ++i) server.sync();
  server.plays("W");  // comes first: the peer's own letter is not read yet
  REQUIRE(peer.receives(a_lot));
  server.plays("t");
  REQUIRE(peer.receives(little));
}

TEST_CASE("a socket closed with output pending stays until its peer has read all of it") {
  Server server;
  const auto before = open_descriptors();
  {
    Peer peer(server);
    peer.sends("WWWWWWWWc");
    server.sync();
    REQUIRE(peer.receives(8 * a_lot));
    CHECK(peer.receives_end());
  }
  CHECK(becomes_true([&] { return open_descriptors() == before; }));
}

TEST_CASE("the last words of a socket arrive though its peer's were not read") {
  Server server;
  for (int i = 0; i < 100; ++i) {
    Peer peer(server);
    peer.sends("wh");
    REQUIRE(peer.receives(little));
    peer.sends(std::string(1000, 'w'));
    server.plays("wc");
    REQUIRE(peer.receives(little));
    REQUIRE(peer.receives_end());
  }
}

TEST_CASE("a peer that resets its connection in the middle of anything costs nothing") {
  Server server;
  const auto before = open_descriptors();
  std::mt19937 random;
  for (const std::string script : {"w", "W", "Wh", "WhW", "Wht", "Wc", "Whc", "WtWcW", "hW", "hWc"}) {
    CAPTURE(script);
    for (int i = 0; i < 30; ++i) {
      Peer peer(server);
      peer.sends(script);
      if (random() % 2) REQUIRE(peer.receives(little));
      if (random() % 2) server.plays("w");
      peer.resets();
      if (random() % 2) server.plays("W");
      if (random() % 4 == 0) server.plays("hc");
      server.sync();
    }
    server.plays("hctW");
    server.plays("tw");
  }
  CHECK(becomes_true([&] { return open_descriptors() == before; }));
}

TEST_CASE("a peer that only closes its side is noticed, also in the middle of a write") {
  Server server;
  const auto before = open_descriptors();
  for (int i = 0; i < 100; ++i) {
    Peer peer(server);
    peer.sends(i % 2 ? "w" : "W");
    REQUIRE(peer.receives(little));
  }
  CHECK(becomes_true([&] { return open_descriptors() == before; }));
}

TEST_CASE("connections that write in one turn do not get into each other's way") {
  Server server;
  std::vector<Peer> peers;
  for (int i = 0; i < 50; ++i) {
    peers.emplace_back(server);
    peers.back().sends("w");
    REQUIRE(peers.back().receives(little));
  }
  server.plays("wWw");
  server.plays("w");
  for (auto& peer : peers) REQUIRE(peer.receives(a_lot + 3 * little));
}

TEST_CASE("thousands of connections that come and go leave nothing behind") {
  Server server;
  const auto before = open_descriptors();
  std::mt19937 random;
  for (int round = 0; round < 30; ++round) {
    std::vector<Peer> peers;
    for (int i = 0; i < 100; ++i) peers.emplace_back(server);
    for (auto& peer : peers) peer.sends("w");
    for (auto& peer : peers) REQUIRE(peer.receives(little));
    for (auto& peer : peers) {
      switch (random() % 4) {
        case 0:
          peer.resets();
          break;
        case 1:
          peer.sends("c");
          break;
        case 2:
          peer.sends("hc");
          break;
        default:
          break;
      }
    }
    if (random() % 2) server.plays("hwc");
    server.sync();
  }
  CHECK(becomes_true([&] { return open_descriptors() == before; }));
}

TEST_CASE("a server that ends closes its door and its connections, after what is pending") {
  Server server;
  Peer peer(server);
  peer.sends("WW");
  REQUIRE(peer.receives(little));
  // CAF's system has to end on the thread on which it began.
  auto reading = std::async(std::launch::async,
                            [&] { return peer.receives(2 * a_lot - little) && peer.receives_end(); });
  server.end();
  CHECK(reading.get());
}

TEST_CASE("a peer that never reads holds up the end of the server for the time of grace only") {
  const auto before = open_descriptors();
  {
    Server server;
    Peer halted(server);
    Peer peer(server);
    peer.sends("W");
    halted.sends("Wh");
    server.sync();
    const auto begin = Clock::now();
    server.end();
    CHECK(Clock::now() - begin < 5s);
  }
  CHECK(open_descriptors() == before);
}

}  // namespace troupe::sim
