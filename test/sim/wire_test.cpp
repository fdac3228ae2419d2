#include "test/sim/fixture.hpp"

#include <doctest/doctest.h>

// Clients that do not take what they are sent: when they are given up, and what they hold until then.

using namespace std::chrono_literals;
using namespace troupe::sim;

namespace {

troupe::Rules two_places() {
  auto rules = unhurried();
  rules.max_connections = 2;
  return rules;
}

/// Whether one more client is let in.
bool has_place(Sim& sim) {
  auto& next = sim.connect();
  sim.run();
  const bool let_in = !next.closed();
  next.hangs_up();
  sim.run();
  return let_in;
}

}  // namespace

TEST_CASE("a client that half-closes and never reads is gone at the deadline, and counts until then") {
  Sim sim({.rules = two_places()});
  auto& alice = sim.member("alice", "#c");
  auto& slow = sim.member("slow", "#c");
  alice.received();
  slow.stops_reading();
  alice.sends("PRIVMSG #c :hello");
  sim.run();
  slow.ends_its_output();
  sim.run();
  CHECK(alice.received() == Lines{":slow!slow@10.0.0.1 QUIT :Connection closed"});
  sim.pass(2900ms);
  CHECK(slow.queued() > 0);
  CHECK_FALSE(has_place(sim));
  sim.pass(150ms);
  CHECK(slow.closed());
  CHECK(slow.queued() == 0);
  CHECK_FALSE(slow.remembered());
  CHECK(has_place(sim));
}

TEST_CASE("QUIT with something pending takes the time of grace, in which the client may still read") {
  for (const bool reads : {false, true}) {
    Sim sim({.rules = two_places()});
    auto& alice = sim.member("alice", "#c");
    auto& slow = sim.member("slow", "#c");
    slow.stops_reading();
    alice.sends("PRIVMSG #c :hello");
    slow.sends("QUIT");
    sim.pass(2s);
    CHECK_FALSE(has_place(sim));
    if (reads) {
      slow.reads_again();
      CHECK(slow.received() == Lines{":alice!alice@10.0.0.1 PRIVMSG #c :hello", "ERROR :Quit"});
    } else {
      sim.pass(1s);
      CHECK(slow.received().empty());
    }
    sim.pass(100ms);
    CHECK(slow.closed());
    CHECK(has_place(sim));
  }
}

TEST_CASE("a client that takes nothing for two minutes is closed, however lively it talks") {
  Sim sim;
  auto& alice = sim.member("alice", "#c");
  auto& slow = sim.member("slow", "#c");
  slow.stops_reading();
  alice.sends("PRIVMSG #c :hello");
  alice.received();
  for (int second = 0; second < 119; ++second) {
    slow.sends("PONG :still here");
    sim.pass(1s);
  }
  CHECK_FALSE(alice.received().contains("QUIT"));
  sim.pass(1100ms);
  CHECK(slow.closed());
  CHECK(alice.received().count(":slow!slow@10.0.0.1 QUIT :Connection timed out") == 1);
}

TEST_CASE("a client that takes something within two minutes is not closed") {
  Sim sim;
  auto& alice = sim.member("alice", "#c");
  auto& slow = sim.member("slow", "#c");
  for (int round = 0; round < 4; ++round) {
    slow.stops_reading();
    alice.sends("PRIVMSG #c :hello");
    for (int second = 0; second < 100; ++second) {
      slow.sends("PONG :still here");
      alice.sends("PONG :me too");
      sim.pass(1s);
    }
    slow.reads_again();
  }
  CHECK_FALSE(slow.closed());
  CHECK(slow.received().count("hello") == 4);
}
