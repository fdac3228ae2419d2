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

TEST_CASE("who comes back again and again says no more than who stays") {
  Setup setup;
  setup.rules.rate = 10;
  setup.rules.burst = 40;
  setup.rules.max_per_address = 100;
  Sim sim(setup);
  auto& witness = sim.connect("192.0.2.9");
  witness.sends("NICK witness", "USER w 0 * :w", "JOIN #c");
  sim.run();
  // Three at a time, for five seconds.
  constexpr std::size_t workers = 3;
  std::vector<Client*> clients(workers);
  for (std::size_t i = 0; i < 100; ++i) {
    for (auto*& client : clients) {
      if (client && !client->closed()) client->hangs_up();
      sim.run();
      client = &sim.connect("192.0.2.1");
      client->sends("NICK mallory", "USER m 0 * :m", "JOIN #c");
      for (int message = 0; message < 34; ++message) client->sends("PRIVMSG #c :spam");
      client->sends("QUIT");
      sim.run();
    }
    sim.pass(std::chrono::milliseconds{50});
  }
  const auto heard = witness.received().count(" PRIVMSG #c :spam");
  CHECK(heard > 20);
  CHECK(heard <= workers * (40 + 5 * 10));
}

TEST_CASE("where somebody has said much, the next from there registers slowly, and elsewhere at once") {
  Setup setup;
  setup.rules.rate = 10;
  setup.rules.burst = 40;
  setup.rules.max_per_address = 100;
  Sim sim(setup);
  for (int i = 0; i < 50; ++i) {
    auto& mallory = sim.connect("192.0.2.1");
    for (int line = 0; line < 60; ++line) mallory.sends("PING x");
    sim.run();
    mallory.hangs_up();
    sim.run();
  }
  const auto registers = [&](Client& client, const std::string& nick) {
    client.sends("NICK " + nick, "USER u 0 * :u");
    sim.run();
    return client.received().contains(" 001 " + nick + " ");
  };
  auto& neighbour = sim.connect("192.0.2.1");
  CHECK_FALSE(registers(neighbour, "alice"));
  CHECK(registers(sim.connect("192.0.2.2"), "bob"));
  sim.pass(std::chrono::milliseconds{500});
  CHECK(neighbour.received().contains(" 001 alice "));
}
