#include "db/id_range.hpp"
#include "test/sim/talk.hpp"

#include <doctest/doctest.h>

#include <algorithm>

// What holds across the end of a server, or of persistence alone.

using namespace std::chrono_literals;
using namespace troupe::sim;

// -- ids are reserved -------------------------------------------------------------------------------------

TEST_CASE(
    "before a message is shown its id is reserved, once in several seconds, and never while nobody speaks") {
  Pair room;
  auto& sim = room.sim;
  sim.hold_spool();
  room.alice_says({"one"});
  CHECK(sim.store().texts() == Texts{"one"});  // at the same time
  CHECK(room.bob.received() == Lines{});
  sim.release_spool();
  sim.run();
  CHECK(texts(room.bob.received()) == Texts{"one"});
  REQUIRE(sim.spool().reserved());
  CHECK(*sim.spool().reserved() > sim.store().kept.back().id);
  for (const auto& text : numbered("more", 100)) room.alice_says({text});
  CHECK(sim.spool().reservations == 1);
  sim.pass(1h);
  CHECK(sim.spool().reservations == 1);
}

TEST_CASE("if ids can't be reserved, messages are shown all the same, and soon") {
  Pair room;
  auto& sim = room.sim;
  sim.spool().full = true;
  room.alice_says({"one"});
  CHECK(texts(room.bob.received()) == Texts{"one"});
  sim.spool().full = false;
  sim.pass(6s);
  sim.hold_spool();
  room.alice_says({"two"});
  CHECK(texts(room.bob.received()) == Texts{"two"});
}

TEST_CASE("a spool that hangs holds messages up for a moment, once") {
  Pair room;
  auto& sim = room.sim;
  sim.hold_spool();
  room.alice_says({"one"});
  sim.pass(600ms);
  CHECK(texts(room.bob.received()) == Texts{"one"});
  room.alice_says({"two"});
  CHECK(texts(room.bob.received()) == Texts{"two"});
}

TEST_CASE("after a restart with the store away, and the clock an hour back, later messages come later") {
  const auto store = std::make_shared<MemoryStore>();
  const auto spool = std::make_shared<MemoryStore>();
  const auto in_an_hour =
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now() + 1h);
  {
    Pair earlier({.store = store, .spooled = spool, .newest = troupe::db::first_id_at(in_an_hour)});
    earlier.alice_says({"A"});
    REQUIRE(store->texts() == Texts{"A"});
    REQUIRE(store->kept.front().id > troupe::db::first_id_at(in_an_hour));
  }
  store->away = true;
  REQUIRE(spool->kept.empty());
  Pair room({.archived = true, .store = store, .spooled = spool, .newest = spool->reserved()});
  room.alice_says({"B"});
  CHECK(texts(room.bob.received()) == Texts{"B"});
  store->away = false;
  room.sim.pass(2s);
  room.all_is_home({"A", "B"});
  auto& carol = room.sim.member("carol", "#c", "batch draft/chathistory message-tags server-time");
  carol.sends("CHATHISTORY AFTER #c msgid=" + to_string(store->kept.front().id) + " 10");
  room.sim.run();
  CHECK(texts(carol.received()) == Texts{"B"});
}

// -- persistence dies -------------------------------------------------------------------------------------

TEST_CASE("a batch that persistence had not begun when it died is stored once and shown by the next one") {
  Pair room;
  room.sim.persistence_dies();
  room.sim.run();
  room.alice_says({"hello"});
  CHECK(room.bob.received() == Lines{});
  room.sim.persistence_starts();
  room.sim.run();
  CHECK(texts(room.bob.received()) == Texts{"hello"});
  room.all_is_home({"hello"});
}

TEST_CASE("a batch that persistence was working on when it died is stored once and shown by the next one") {
  Pair room;
  room.sim.hold_store();
  room.alice_says({"hello"});
  room.sim.persistence_dies();
  room.sim.run();
  CHECK(room.bob.received() == Lines{});
  room.sim.release_store();
  room.sim.persistence_starts();
  room.sim.run();
  CHECK(texts(room.bob.received()) == Texts{"hello"});
  room.all_is_home({"hello"});
  room.alice_says({"more"});
  CHECK(texts(room.bob.received()) == Texts{"more"});
  room.all_is_home({"hello", "more"});
}

TEST_CASE(
    "whenever persistence dies, and whatever the store is doing, all is shown and kept once, in one order") {
  for_seeds(100, [](auto seed) {
    Pair room({.seed = seed});
    auto& sim = room.sim;
    Texts said;
    for (int round = 0; round < 6; ++round) {
      const auto texts = numbered(std::to_string(round), 3);
      says(room.alice, texts);
      said.insert(said.end(), texts.begin(), texts.end());
      sim.store().away = sim.below(4) == 0;
      sim.store().loses_answers = sim.below(4) == 0;
      sim.run_some(sim.below(60));
      sim.persistence_dies();
      sim.run_some(sim.below(10));
      sim.persistence_starts();
      sim.run_some(sim.below(60));
      if (sim.below(2) == 0) sim.pass(300ms);
    }
    sim.store().away = sim.store().loses_answers = false;
    sim.pass(40s);
    REQUIRE(texts(room.bob.received()) == said);
    room.all_is_home(said);
    REQUIRE(room.alice.received() == Lines{});
  });
}
