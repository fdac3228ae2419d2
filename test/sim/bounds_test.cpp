#include "test/sim/fixture.hpp"

#include <doctest/doctest.h>

// The bounds of what one client can take, and what happens there.

using namespace std::chrono_literals;
using namespace troupe::sim;
using troupe::Rules;

namespace {

template <class Change>
Rules rules_with(Change change) {
  auto rules = unhurried();
  change(rules);
  return rules;
}

/// "PING 1" to "PING n".
void pings(Client& client, int count) {
  for (int i = 1; i <= count; ++i) client.sends("PING " + std::to_string(i));
}

/// The answers to those.
Lines pongs(int count) {
  Lines lines;
  for (int i = 1; i <= count; ++i) lines.push_back(":troupe.local PONG troupe.local :" + std::to_string(i));
  return lines;
}

}  // namespace

// -- credit
// -----------------------------------------------------------------------------------------------------

TEST_CASE(
    "a client whose commands are unanswered up to the credit is not read from until they are answered") {
  Sim sim({.rules = rules_with([](auto& rules) { rules.credit = 4; })});
  auto& alice = sim.member("alice", "#c");
  alice.received();
  sim.hold_commits();
  alice.sends("PRIVMSG #c :in flight");
  pings(alice, 10'000);
  const auto sent = alice.unread();
  sim.run();
  CHECK(alice.halted());
  CHECK(alice.unread() >= sent - 8192);  // the server has taken one read of it, and no more
  CHECK(alice.received().empty());

  sim.release_commits();
  sim.run();
  CHECK_FALSE(alice.halted());
  CHECK(alice.unread() == 0);
  CHECK(alice.received() == pongs(10'000));
}

TEST_CASE(
    "under any schedule a flood is answered in order, and never more than the credit is on its way to the "
    "room") {
  for_seeds(50, [](auto seed) {
    Sim sim({.rules = rules_with([](auto& rules) { rules.credit = 4; }), .seed = seed});
    auto& alice = sim.member("alice", "#c");
    alice.received();
    sim.hold_room();
    pings(alice, 100);
    sim.run();
    REQUIRE(alice.halted());
    REQUIRE(alice.received().empty());
    sim.release_room();
    sim.run();
    REQUIRE(alice.received() == pongs(100));
  });
}

TEST_CASE("a client at the end of its credit delays nobody else") {
  Sim sim({.rules = rules_with([](auto& rules) { rules.credit = 1; })});
  auto& alice = sim.member("alice", "#c");
  auto& bob = sim.user("bob");
  sim.hold_room();
  pings(alice, 3);
  sim.run();
  CHECK(alice.halted());
  CHECK_FALSE(bob.halted());
  sim.release_room();
  pings(bob, 2);
  sim.run();
  CHECK(bob.received() == pongs(2));
}

TEST_CASE("a client is not read from while it is being let in, and its early commands count from then on") {
  Sim sim;
  auto& alice = sim.connect();
  sim.hold_room();
  alice.sends("NICK alice", "USER a 0 * :A");
  sim.run();
  CHECK(alice.halted());
  pings(alice, 3);
  sim.run();
  CHECK(alice.unread() > 0);
  sim.release_room();
  sim.run();
  CHECK(alice.received().with("PONG") == pongs(3));
}

// -- send queue
// -------------------------------------------------------------------------------------------------

TEST_CASE(
    "a client that does not read is closed at the bound of its send queue, and nobody else is troubled") {
  Sim sim({.rules = rules_with([](auto& rules) { rules.sendq = 4096; })});
  auto& alice = sim.member("alice", "#c");
  auto& slow = sim.member("slow", "#c");
  auto& bob = sim.member("bob", "#c");
  slow.stops_reading();
  alice.received();
  std::size_t largest = 0;
  for (int i = 0; i < 100; ++i) {
    alice.sends("PRIVMSG #c :" + std::string(100, 'x'));
    sim.run();
    largest = std::max(largest, slow.queued());
  }
  CHECK(slow.closed());
  CHECK(largest > 4096 - 200);
  CHECK(largest <= 4096);
  CHECK(slow.queued() == 0);  // what it did not take is given up
  CHECK(alice.received() == Lines{":slow!slow@10.0.0.1 QUIT :SendQ exceeded"});
  const auto lines = bob.received();
  CHECK(lines.count(" PRIVMSG #c ") == 100);
  CHECK(lines.count(" QUIT :SendQ exceeded") == 1);
  sim.user("slow");
}

TEST_CASE("a client that reads in time is sent everything, however much that is") {
  Sim sim({.rules = rules_with([](auto& rules) { rules.sendq = 4096; })});
  auto& alice = sim.member("alice", "#c");
  auto& bob = sim.member("bob", "#c");
  for (int round = 0; round < 10; ++round) {
    bob.stops_reading();
    for (int i = 0; i < 20; ++i) alice.sends("PRIVMSG #c :" + std::string(100, 'x'));
    sim.run();
    bob.reads_again();
  }
  CHECK(bob.received().size() == 200);
  CHECK_FALSE(bob.closed());
}

TEST_CASE("without a bound of the send queue a slow reader is kept") {
  Sim sim({.rules = rules_with([](auto& rules) { rules.sendq = 0; })});
  auto& alice = sim.member("alice", "#c");
  auto& slow = sim.member("slow", "#c");
  slow.stops_reading();
  for (int i = 0; i < 5000; ++i) alice.sends("PRIVMSG #c :" + std::string(400, 'x'));
  sim.run();
  CHECK_FALSE(slow.closed());
  CHECK(slow.queued() > 5000 * 400);
}

TEST_CASE("a client that floods and never reads its answers is closed at the bound of its send queue") {
  Sim sim({.rules = rules_with([](auto& rules) { rules.sendq = 10'000; })});
  auto& alice = sim.member("alice", "#c");
  alice.stops_reading();
  pings(alice, 10'000);
  sim.run();
  CHECK(alice.closed());
  CHECK(alice.unread() > 0);
}

// -- lines and rate
// ---------------------------------------------------------------------------------------------

TEST_CASE(
    "a line that is too long is answered with 417 and dropped, wherever it is cut, and the next one works") {
  for_seeds(50, [](auto seed) {
    Sim sim({.seed = seed});
    auto& alice = sim.user("alice");
    alice.sends("PING " + std::string(600, 'x'), "PING 1", "PING " + std::string(20'000, 'x'), "PING 2");
    sim.run();
    const auto lines = alice.received();
    REQUIRE(lines.count(" 417 ") == 2);
    REQUIRE(lines.with("PONG") == pongs(2));
  });
}

TEST_CASE("commands above the rate are delayed until it allows them") {
  Sim sim({.rules = rules_with([](auto& rules) {
             rules.rate = 2;
             rules.burst = 10;
           })});
  auto& alice = sim.user("alice");  // which took four of them
  alice.received();
  pings(alice, 10);
  sim.run();
  CHECK(alice.received().size() == 6);
  sim.pass(450ms);
  CHECK(alice.received().empty());
  sim.pass(100ms);
  CHECK(alice.received().size() == 1);
  sim.pass(1500ms);
  CHECK(alice.received().size() == 3);
}

TEST_CASE("a client that keeps sending above the rate is closed with Excess Flood") {
  Sim sim({.rules = rules_with([](auto& rules) {
             rules.rate = 2;
             rules.burst = 10;
             rules.backlog = 2000;
           })});
  auto& alice = sim.member("alice", "#c");
  auto& bob = sim.user("bob");
  bob.sends("JOIN #c");
  sim.run();
  alice.received();
  bob.received();
  for (int i = 0; i < 100; ++i) alice.sends("PRIVMSG #c :" + std::string(30, 'x'));
  sim.run();
  CHECK(alice.closed());
  CHECK(alice.received().back() == "ERROR :Excess Flood");
  CHECK(bob.received().back() == ":alice!alice@10.0.0.1 QUIT :Excess Flood");
}

// -- time
// -------------------------------------------------------------------------------------------------------

// CAF's clock and the event loop wait for each other for ever if connections ask the clock themselves.
TEST_CASE("however many clients the rate holds back, the clock has one more timer to keep for each loop") {
  Sim sim({.rules = rules_with([](auto& rules) {
             rules.rate = 10;
             rules.burst = 9;  // registration takes four
           })});
  const auto idle = sim.timers();
  std::vector<Client*> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(&sim.user("nick" + std::to_string(i)));
  for (auto* client : clients) pings(*client, 20);
  sim.run();
  CHECK(sim.timers() == idle + 2);
  for (auto* client : clients) REQUIRE(client->received() == pongs(5));
  sim.pass(500ms);
  CHECK(sim.timers() == idle + 2);
  for (auto* client : clients) {
    const auto answers = client->received().size();
    REQUIRE(answers >= 4);  // woken 20 ms late at most, each time
    REQUIRE(answers <= 5);
  }
  for (auto* client : clients) client->hangs_up();
  sim.pass(200ms);
  CHECK(sim.timers() == idle);
}

TEST_CASE("a client that the rate holds back is woken even if others were to be woken later") {
  Sim sim({.rules = rules_with([](auto& rules) {
             rules.rate = 0.1;
             rules.burst = 9;  // registration takes four
           })});
  auto& early = sim.user("early");
  pings(early, 7);
  sim.pass(5s);
  auto& late = sim.user("late");
  pings(late, 7);
  sim.pass(4s);
  CHECK(early.received() == pongs(5));
  sim.pass(1100ms);
  CHECK(early.received().size() == 1);
  CHECK(late.received() == pongs(5));
  sim.pass(5s);
  CHECK(late.received().size() == 1);
}

TEST_CASE("a client that does not register in time is closed with a reason") {
  Sim sim;
  auto& silent = sim.connect();
  auto& half = sim.connect();
  half.sends("NICK half");
  sim.pass(40s);
  half.sends("PING alive");
  sim.pass(15s);
  CHECK_FALSE(silent.closed());
  CHECK_FALSE(half.closed());
  sim.pass(11s);
  CHECK(silent.closed());
  CHECK(silent.received() == Lines{"ERROR :Registration timeout"});
  CHECK(half.closed());
  CHECK(half.received().back() == "ERROR :Registration timeout");
}

TEST_CASE("a client that is silent is asked, and closed with a reason if it does not answer") {
  Sim sim;
  auto& alice = sim.member("alice", "#c");
  auto& bob = sim.member("bob", "#c");
  alice.received();
  sim.pass(119s);
  bob.sends("PING awake");
  CHECK(alice.received().empty());
  sim.pass(7s);
  CHECK(alice.received() == Lines{"PING :troupe.local"});
  CHECK_FALSE(bob.received().contains("PING :"));
  sim.pass(50s);
  CHECK_FALSE(alice.closed());
  sim.pass(10s);
  CHECK(alice.closed());
  const auto last = alice.received();
  REQUIRE(last.size() == 1);
  CHECK(last.front().starts_with("ERROR :Ping timeout: 18"));
  CHECK(bob.received().count(":alice!alice@10.0.0.1 QUIT :Ping timeout: 18") == 1);
  sim.user("alice");
}

TEST_CASE("a client that answers pings stays") {
  Sim sim;
  auto& alice = sim.user("alice");
  std::size_t asked = 0;
  for (int second = 0; second < 3600; second += 5) {
    sim.pass(5s);
    if (alice.received().contains("PING :")) {
      ++asked;
      alice.sends("PONG :troupe.local");
    }
  }
  CHECK_FALSE(alice.closed());
  CHECK(asked > 20);
  CHECK(asked <= 30);
}

TEST_CASE("without timeouts a silent client stays") {
  Sim sim({.rules = rules_with([](auto& rules) {
             rules.registration_timeout = 0ms;
             rules.ping_interval = 0ms;
             rules.ping_timeout = 0ms;
           })});
  auto& unregistered = sim.connect();
  auto& alice = sim.user("alice");
  sim.pass(600s);
  CHECK_FALSE(unregistered.closed());
  CHECK_FALSE(alice.closed());
  CHECK(alice.received().empty());
}

TEST_CASE("a client is not closed for a silence that is the server's own") {
  // It has no credit, so nobody reads what it sends, while the store is away for longer than its timeouts.
  Sim sim({.rules = rules_with([](auto& rules) { rules.credit = 1; })});
  auto& alice = sim.member("alice", "#c");
  alice.received();
  sim.hold_commits();
  alice.sends("PRIVMSG #c :in flight");
  sim.run();
  CHECK(alice.halted());
  for (int second = 0; second < 240; second += 5) {
    sim.pass(5s);
    if (alice.received().contains("PING :")) alice.sends("PONG :troupe.local");
  }
  sim.release_commits();
  sim.run();
  CHECK_FALSE(alice.closed());
}

TEST_CASE("an idle server with clients does next to nothing") {
  Sim sim;
  sim.user("alice");
  sim.run();
  const auto before = sim.steps();
  sim.pass(60s);
  CHECK(sim.steps() - before < 60);
}
