#include "test/sim/fixture.hpp"

#include <doctest/doctest.h>

// How many clients there may be, and who is refused.

using namespace troupe::sim;
using troupe::Rules;

namespace {

template <class Change>
Rules rules_with(Change change) {
  auto rules = unhurried();
  change(rules);
  return rules;
}

}  // namespace

TEST_CASE("above the largest number of connections a client is refused with a reason, until one leaves") {
  for_seeds(30, [](auto seed) {
    Sim sim({.rules = rules_with([](auto& rules) { rules.max_connections = 3; }), .seed = seed});
    std::vector<Client*> clients;
    for (int i = 0; i < 6; ++i) clients.push_back(&sim.connect());
    sim.run();
    std::size_t refused = 0;
    Client* guest = nullptr;
    for (auto* client : clients) {
      if (client->closed()) {
        ++refused;
        REQUIRE(client->received() == Lines{"ERROR :Too many connections"});
      } else {
        guest = client;
      }
    }
    REQUIRE(refused == 3);
    if (seed % 2)
      guest->hangs_up();
    else
      guest->connection_exits(caf::exit_reason::kill);
    sim.run();
    auto& next = sim.connect();
    auto& one_more = sim.connect();
    sim.run();
    REQUIRE(next.closed() + one_more.closed() == 1);
  });
}

TEST_CASE(
    "above the largest number of connections from an address one more from there is refused, until one "
    "leaves") {
  Sim sim({.rules = rules_with([](auto& rules) { rules.max_per_address = 2; })});
  auto& first = sim.connect("192.0.2.1");
  sim.connect("192.0.2.1");
  sim.run();
  auto& third = sim.connect("192.0.2.1");
  auto& other = sim.connect("192.0.2.2");
  sim.run();
  CHECK(third.closed());
  CHECK(third.received() == Lines{"ERROR :Too many connections from your address"});
  CHECK_FALSE(other.closed());
  first.sends("QUIT");
  sim.run();
  auto& fourth = sim.connect("192.0.2.1");
  sim.run();
  CHECK_FALSE(fourth.closed());
}

TEST_CASE("a refused client counts for nothing") {
  Sim sim({.rules = rules_with([](auto& rules) { rules.max_per_address = 1; })});
  auto& first = sim.connect();
  sim.run();
  for (int i = 0; i < 10; ++i) sim.connect();
  sim.run();
  first.hangs_up();
  sim.run();
  auto& next = sim.connect();
  sim.run();
  CHECK_FALSE(next.closed());
}
