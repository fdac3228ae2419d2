#include "client/connection.hpp"

#include "client/file_descriptor.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

using namespace troupe::client;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

constexpr auto deadline = 10s;

// These tests run CAF's own threads. The thread sanitizer does not see how messages pass between those,
// because Debian's libcaf is not built with it, and takes every message for a race.
#ifdef __SANITIZE_THREAD__
constexpr bool blind = true;
#else
constexpr bool blind = false;
#endif

struct Config : caf::actor_system_config {
  Config() {
    load<caf::io::middleman>();
    set("scheduler.max-threads", 1u);
    set("middleman.max-consecutive-reads", 1u);
  }
};

// A server on a port of its own, of which the test plays every part, and the actor that is connected to it;
// the test is its console.
struct Wire {
  Wire() : listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener.number(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener.number(), 1) == 0);
    REQUIRE(::getsockname(listener.number(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port = ntohs(address.sin_port);
    actor = system.middleman().spawn_broker(connection, caf::actor_cast<console_actor>(caf::actor(console)));
  }
  ~Wire() { caf::anon_send_exit(actor, caf::exit_reason::user_shutdown); }

  void connect() {
    console->send(actor, connect_atom::value, "127.0.0.1", port);
    peer = FileDescriptor(::accept(listener.number(), nullptr, nullptr));
    console->receive([](connected_atom) {}, caf::after(deadline) >> [] { FAIL("not connected"); });
  }

  void write(std::string_view bytes) {
    REQUIRE(::send(peer.number(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  }

  Lines lines() {
    Lines result;
    console->receive([&](lines_atom, Lines& lines) { result = std::move(lines); },
                     caf::after(deadline) >> [] { FAIL("no lines"); });
    return result;
  }

  // Everything up to the line with this text.
  Lines lines_until(const std::string& last) {
    Lines all;
    while (all.empty() || all.back() != last) {
      for (auto& line : lines()) all.push_back(std::move(line));
      console->send(actor, more_atom::value);
    }
    return all;
  }

  std::string closed() {
    std::string reason;
    console->receive([&](closed_atom, std::string& why) { reason = std::move(why); },
                     caf::after(deadline) >> [] { FAIL("not closed"); });
    return reason;
  }

  // What comes from the client, until it has this size or the connection ends.
  std::string read(std::size_t size) {
    std::string bytes(size, '\0');
    const auto count = ::recv(peer.number(), bytes.data(), size, MSG_WAITALL);
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
  }

  Config config;
  caf::actor_system system{config};
  caf::scoped_actor console{system};
  FileDescriptor listener;
  std::uint16_t port = 0;
  FileDescriptor peer;
  connection_actor actor;
};

}  // namespace

TEST_SUITE("connection" * doctest::skip(blind)) {
  TEST_CASE("lines come whole however the bytes do, and what is sent arrives") {
    Wire wire;
    wire.connect();
    wire.write("one\r\ntwo\r\nthr");
    CHECK(wire.lines() == Lines{"one", "two"});
    wire.console->send(wire.actor, more_atom::value);
    wire.write("ee\r\n");
    CHECK(wire.lines() == Lines{"three"});
    wire.console->send(wire.actor, send_atom::value, "NICK ann\r\n");
    CHECK(wire.read(10) == "NICK ann\r\n");
  }

  TEST_CASE("a server that closes is told after its last lines, once") {
    Wire wire;
    wire.connect();
    wire.write("ERROR :bye\r\n");
    wire.peer = FileDescriptor();
    CHECK(wire.lines() == Lines{"ERROR :bye"});
    wire.console->send(wire.actor, more_atom::value);
    CHECK(wire.closed() == "closed by the server");
    wire.console->send(wire.actor, close_atom::value);
    wire.connect();  // the next one begins afresh: nothing of the last one comes in between
  }

  TEST_CASE("closing sends what was said before it") {
    Wire wire;
    wire.connect();
    wire.console->send(wire.actor, send_atom::value, "QUIT\r\n");
    wire.console->send(wire.actor, close_atom::value);
    wire.closed();
    CHECK(wire.read(100) == "QUIT\r\n");
  }

  TEST_CASE("a port where nobody listens is told with the reason") {
    Wire wire;
    wire.listener = FileDescriptor();
    wire.console->send(wire.actor, connect_atom::value, "127.0.0.1", wire.port);
    CHECK(wire.closed() == "Connection refused");
  }

  TEST_CASE("the socket is not read while the console owes its answer, and read on afterwards") {
    Wire wire;
    wire.connect();
    std::string burst;
    for (int i = 0; i < 20'000; ++i) burst += "line " + std::to_string(i) + "\r\n";
    burst += "end\r\n";
    std::size_t written = 0;
    const auto first = [&] {
      written = static_cast<std::size_t>(::send(wire.peer.number(), burst.data(), 100, 0));
      return wire.lines();
    }();
    CHECK(first.front() == "line 0");
    // Everything else goes into the socket's buffers as far as they reach; no more lines come unasked.
    const auto rest = std::string_view(burst).substr(written);
    std::thread server([&] {
      for (auto left = rest; !left.empty();) {
        const auto count = ::send(wire.peer.number(), left.data(), left.size(), MSG_NOSIGNAL);
        if (count <= 0) return;
        left.remove_prefix(static_cast<std::size_t>(count));
      }
    });
    wire.console->send(wire.actor, send_atom::value, "PING\r\n");
    CHECK(wire.read(6) == "PING\r\n");
    CHECK_FALSE(wire.console->has_next_message());
    wire.console->send(wire.actor, more_atom::value);
    const auto all = wire.lines_until("end");
    CHECK(first.size() + all.size() == 20'001);
    server.join();
  }
}
