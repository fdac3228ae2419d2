#include "test/sim/fixture.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

// Long answers: in portions, as the client takes them.

using namespace std::chrono_literals;
using namespace troupe::sim;
using troupe::Rules;

namespace {

/// A send queue that no answer below would fit into.
Rules narrow() {
  auto rules = unhurried();
  rules.sendq = 64 * 1024;
  return rules;
}

/// So many channels, a hundred of each of some users, with topics of 300 bytes.
void build(Sim& sim, int channels) {
  const std::string topic(300, 't');
  Client* builder = nullptr;
  for (int i = 0; i < channels; ++i) {
    if (i % 100 == 0) builder = &sim.user("builder" + std::to_string(i / 100));
    const auto name = "#channel" + std::to_string(i);
    builder->sends("JOIN " + name, "TOPIC " + name + " :" + topic);
    if (i % 100 == 99 || i + 1 == channels) {
      sim.run();
      builder->received();
    }
  }
}

void append(Lines& all, const Lines& more) { all.insert(all.end(), more.begin(), more.end()); }

}  // namespace

TEST_CASE(
    "LIST of ten thousand channels with topics reaches a slow reader, and little of it is ever pending") {
  Sim sim({.rules = narrow()});
  build(sim, 10'000);
  auto& alice = sim.user("alice");
  alice.received();
  alice.stops_reading();
  alice.sends("LIST", "PING behind");
  sim.run();
  Lines heard;
  std::size_t most = 0;
  for (int i = 0; i < 2000 && !heard.contains("PONG"); ++i) {
    most = std::max(most, alice.queued());
    alice.reads_again();
    alice.stops_reading();
    sim.run();
    append(heard, alice.received());
  }
  CHECK_FALSE(alice.closed());
  CHECK(most <= 40 * 1024);
  CHECK(heard.with(" 322 ").size() == 10'000);
  CHECK(std::set<std::string>(heard.begin(), heard.end()).size() == heard.size());
  REQUIRE_FALSE(heard.empty());
  CHECK(heard.back() == ":troupe.local PONG troupe.local :behind");
}

TEST_CASE("under any schedule long answers are complete, and commands behind them are answered in order") {
  for_seeds(20, [](std::uint64_t seed) {
    Sim sim({.rules = narrow(), .seed = seed});
    build(sim, 300);
    auto& alice = sim.member("alice", "#c");
    auto& bob = sim.member("bob", "#c");
    alice.received();
    for (int i = 0; i < 3; ++i) alice.sends("LIST", "PING " + std::to_string(i));
    Lines heard;
    for (int i = 0; i < 50; ++i) {
      bob.sends("PRIVMSG #c :" + std::to_string(i));
      if (i % 10 == 3) alice.stops_reading();
      if (i % 10 == 7) alice.reads_again();
      sim.run_some(100);
      append(heard, alice.received());
    }
    alice.reads_again();
    sim.run();
    append(heard, alice.received());
    CHECK(heard.with(" 322 ").size() == 903);
    CHECK(heard.with("PRIVMSG #c").size() == 50);
    for (int i = 0; i < 3; ++i) {
      const auto pong = "PONG troupe.local :" + std::to_string(i);
      CHECK(heard.with(pong).size() == 1);
      std::size_t before = 0;
      for (std::size_t line = 0; line < heard.place_of(pong); ++line)
        before += heard[line].find(" 323 ") != std::string::npos;
      CHECK(before == static_cast<std::size_t>(i) + 1);
    }
  });
}

TEST_CASE("who never takes its answer keeps nobody else from anything, and does not delay the end") {
  Sim sim({.rules = narrow()});
  build(sim, 1000);
  auto& alice = sim.member("alice", "#c");
  auto& bob = sim.member("bob", "#c");
  alice.stops_reading();
  for (int i = 0; i < 40; ++i) alice.sends("LIST");
  sim.run();
  CHECK(alice.queued() <= 40 * 1024);
  bob.received();
  bob.sends("LIST", "PRIVMSG #c :hi", "PING x");
  sim.run();
  CHECK(bob.received().count(" 322 ") == 1001);
  CHECK_FALSE(alice.closed());

  alice.reads_again();
  alice.stops_reading();
  sim.shut_down();
  sim.run();
  sim.pass(4s);
  CHECK(sim.ended());
}

TEST_CASE("who leaves in the middle of a long answer leaves nothing behind") {
  Sim sim({.rules = narrow()});
  build(sim, 500);
  const auto before = sim.actors();
  auto& alice = sim.user("alice");
  alice.stops_reading();
  alice.sends("LIST", "LIST");
  sim.run();
  alice.is_cut_off();
  sim.pass(10s);
  CHECK(sim.actors() == before);
  auto& again = sim.user("alice");
  again.sends("LIST");
  sim.run();
  CHECK(again.received().count(" 322 ") == 500);
}

TEST_CASE("QUIT behind a long answer ends the connection when that is taken") {
  Sim sim({.rules = narrow()});
  build(sim, 500);
  auto& alice = sim.user("alice");
  alice.stops_reading();
  alice.sends("LIST", "QUIT");
  sim.run();
  alice.reads_again();
  sim.run();
  const auto heard = alice.received();
  CHECK(heard.count(" 322 ") == 500);
  REQUIRE_FALSE(heard.empty());
  CHECK(heard.back() == "ERROR :Quit");
  CHECK(alice.closed());
}
