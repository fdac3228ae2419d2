#include "test/sim/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

// What is kept, and where, while the store is there, while it is away, and when it comes back.

using namespace std::chrono_literals;
using namespace troupe::sim;

namespace {

using Texts = std::vector<std::string>;

/// The texts of the channel's messages among these lines, in order.
Texts texts(const Lines& lines) {
  Texts found;
  constexpr std::string_view command = " PRIVMSG #c :";
  for (const auto& line : lines.with(command))
    found.push_back(line.substr(line.find(command) + command.size()));
  return found;
}

/// "prefix 0" to "prefix n-1".
Texts numbered(const std::string& prefix, int count) {
  Texts texts;
  for (int i = 0; i < count; ++i) texts.push_back(prefix + " " + std::to_string(i));
  return texts;
}

void says(Client& client, const Texts& texts) {
  for (const auto& text : texts) client.sends("PRIVMSG #c :" + text);
}

bool in_order_of_ids(const MemoryStore& store) {
  return std::ranges::is_sorted(store.kept, std::ranges::less{}, &troupe::db::Message::id);
}

Texts sorted(Texts texts) {
  std::ranges::sort(texts);
  return texts;
}

/// The texts in the order of their ids, which is the order of history.
Texts history(MemoryStore& store) {
  Texts texts;
  for (const auto& message : store.oldest(store.kept.size())) texts.push_back(message.text);
  return texts;
}

/// Requires that whatever this client is shown of the channel is in the store or the spool by then.
void is_shown_what_is_kept(Sim& sim, Client& client) {
  client.wire().on_arrival = [&sim](std::string_view bytes) {
    constexpr std::string_view command = " PRIVMSG #c :";
    for (auto at = bytes.find(command); at != std::string_view::npos; at = bytes.find(command, at + 1)) {
      const auto begin = at + command.size();
      const auto text = bytes.substr(begin, bytes.find('\r', begin) - begin);
      REQUIRE((sim.store().has(text) || sim.spool().has(text)));
    }
  };
}

/// Alice and Bob are in #c, there is a spool, and a commit may take half a second.
struct Pair {
  explicit Pair(Setup setup = {}) : sim(with_spool(std::move(setup))) {
    is_shown_what_is_kept(sim, bob);
    alice.received();
  }

  static Setup with_spool(Setup setup) {
    setup.spool = true;
    setup.commit_timeout = 500ms;
    return setup;
  }

  /// Alice says this, and whatever can happen without time happens.
  void alice_says(const Texts& texts) {
    says(alice, texts);
    sim.run();
  }

  /// The store is back with all but the last steps of persistence's return: the spool has just become empty,
  /// and the store's keeper does nothing more.
  void is_almost_home() {
    sim.store().away = true;
    alice_says({"spooled"});
    REQUIRE(sim.spool().texts() == Texts{"spooled"});
    sim.store().away = false;
    sim.hold_store();
    sim.pass(300ms);
    sim.release_store();
    while (!sim.spool().kept.empty()) sim.run_some(1);
    sim.hold_store();
    sim.run();
    REQUIRE(sim.store().texts() == Texts{"spooled"});
    REQUIRE(texts(bob.received()) == Texts{"spooled"});
  }

  /// All is in the store, once, in order, and Bob has been shown it in that order.
  void all_is_home(const Texts& expected) {
    REQUIRE(sim.spool().kept.empty());
    REQUIRE(history(sim.store()) == expected);
  }

  Sim sim;
  Client& alice = sim.member("alice", "#c");
  Client& bob = sim.member("bob", "#c");
};

}  // namespace

// -- away --------------------------------------------------------------------------------------------------

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
  room.sim.hold_commits();
  room.alice_says({"two"});
  CHECK(room.bob.received() == Lines{});
  room.sim.release_commits();
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

// -- and back ----------------------------------------------------------------------------------------------

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
  room.all_is_home({"spooled", "last"});
}

TEST_CASE(
    "if the store stalls again at that moment, the batch that waits goes to the spool, and is kept once") {
  Pair room;
  room.is_almost_home();
  room.alice_says({"last"});
  room.sim.pass(450ms);
  CHECK(room.bob.received() == Lines{});
  room.sim.pass(100ms);
  CHECK(texts(room.bob.received()) == Texts{"last"});
  CHECK(room.sim.spool().texts() == Texts{"last"});
  room.sim.release_store();
  room.sim.pass(2s);
  room.all_is_home({"spooled", "last"});
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
  CHECK(room.sim.spool().texts() == Texts{"last"});
  room.sim.store().away = false;
  room.sim.pass(2s);
  room.all_is_home({"spooled", "last"});
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

// -- neither -----------------------------------------------------------------------------------------------

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

// -- persistence dies --------------------------------------------------------------------------------------

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

// -- the archive -------------------------------------------------------------------------------------------

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
