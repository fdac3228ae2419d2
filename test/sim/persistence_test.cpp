#include "db/id_range.hpp"
#include "test/sim/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

// What is kept, and where, while the store is there, while it is away, and when it comes back.

using namespace std::chrono_literals;
using namespace troupe::sim;

namespace {

struct Texts : std::vector<std::string> {
  using std::vector<std::string>::vector;
  Texts(const std::vector<std::string>& texts) : vector(texts) {}
};

std::ostream& operator<<(std::ostream& out, const Texts& texts) {
  out << texts.size() << " texts:";
  for (const auto& text : texts) out << " '" << text << "'";
  return out;
}

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
  client.peer().on_arrival = [&sim](std::string_view bytes) {
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

  /// The store is back with all but the last steps of persistence's return: it is about to be given the last
  /// of the spool, and its keeper does nothing more.
  void is_almost_home() {
    sim.store().away = true;
    alice_says({"spooled"});
    sim.store().away = false;
    sim.hold_store();
    sim.pass(300ms);
    alice_says({"meanwhile"});
    REQUIRE(sim.spool().texts() == Texts{"spooled", "meanwhile"});
    sim.release_store();
    while (sim.store().kept.empty()) sim.run_some(1);
    sim.hold_store();
    sim.run();
    REQUIRE(sim.store().texts() == Texts{"spooled"});
    REQUIRE(texts(bob.received()) == Texts{"spooled", "meanwhile"});
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

// -- refused means refused ---------------------------------------------------------------------------------

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

// -- steadiness --------------------------------------------------------------------------------------------

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

// -- a spool without space ---------------------------------------------------------------------------------

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

// -- what the store will never take ------------------------------------------------------------------------

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

// -- ids are reserved --------------------------------------------------------------------------------------

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
