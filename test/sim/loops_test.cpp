#include "test/sim/fixture.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

// Several event loops: one order for all, and nobody notices where a client is.

using namespace std::chrono_literals;
using namespace troupe::sim;

TEST_CASE("a client that closes without QUIT and comes back at once, on whichever loop, has its nick") {
  for (const std::size_t loops : {1, 2, 3})
    for_seeds(200, [&](auto seed) {
      Sim sim({.loops = loops, .seed = seed});
      for (std::size_t i = sim.below(3); i > 0; --i) sim.connect();
      sim.run();
      auto* alice = &sim.user("alice");
      for (int round = 0; round < 3; ++round) {
        alice->hangs_up();
        alice = &sim.connect();
        alice->sends("NICK alice", "USER a 0 * :A");
        sim.run();
        const auto lines = alice->received();
        REQUIRE(lines.contains(" 001 alice "));
        REQUIRE_FALSE(lines.contains(" 433 "));
      }
    });
}

TEST_CASE("a client that comes back when its place is the last one is let in, on whichever loop") {
  for (const std::size_t loops : {1, 2, 3})
    for_seeds(200, [&](auto seed) {
      auto rules = unhurried();
      rules.max_connections = 2;
      Sim sim({.rules = rules, .loops = loops, .seed = seed});
      sim.connect();
      auto* leaving = &sim.connect();
      sim.run();
      for (int round = 0; round < 3; ++round) {
        leaving->hangs_up();
        leaving = &sim.connect();
        auto& refused = sim.connect();
        sim.run();
        REQUIRE_FALSE(leaving->closed());
        REQUIRE(refused.received() == Lines{"ERROR :Too many connections"});
      }
    });
}

TEST_CASE("clients on different loops see one order, each line once") {
  for_seeds(100, [](auto seed) {
    Sim sim({.loops = 3, .seed = seed});
    std::vector<Client*> clients;
    for (int i = 0; i < 6; ++i) clients.push_back(&sim.member("n" + std::to_string(i), "#c", "echo-message"));
    for (auto* client : clients) client->received();
    for (int line = 0; line < 5; ++line)
      for (auto* client : clients) client->sends("PRIVMSG #c :" + std::to_string(line));
    sim.run();
    const auto seen = clients.front()->received();
    REQUIRE(seen.size() == 30);
    for (auto* client : clients)
      if (client != clients.front()) REQUIRE(client->received() == seen);
  });
}

TEST_CASE("a client that leaves while it is being let in leaves nothing behind") {
  for_seeds(300, [](auto seed) {
    Sim sim({.loops = 2, .seed = seed});
    auto& alice = sim.connect();
    alice.sends("NICK alice", "USER a 0 * :A");
    sim.run_some(sim.below(40));
    if (seed % 2) alice.connection_exits(caf::exit_reason::kill);
    alice.hangs_up();
    sim.run();
    sim.user("alice");
  });
}
