#include "test/sim/talk.hpp"

#include <doctest/doctest.h>

// Questions about the past, whatever becomes of the store.

using namespace std::chrono_literals;
using namespace troupe::sim;

namespace {

const std::string with_history = "batch draft/chathistory message-tags server-time";

}  // namespace

TEST_CASE("an archive that fails gives MESSAGE_ERROR, chat goes on, and it answers again later") {
  Pair room({.archived = true});
  auto& sim = room.sim;
  sim.store().away = true;
  auto& carol = sim.member("carol", "#d", with_history);
  room.bob.received();
  carol.sends("CHATHISTORY LATEST #d * 10");
  room.alice_says({"hello"});
  const auto error = carol.received();
  REQUIRE(error.size() == 1);
  CHECK(error.front().ends_with(
      ":troupe.local FAIL CHATHISTORY MESSAGE_ERROR LATEST #d :Messages could not be retrieved"));
  CHECK(texts(room.bob.received()) == Texts{"hello"});
  sim.store().away = false;
  sim.pass(1100ms);
  carol.sends("PRIVMSG #d :kept", "CHATHISTORY BEFORE #d timestamp=2100-01-01T00:00:00.000Z 10");
  sim.run();
  carol.received();
  carol.sends("CHATHISTORY LATEST #d * 10");
  sim.run();
  const auto answer = carol.received();
  CHECK(answer.count(" PRIVMSG #d :kept") == 1);
  CHECK(answer.count(" BATCH ") == 2);
}

TEST_CASE(
    "a hundred questions, each of which takes its time, are answered in turn, and none fails for waiting") {
  Sim sim({.archived = true});
  sim.reader_takes = [] { return 200ms; };  // 20 s in all, four times what one question may take
  for (int i = 0; i < 100; ++i) sim.recall();
  sim.pass(10'050ms);
  CHECK(sim.recalled().size() >= 40);
  CHECK(sim.recalled().size() <= 50);
  sim.pass(20s);
  CHECK(sim.recalled() == std::vector<bool>(100, true));
}

TEST_CASE("a question that takes too long fails, and those behind it with it; later ones are answered") {
  Sim sim({.archived = true});
  sim.hold_reader();
  sim.recall();
  sim.recall();
  sim.pass(4900ms);
  CHECK(sim.recalled().empty());
  sim.pass(200ms);
  CHECK(sim.recalled() == std::vector{false, false});
  sim.pass(3s);
  sim.recall();
  sim.run();
  CHECK(sim.recalled() == std::vector{false, false, false});  // the reader has not come back
  sim.release_reader();
  sim.run();
  sim.recall();
  sim.recall();
  sim.run();
  CHECK(sim.recalled() == std::vector{false, false, false, true, true});
}

TEST_CASE("questions wait in a bounded queue") {
  Sim sim({.archived = true});
  sim.hold_reader();
  for (int i = 0; i < 1100; ++i) sim.recall();
  sim.run();
  CHECK(sim.recalled() == std::vector<bool>(99, false));  // one is being answered, 1000 wait
  sim.release_reader();
  sim.run();
  CHECK(std::ranges::count(sim.recalled(), true) == 1001);
}

TEST_CASE("a channel's past is read from store and spool as if they were one") {
  Pair room({.archived = true});
  auto& sim = room.sim;
  room.alice_says({"in the store"});
  sim.store().loses_answers = true;
  room.alice_says({"in both"});
  sim.store().away = true;
  room.alice_says({"in the spool"});
  sim.store().away = sim.store().loses_answers = false;  // persistence is still away
  room.alice.sends("PART #c");
  room.bob.sends("PART #c");
  sim.run();
  room.bob.received();
  auto& carol = sim.user("carol", "server-time");
  carol.sends("JOIN #c");
  sim.run();
  REQUIRE(sim.store().texts() == Texts{"in the store", "in both"});
  REQUIRE(sim.spool().texts() == Texts{"in both", "in the spool"});
  CHECK(texts(carol.received()) == Texts{"in the store", "in both", "in the spool"});
}

TEST_CASE(
    "while the store is away a channel whose past can't be read can be joined, and is shown what is said") {
  Pair room({.archived = true});
  auto& sim = room.sim;
  sim.store().away = true;
  auto& carol = sim.member("carol", "#d", "server-time");
  auto& dave = sim.member("dave", "#d", "server-time");
  carol.sends("PRIVMSG #d :hello");
  sim.run();
  CHECK(dave.received().count(" PRIVMSG #d :hello") == 1);
}
