#include "test/sim/fixture.hpp"

#include <doctest/doctest.h>

// What the modes promise that store a message after it was shown, or never.

using namespace troupe::sim;
using troupe::Durability;

TEST_CASE("in relaxed mode a message is shown before it is committed") {
  Sim sim({.durability = Durability::relaxed});
  auto& alice = sim.member("alice", "#c");
  auto& bob = sim.member("bob", "#c");
  sim.hold_commits();
  alice.sends("PRIVMSG #c :hello");
  sim.run();
  CHECK(sim.store().appends == 0);
  CHECK(bob.received() == Lines{":alice!alice@10.0.0.1 PRIVMSG #c :hello"});
  sim.release_commits();
  sim.run();
  CHECK(sim.store().texts() == std::vector<std::string>{"hello"});
}

TEST_CASE("in relaxed mode the store can only fall behind so far before messages wait for it") {
  Sim sim({.durability = Durability::relaxed});
  auto& alice = sim.member("alice", "#c");
  auto& bob = sim.member("bob", "#c");
  sim.hold_commits();
  std::size_t shown = 0;
  for (int i = 0; i < 30; ++i) {
    alice.sends("PRIVMSG #c :" + std::to_string(i));
    sim.run();
    shown += bob.received().size();
  }
  CHECK(shown > 0);
  CHECK(shown < 30);
  sim.release_commits();
  sim.run();
  CHECK(shown + bob.received().size() == 30);
  CHECK(sim.store().kept.size() == 30);
}

TEST_CASE("in relaxed mode a failed commit does not stop the ones behind it") {
  Sim sim({.durability = Durability::relaxed});
  auto& alice = sim.member("alice", "#c");
  sim.store().fails = [&] { return sim.store().appends == 1; };
  alice.sends("PRIVMSG #c :one");
  sim.run();
  alice.sends("PRIVMSG #c :two");
  sim.run();
  CHECK(sim.store().texts() == std::vector<std::string>{"two"});
}

TEST_CASE("with durability none nothing is stored and everything shown") {
  Sim sim({.durability = Durability::none});
  auto& alice = sim.member("alice", "#c");
  auto& bob = sim.member("bob", "#c");
  alice.sends("PRIVMSG #c :hello");
  sim.run();
  CHECK(bob.received().size() == 1);
  CHECK(sim.store().appends == 0);
}
