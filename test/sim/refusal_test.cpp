#include "test/sim/talk.hpp"

#include <doctest/doctest.h>

#include <functional>

// Messages that nobody can keep: refused means refused.

using namespace std::chrono_literals;
using namespace troupe::sim;

// -- neither ----------------------------------------------------------------------------------------------

TEST_CASE(
    "if neither store nor spool can be written, the sender is told, nobody sees it, and the room lives") {
  Pair room;
  room.sim.store().away = true;
  room.sim.spool().fails = [] { return true; };
  room.alice_says({"lost"});
  CHECK(room.bob.received() == Lines{});
  const auto told = room.alice.received();
  REQUIRE(told.size() == 1);
  CHECK(told.front().starts_with(":troupe.local 404 alice #c :"));
  room.alice.sends("TOPIC #c :still here");
  room.sim.run();
  CHECK(room.bob.received() == Lines{":alice!alice@10.0.0.1 TOPIC #c :still here"});

  room.sim.spool().fails = [] { return false; };
  room.alice_says({"spooled"});
  CHECK(texts(room.bob.received()) == Texts{"spooled"});
  room.sim.store().away = false;
  room.sim.pass(1s);
  room.alice_says({"stored"});
  CHECK(texts(room.bob.received()) == Texts{"stored"});
  room.all_is_home({"spooled", "stored"});
}

TEST_CASE("with a spool that stays full the room works again as soon as the store does") {
  Pair room;
  room.sim.spool().fails = [] { return true; };
  room.sim.store().away = true;
  room.alice_says({"lost"});
  room.sim.store().away = false;
  room.alice_says({"kept"});  // before persistence has tried to return
  CHECK(texts(room.bob.received()) == Texts{"kept"});
  CHECK(room.sim.store().texts() == Texts{"kept"});
  CHECK(room.alice.received().count(" 404 ") == 1);
}

TEST_CASE(
    "a spool that becomes full loses nothing of what it has, and what is stored past it keeps its place") {
  Pair room;
  room.sim.store().away = true;
  room.alice_says({"one"});
  room.sim.spool().fails = [] { return true; };
  room.alice_says({"lost"});
  room.sim.store().away = false;
  room.alice_says({"two"});
  room.sim.pass(1s);
  room.alice_says({"three"});
  room.all_is_home({"one", "two", "three"});
  CHECK(texts(room.bob.received()) == Texts{"one", "two", "three"});
}

TEST_CASE(
    "under any schedule and any failures whoever is shown a message finds it kept, and all else is told of") {
  for_seeds(60, [](auto seed) {
    Pair room({.seed = seed});
    auto& sim = room.sim;
    sim.spool().fails = [&] { return sim.below(4) == 0; };
    const auto said = numbered("text", 60);
    for (const auto& text : said) {
      sim.store().away = sim.below(3) != 0;
      says(room.alice, {text});
      sim.run_some(sim.below(40));
      if (sim.below(4) == 0) sim.pass(std::chrono::milliseconds(sim.below(400)));
    }
    sim.pass(1s);
    sim.store().away = false;
    sim.spool().fails = [] { return false; };
    const auto heard = texts(room.bob.received());
    const auto losses = room.alice.received().count(" 404 ");
    REQUIRE(heard.size() + losses == said.size());
    sim.pass(40s);
    room.all_is_home(heard);
  });
}

// -- refused means refused --------------------------------------------------------------------------------

namespace {

std::size_t refusals(const Lines& lines) { return lines.count(" 404 "); }

/// Alice says one thing after the other, each when she knows what became of the one before, while `weather`
/// changes. At the end nothing that was shown is missing, and nothing that was refused is there.
void keeps_its_word(std::uint64_t seed, const std::function<void(Sim&)>& weather) {
  auto rules = unhurried();
  rules.ping_interval = 24h;
  Pair room({.rules = rules, .seed = seed});
  auto& sim = room.sim;
  Texts shown;
  Texts refused;
  for (const auto& text : numbered("text", 40)) {
    weather(sim);
    says(room.alice, {text});
    for (int i = 0; i < 300; ++i) {
      const auto heard = texts(room.bob.received());
      const auto told = refusals(room.alice.received());
      shown.insert(shown.end(), heard.begin(), heard.end());
      refused.insert(refused.end(), told, text);
      if (shown.size() + refused.size() > 0 && (told > 0 || !heard.empty())) break;
      sim.pass(50ms);
    }
  }
  CAPTURE(shown);
  CAPTURE(refused);
  REQUIRE(shown.size() + refused.size() == 40);
  sim.store().becomes_well();
  sim.spool().becomes_well();
  sim.store_takes = sim.spool_takes = {};
  sim.pass(100s);
  REQUIRE(sim.spool().kept.empty());
  REQUIRE(history(sim.store()) == shown);
  REQUIRE(refusals(room.alice.received()) == 0);
  REQUIRE(texts(room.bob.received()) == Texts{});
}

}  // namespace

TEST_CASE("a spool on a full disk does not cut off what the store is doing for a message") {
  Pair room;
  auto& sim = room.sim;
  sim.store().away = true;
  room.alice_says({"spooled"});
  sim.spool().full = true;  // from now on nothing can be removed from it either
  sim.store().becomes_well();
  sim.store_takes = [] { return 20ms; };
  sim.line_can_be_cut = true;
  const auto said = numbered("text", 100);
  for (const auto& text : said) {
    says(room.alice, {text});
    sim.pass(10ms);
  }
  sim.pass(1s);
  CHECK(refusals(room.alice.received()) == 0);
  auto all = said;
  all.insert(all.begin(), "spooled");
  CHECK(texts(room.bob.received()) == all);
  CHECK(history(sim.store()) == all);
}

TEST_CASE(
    "what the store commits long after anybody waited for it is shown, if the spool is full, not refused") {
  Pair room;
  auto& sim = room.sim;
  sim.spool().full = true;
  sim.store_takes = [] { return 4s; };
  room.alice_says({"slow"});
  sim.pass(3900ms);
  CHECK(room.alice.received() == Lines{});
  CHECK(room.bob.received() == Lines{});
  sim.pass(200ms);
  CHECK(texts(room.bob.received()) == Texts{"slow"});
  CHECK(room.alice.received() == Lines{});
  sim.store_takes = {};
  sim.pass(10s);
  room.all_is_home({"slow"});
}

TEST_CASE("if the spool has room again while it is not known what the store did, the message goes there") {
  Pair room;
  auto& sim = room.sim;
  sim.spool().full = true;
  sim.store_takes = [] { return 4s; };
  room.alice_says({"slow"});
  sim.pass(1s);
  sim.spool().full = false;
  sim.pass(500ms);
  CHECK(texts(room.bob.received()) == Texts{"slow"});
  CHECK(sim.spool().texts() == Texts{"slow"});
  sim.store_takes = {};
  sim.pass(10s);
  room.all_is_home({"slow"});
  CHECK(room.bob.received() == Lines{});
}

TEST_CASE(
    "after ten seconds of doubt a message is refused, and removed before anything else when the store "
    "answers") {
  Pair room;
  auto& sim = room.sim;
  sim.spool().full = true;
  sim.store().loses_answers = true;
  room.alice_says({"doubtful"});
  CHECK(sim.store().texts() == Texts{"doubtful"});
  sim.pass(9900ms);
  CHECK(room.alice.received() == Lines{});
  sim.pass(200ms);
  CHECK(refusals(room.alice.received()) == 1);
  CHECK(room.bob.received() == Lines{});
  REQUIRE(sim.store().has("doubtful"));
  sim.store().loses_answers = false;
  room.alice_says({"next"});
  CHECK(texts(room.bob.received()) == Texts{"next"});
  CHECK(sim.store().texts() == Texts{"next"});
  sim.pass(30s);
  room.all_is_home({"next"});
}

TEST_CASE("a message that the store commits after it was refused is removed again") {
  Pair room;
  auto& sim = room.sim;
  sim.spool().full = true;
  sim.store_takes = [] { return 15s; };
  room.alice_says({"doubtful"});
  sim.pass(11s);
  CHECK(refusals(room.alice.received()) == 1);
  CHECK_FALSE(sim.store().has("doubtful"));
  sim.store_takes = {};
  sim.pass(30s);
  CHECK(sim.store().appends == 1);
  room.all_is_home({});
  CHECK(room.bob.received() == Lines{});
}

TEST_CASE("a message that is surely kept nowhere is refused at once") {
  Pair room;
  auto& sim = room.sim;
  sim.spool().full = true;
  sim.store().away = true;
  room.alice_says({"lost"});
  CHECK(refusals(room.alice.received()) == 1);
}

TEST_CASE("a spool that does not say whether it kept a message has it removed as well when it is refused") {
  Pair room;
  auto& sim = room.sim;
  sim.store().away = true;
  sim.spool().loses_answers = true;
  room.alice_says({"doubtful"});
  sim.pass(11s);
  CHECK(refusals(room.alice.received()) == 1);
  CHECK(sim.spool().kept.empty());
  sim.spool().loses_answers = false;
  sim.store().away = false;
  sim.pass(30s);
  room.all_is_home({});
  CHECK(room.bob.received() == Lines{});
}

TEST_CASE("whatever fails, in whatever way: nothing refused is kept, and nothing shown is missing") {
  for_seeds(80, [](auto seed) {
    keeps_its_word(seed, [](Sim& sim) {
      auto& store = sim.store();
      auto& spool = sim.spool();
      if (sim.below(3) > 0) return;
      store.away = sim.below(3) == 0;
      store.loses_answers = sim.below(4) == 0;
      store.forgets = sim.below(4) == 0;
      spool.full = sim.below(2) == 0;
      spool.loses_answers = sim.below(8) == 0;
      spool.forgets = sim.below(8) == 0;
      sim.line_can_be_cut = sim.below(2) == 0;
      sim.store_takes = {};
      if (sim.below(3) == 0)
        sim.store_takes = [&sim] { return std::chrono::milliseconds(sim.below(2) * sim.below(3000)); };
      sim.spool_takes = {};
      if (sim.below(8) == 0)
        sim.spool_takes = [&sim] { return std::chrono::milliseconds(sim.below(2) * sim.below(300)); };
    });
  });
}
