#include "test/sim/talk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

// Where messages are kept while the store is away, and when it comes back.

using namespace std::chrono_literals;
using namespace troupe::sim;

// -- away -------------------------------------------------------------------------------------------------

TEST_CASE("a commit that fails goes to the spool, is shown, and nobody is told of an error") {
  Pair room;
  room.sim.store().away = true;
  room.alice_says({"hello"});
  CHECK(room.bob.received() == Lines{":alice!alice@10.0.0.1 PRIVMSG #c :hello"});
  CHECK(room.alice.received() == Lines{});
  CHECK(room.sim.spool().texts() == Texts{"hello"});
  CHECK(room.sim.store().texts() == Texts{});
}

TEST_CASE("a message is shown once the spool has committed it, not before") {
  Pair room;
  room.sim.store().away = true;
  room.alice_says({"one"});
  room.bob.received();
  room.sim.hold_spool();
  room.alice_says({"two"});
  CHECK(room.bob.received() == Lines{});
  room.sim.release_spool();
  room.sim.run();
  CHECK(texts(room.bob.received()) == Texts{"two"});
}

TEST_CASE("a commit that takes longer than the timeout goes to the spool, and is shown then") {
  Pair room;
  room.sim.hold_store();
  room.alice_says({"hello"});
  room.sim.pass(450ms);
  CHECK(room.bob.received() == Lines{});
  CHECK(room.sim.spool().texts() == Texts{});
  room.sim.pass(100ms);
  CHECK(room.bob.received() == Lines{":alice!alice@10.0.0.1 PRIVMSG #c :hello"});
  CHECK(room.alice.received() == Lines{});
  CHECK(room.sim.spool().texts() == Texts{"hello"});
}

TEST_CASE("if the store did keep what it was too slow to answer for, it is kept once and shown once") {
  Pair room;
  room.sim.hold_store();
  room.alice_says({"hello"});
  room.sim.pass(600ms);
  CHECK(texts(room.bob.received()) == Texts{"hello"});
  room.sim.release_store();
  room.sim.run();
  CHECK(room.sim.store().texts() == Texts{"hello"});
  room.sim.pass(1s);
  room.all_is_home({"hello"});
  CHECK(room.bob.received() == Lines{});
}

TEST_CASE("a commit that was kept but whose answer was lost is kept once and shown once") {
  Pair room;
  room.sim.store().loses_answers = true;
  room.alice_says({"hello"});
  CHECK(room.sim.store().texts() == Texts{"hello"});
  CHECK(room.sim.spool().texts() == Texts{"hello"});
  room.sim.store().loses_answers = false;
  room.sim.pass(1s);
  room.all_is_home({"hello"});
  CHECK(texts(room.bob.received()) == Texts{"hello"});
}

TEST_CASE("while the store is away messages go to the spool in order, without waiting for the store") {
  Pair room;
  room.sim.hold_store();
  room.alice_says({"first"});
  room.sim.pass(600ms);
  const auto more = numbered("more", 50);
  for (const auto& text : more) room.alice_says({text});
  CHECK(room.sim.spool().kept.size() == 51);
  CHECK(in_order_of_ids(room.sim.spool()));
  auto heard = texts(room.bob.received());
  REQUIRE(heard.size() == 51);
  heard.erase(heard.begin());
  CHECK(heard == more);
  CHECK(room.alice.received() == Lines{});
}

TEST_CASE("what one command says to several channels goes to the spool as a whole") {
  Pair room;
  room.bob.sends("JOIN #d");
  room.sim.run();
  room.bob.received();
  room.alice.sends("JOIN #d");
  room.sim.run();
  room.sim.store().away = true;
  room.alice.sends("PRIVMSG #c,#d :both");
  room.sim.run();
  CHECK(room.sim.spool().texts() == Texts{"both", "both"});
  CHECK(room.bob.received().count(" :both") == 2);
}

TEST_CASE("persistence tries to return after pauses that grow, and an empty room stays quiet meanwhile") {
  Pair room;
  room.sim.store().away = true;
  room.alice_says({"hello"});
  const auto tries_in = [&](auto time) {
    const auto before = room.sim.store().appends;
    room.sim.pass(time);
    return room.sim.store().appends - before;
  };
  CHECK(tries_in(200ms) == 0);
  CHECK(tries_in(100ms) == 1);  // after 250 ms
  CHECK(tries_in(400ms) == 0);
  CHECK(tries_in(100ms) == 1);  // after another 500 ms
  tries_in(60s);
  const auto rare = tries_in(60s);
  CHECK(rare >= 3);
  CHECK(rare <= 5);  // 15 s is the longest
}

// -- and back ---------------------------------------------------------------------------------------------

TEST_CASE("when the store is back the spool moves into it in order, and new messages go there directly") {
  Pair room;
  room.alice_says({"before"});
  room.sim.store().away = true;
  for (const auto& text : numbered("away", 5)) room.alice_says({text});
  room.sim.store().away = false;
  room.sim.pass(300ms);
  const auto spooled = room.sim.spool().appends;
  room.alice_says({"after"});
  CHECK(room.sim.spool().appends == spooled);
  CHECK(in_order_of_ids(room.sim.store()));
  const Texts all{"before", "away 0", "away 1", "away 2", "away 3", "away 4", "after"};
  room.all_is_home(all);
  CHECK(texts(room.bob.received()) == all);
}

TEST_CASE("what is said while the spool is being unloaded lines up behind it") {
  Pair room;
  room.sim.store().away = true;
  auto all = numbered("away", 2500);  // more than is moved at once
  room.alice_says(all);
  REQUIRE(room.sim.spool().kept.size() == all.size());
  room.sim.store().away = false;
  room.sim.hold_store();
  room.sim.pass(300ms);  // it is on its way back
  room.alice_says({"meanwhile"});
  CHECK(room.sim.spool().has("meanwhile"));
  all.emplace_back("meanwhile");
  CHECK(texts(room.bob.received()) == all);
  room.sim.release_store();
  room.sim.run();
  CHECK(in_order_of_ids(room.sim.store()));
  room.all_is_home(all);
}

TEST_CASE("what an earlier run left in the spool is moved before anything else is stored") {
  Pair room;
  room.sim.store().away = true;
  room.alice_says({"earlier"});
  room.sim.persistence_dies();
  room.sim.run();
  room.sim.store().away = false;
  room.sim.persistence_starts();
  room.alice_says({"later"});
  CHECK(in_order_of_ids(room.sim.store()));
  room.all_is_home({"earlier", "later"});
}

TEST_CASE("the next batch waits while the last of the spool is moved, and then goes to the store") {
  Pair room;
  room.is_almost_home();
  const auto spooled = room.sim.spool().appends;
  room.alice_says({"last"});
  CHECK(room.bob.received() == Lines{});
  room.sim.release_store();
  room.sim.run();
  CHECK(texts(room.bob.received()) == Texts{"last"});
  CHECK(room.sim.spool().appends == spooled);
  room.all_is_home({"spooled", "meanwhile", "last"});
}

TEST_CASE(
    "if the store stalls again at that moment, the batch that waits goes to the spool, and is kept once") {
  Pair room;
  room.is_almost_home();
  room.alice_says({"last"});
  room.sim.pass(200ms);
  CHECK(room.bob.received() == Lines{});
  room.sim.pass(100ms);  // it waits for half as long as for a commit, which may still have to follow
  CHECK(texts(room.bob.received()) == Texts{"last"});
  CHECK(room.sim.spool().has("last"));
  room.sim.release_store();
  room.sim.pass(2s);
  room.all_is_home({"spooled", "meanwhile", "last"});
  CHECK(room.alice.received() == Lines{});
  CHECK(room.bob.received() == Lines{});
}

TEST_CASE("if the store fails again at that moment, the batch that waits is not lost either") {
  Pair room;
  room.is_almost_home();
  room.alice_says({"last"});
  room.sim.store().away = true;
  room.sim.release_store();
  room.sim.run();
  CHECK(texts(room.bob.received()) == Texts{"last"});
  CHECK(room.sim.spool().has("last"));
  room.sim.store().away = false;
  room.sim.pass(2s);
  room.all_is_home({"spooled", "meanwhile", "last"});
}

TEST_CASE("under any schedule, however often the store goes, all is shown and kept once, in one order") {
  for_seeds(60, [](auto seed) {
    Pair room({.seed = seed});
    auto& carol = room.sim.member("carol", "#c");
    room.alice.received();
    room.bob.received();
    auto& store = room.sim.store();
    Texts said;
    for (int round = 0; round < 30; ++round) {
      auto& sender = round % 2 ? room.alice : carol;
      const auto texts = numbered(std::to_string(round), 1 + static_cast<int>(room.sim.below(4)));
      says(sender, texts);
      said.insert(said.end(), texts.begin(), texts.end());
      switch (room.sim.below(6)) {
        case 0:
          store.away = !store.away;
          break;
        case 1:
          store.loses_answers = !store.loses_answers;
          break;
        case 2:
          room.sim.hold_store();
          break;
        case 3:
          room.sim.release_store();
          break;
        default:
          room.sim.run_some(room.sim.below(60));
      }
      if (room.sim.below(3) == 0) room.sim.pass(std::chrono::milliseconds(room.sim.below(900)));
    }
    store.away = store.loses_answers = false;
    room.sim.release_store();
    room.sim.pass(40s);
    const auto heard = texts(room.bob.received());
    REQUIRE(sorted(heard) == sorted(said));
    room.all_is_home(heard);
    REQUIRE(room.alice.received().count(" 404 ") == 0);
    REQUIRE(carol.received().count(" 404 ") == 0);
  });
}
