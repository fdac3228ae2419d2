#include "test/sim/puppet.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <random>
#include <string>
#include <string_view>
#include <vector>

// Wires over real sockets with CAF's real event loop, whose mistakes end the process.

namespace troupe::sim {
namespace {

/// How much a script writes before it closes.
std::size_t written_by(std::string_view script) {
  const auto open = script.substr(0, script.find('c'));
  return static_cast<std::size_t>(std::ranges::count(open, 'w')) * little +
         static_cast<std::size_t>(std::ranges::count(open, 'W')) * a_lot;
}

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
