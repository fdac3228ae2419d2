#include "test/sim/talk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

// Stores that come and go, or that are slow; spools that are full; messages that no store takes.

using namespace std::chrono_literals;
using namespace troupe::sim;

// -- steadiness -------------------------------------------------------------------------------------------

namespace {

/// What happened in 40 seconds with 20 messages a second while one commit in twenty takes 0.7 s.
struct Unsteady {
  std::size_t times_away = 0;  ///< messages went to the spool after one that had not
  std::vector<int> latencies;  ///< ms

  int percentile(double share) {
    std::ranges::sort(latencies);
    return latencies[static_cast<std::size_t>(share * static_cast<double>(latencies.size() - 1))];
  }
};

Unsteady is_unsteady(std::uint64_t seed) {
  Pair room;
  auto& sim = room.sim;
  std::mt19937_64 random(seed);
  sim.store_takes = [&] { return random() % 20 == 0 ? 700ms : 2ms; };
  sim.spool_takes = [] { return 2ms; };
  sim.line_can_be_cut = true;
  Unsteady found;
  bool was_spooled = false;
  for (int now = 0; now < 40'000; now += 50) {
    const auto spooled = sim.spool().appends;
    says(room.alice, {std::to_string(now)});
    for (int i = 0; i < 50; ++i) {
      sim.pass(1ms);
      for (const auto& text : texts(room.bob.received()))
        found.latencies.push_back(now + i + 1 - std::stoi(text));
    }
    const bool is_spooled = sim.spool().appends > spooled;
    if (is_spooled && !was_spooled) ++found.times_away;
    was_spooled = is_spooled;
  }
  CHECK(found.latencies.size() > 780);
  return found;
}

}  // namespace

TEST_CASE("a store of which one commit in twenty is slow is left a few times, for longer each time") {
  for_seeds(5, [](auto seed) {
    auto found = is_unsteady(seed);
    CHECK(found.times_away <= 8);
    CHECK(found.percentile(0.99) <= 520);
    CHECK(found.percentile(1) <= 1000);
  });
}

TEST_CASE(
    "after its first outage the store is trusted at once, after more of them later, and in the end at once "
    "again") {
  Pair room;
  auto& sim = room.sim;
  const auto returns_after = [&] {
    sim.store().away = true;
    room.alice_says({"away"});
    sim.store().away = false;
    sim.pass(250ms);
    std::chrono::milliseconds passed{};
    for (bool home = false; !home; passed += 100ms) {
      const auto spooled = sim.spool().appends;
      room.alice_says({"is it back?"});
      home = sim.spool().appends == spooled;
      sim.pass(100ms);
    }
    return passed;
  };
  CHECK(returns_after() <= 100ms);
  for (const auto calm : {1000ms, 2000ms, 4000ms, 8000ms, 16'000ms, 32'000ms, 60'000ms, 60'000ms}) {
    CAPTURE(calm.count());
    const auto passed = returns_after();
    CHECK(passed >= calm);
    CHECK(passed <= calm + 400ms);
  }
  sim.pass(5min);
  CHECK(returns_after() <= 100ms);
}

TEST_CASE("the store is asked before it is trusted, also if the spool is empty") {
  Pair room;
  auto& sim = room.sim;
  sim.store().away = true;
  sim.spool().full = true;
  room.alice_says({"lost"});  // which makes it known that the store is away
  sim.spool().full = false;
  const auto probes = sim.store().probes;
  sim.pass(300ms);
  CHECK(sim.store().probes == probes + 1);
  room.alice_says({"spooled"});
  CHECK(sim.spool().texts() == Texts{"spooled"});
  sim.store().away = false;
  sim.pass(1s);
  room.all_is_home({"spooled"});
}

TEST_CASE("a store that answers, but slowly, is not trusted") {
  Pair room;
  auto& sim = room.sim;
  sim.store().away = true;
  room.alice_says({"one"});
  sim.store().away = false;
  sim.store_takes = [] { return 600ms; };
  sim.pass(5s);
  room.alice_says({"two"});
  CHECK(texts(room.bob.received()) == Texts{"one", "two"});
  CHECK(sim.spool().has("two"));
  sim.pass(2s);
  CHECK(sim.store().has("two"));  // it is moved all the same
  sim.store_takes = {};
  sim.pass(2s);
  room.alice_says({"three"});
  CHECK(sim.spool().appends == 2);
  room.all_is_home({"one", "two", "three"});
}

// -- a spool without space --------------------------------------------------------------------------------

TEST_CASE("a spool that nothing can be removed from is moved all the same, and emptied when there is space") {
  Pair room;
  auto& sim = room.sim;
  sim.store().away = true;
  auto all = numbered("spooled", 2500);
  room.alice_says(all);
  sim.spool().full = true;
  sim.store().away = false;
  sim.pass(1s);
  CHECK(history(sim.store()) == all);
  CHECK(sim.spool().kept.size() == all.size());
  const auto appends = sim.store().appends;
  room.alice_says({"at home"});
  all.emplace_back("at home");
  CHECK(sim.store().appends == appends + 1);
  sim.pass(60s);
  CHECK(sim.store().appends == appends + 1);  // nothing is moved twice
  sim.store().away = true;
  sim.spool().full = false;
  room.alice_says({"away again"});
  all.emplace_back("away again");
  sim.store().away = false;
  sim.pass(40s);
  room.all_is_home(all);
  CHECK(texts(room.bob.received()) == all);
}

TEST_CASE("messages moved from a spool that can't be emptied are found once in the history") {
  Pair room({.archived = true});
  auto& sim = room.sim;
  sim.store().away = true;
  room.alice_says({"one", "two"});
  sim.spool().full = true;
  sim.store().away = false;
  sim.pass(1s);
  room.alice_says({"three"});
  room.alice.sends("PART #c");
  room.bob.sends("PART #c");
  sim.run();
  auto& carol = sim.user("carol", "server-time");
  carol.sends("JOIN #c");
  sim.run();
  CHECK(texts(carol.received()) == Texts{"one", "two", "three"});
}

TEST_CASE("while the spool can't be read the store is used, and what the spool holds is moved later") {
  const auto spool = std::make_shared<MemoryStore>();
  {
    Pair earlier({.spooled = spool});
    earlier.sim.store().away = true;
    earlier.alice_says({"earlier"});
  }
  spool->away = true;
  Pair room({.spooled = spool, .newest = spool->kept.back().id});
  room.alice_says({"later"});
  CHECK(room.sim.store().texts() == Texts{"later"});
  CHECK(texts(room.bob.received()) == Texts{"later"});
  spool->away = false;
  room.sim.pass(20s);
  room.all_is_home({"earlier", "later"});
}

// -- what the store will never take -----------------------------------------------------------------------

TEST_CASE("messages that the store rejects stay in the spool, the rest goes home, and history has all") {
  Pair room({.archived = true});
  auto& sim = room.sim;
  sim.store().rejects = [](const auto& message) { return message.text.ends_with("7"); };
  sim.store().away = true;
  const auto all = numbered("text", 9);
  room.alice_says(all);
  sim.store().away = false;
  sim.pass(2s);
  CHECK(sim.spool().texts() == Texts{"text 7"});
  CHECK(sim.store().kept.size() == 8);
  const auto spooled = sim.spool().appends;
  room.alice_says({"after"});
  CHECK(sim.spool().appends == spooled);
  CHECK(sim.store().has("after"));
  room.alice.sends("PART #c");
  room.bob.sends("PART #c");
  sim.run();
  auto& carol = sim.user("carol", "server-time");
  carol.sends("JOIN #c");
  sim.run();
  auto expected = all;
  expected.emplace_back("after");
  CHECK(texts(carol.received()) == expected);
}

TEST_CASE("a message that the store rejects at home is set aside, shown, and in nobody's way") {
  Pair room;
  auto& sim = room.sim;
  sim.store().rejects = [](const auto& message) { return message.text == "rejected"; };
  room.alice_says({"one", "rejected", "two"});
  sim.pass(1s);
  CHECK(texts(room.bob.received()) == Texts{"one", "rejected", "two"});
  CHECK(sim.spool().texts() == Texts{"rejected"});
  const auto appends = sim.store().appends;
  room.alice_says({"three"});
  CHECK(sim.store().appends == appends + 1);
  CHECK(history(sim.store()) == Texts{"one", "two", "three"});
  sim.pass(60s);
  CHECK(sim.store().appends == appends + 1);
}

TEST_CASE("what could not be set aside for lack of space is not taken for moved") {
  Pair room;
  auto& sim = room.sim;
  sim.store().rejects = [](const auto& message) { return message.text == "rejected"; };
  sim.store().away = true;
  room.alice_says({"one", "rejected", "two"});
  sim.spool().full = true;
  sim.store().away = false;
  sim.pass(2s);
  CHECK(history(sim.store()) == Texts{"one", "two"});
  sim.spool().full = false;
  sim.pass(40s);
  CHECK(sim.spool().texts() == Texts{"rejected"});
}
