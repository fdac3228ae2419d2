#include "test/sim/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

// Who joins sees everything that is kept, once: replayed or live. See chat/past.hpp.

using namespace std::chrono_literals;
using namespace troupe::sim;
using troupe::Durability;

namespace {

using Texts = std::vector<std::string>;

/// The texts of the channel's messages among these lines, in order.
Texts texts(const Lines& lines) {
  constexpr std::string_view command = " PRIVMSG #c :";
  Texts found;
  for (const auto& line : lines.with(command))
    found.push_back(line.substr(line.find(command) + command.size()));
  return found;
}

/// Runs a channel whose members come and go, under many seeds, and checks what newcomers are shown.
void check_newcomers(troupe::Pasts::Bounds memory) {
  for (const auto durability : {Durability::strict, Durability::relaxed}) {
    CAPTURE(static_cast<int>(durability));
    for_seeds(150, [&](auto seed) {
      Sim sim({.durability = durability, .archived = true, .seed = seed, .replay = 256, .memory = memory});
      std::vector<Client*> speakers;
      for (const auto* nick : {"ann", "ben"}) speakers.push_back(&sim.member(nick, "#c"));
      struct Newcomer {
        Client* client;
        bool inside = false;
        std::map<std::string, int> seen;
      };
      std::vector<Newcomer> newcomers;
      for (int i = 0; i < 6; ++i)
        newcomers.push_back({&sim.user("new" + std::to_string(i), "server-time"), false, {}});
      const bool failing = sim.below(2) == 0;
      if (failing) sim.store().fails = [&] { return sim.below(4) == 0; };

      int number = 0;
      for (int round = 0; round < 5; ++round) {
        for (int action = 0; action < 12; ++action) {
          switch (sim.below(8)) {
            case 0:
              sim.hold_commits();
              break;
            case 1:
              sim.release_commits();
              break;
            case 2:
            case 3: {
              auto& one = newcomers[sim.below(newcomers.size())];
              if (!std::exchange(one.inside, true)) one.client->sends("JOIN #c");
              break;
            }
            case 4: {  // the channel may come to its end and be made anew
              auto& speaker = *speakers[sim.below(speakers.size())];
              speaker.sends("PART #c", "JOIN #c");
              break;
            }
            default:
              speakers[sim.below(speakers.size())]->sends("PRIVMSG #c :" + std::to_string(++number));
          }
          sim.run_some(sim.below(30));
        }
        sim.release_commits();
        sim.run();
        // Who leaves now has seen all there is, and is shown only what is new when it comes back.
        for (auto& one : newcomers)
          if (one.inside && sim.below(3) == 0) {
            one.inside = false;
            one.client->sends("PART #c");
          }
        sim.run_some(sim.below(20));
      }
      for (auto& one : newcomers)
        if (!one.inside) one.client->sends("JOIN #c");
      sim.run();

      const auto kept = sim.store().texts();
      REQUIRE(kept.size() < 200);
      for (auto& one : newcomers) {
        for (const auto& text : texts(one.client->received())) ++one.seen[text];
        for (const auto& text : kept) {
          CAPTURE(text);
          REQUIRE(one.seen[text] == 1);
        }
        if (durability == Durability::strict)
          for (const auto& [text, times] : one.seen)
            if (times > 0) REQUIRE(sim.store().has(text));
      }
    });
  }
}

}  // namespace

TEST_CASE("a newcomer is shown what is in flight as soon as it is committed") {
  for (const auto durability : {Durability::strict, Durability::relaxed, Durability::none}) {
    CAPTURE(static_cast<int>(durability));
    Sim sim({.durability = durability, .archived = durability != Durability::none});
    auto& alice = sim.member("alice", "#c");
    auto& bob = sim.user("bob", "server-time");
    sim.hold_commits();
    alice.sends("PRIVMSG #c :in flight");
    sim.run();
    bob.sends("JOIN #c", "PING after");
    sim.run();
    alice.sends("PRIVMSG #c :live");
    sim.release_commits();
    sim.run();
    const auto lines = bob.received();
    CHECK(lines.contains(" JOIN #c"));
    auto seen = texts(lines);
    std::ranges::sort(seen);
    CHECK(seen == Texts{"in flight", "live"});
  }
}

TEST_CASE("at whatever moment somebody joins, it sees every message that is kept once, live or replayed") {
  check_newcomers({});
}

TEST_CASE("so it does if nothing stays in memory that nobody waits for") { check_newcomers({{}, 1}); }

TEST_CASE("while the archive never answers a JOIN is answered at once, and told later that nothing comes") {
  Sim sim({.archived = true});
  auto& alice = sim.member("alice", "#other");
  alice.sends("PRIVMSG #other :something");
  sim.run();
  auto& bob = sim.user("bob", "server-time");
  sim.hold_reader();
  for (auto* client : {&alice, &bob}) client->sends("JOIN #c,#d", "PING after");
  sim.run();
  for (auto* client : {&alice, &bob}) {
    const auto lines = client->received();
    CHECK(lines.contains(" 366 "));
    CHECK(lines.contains(" PONG troupe.local :after"));
    CHECK_FALSE(lines.contains("NOTICE"));
  }
  alice.sends("PRIVMSG #c :live");
  sim.run();
  CHECK(texts(bob.received()) == Texts{"live"});
  sim.pass(20s);
  const auto notices = bob.received().with(" NOTICE bob ");
  CHECK(notices.count(":Earlier messages of #c are not available now") == 1);
  CHECK(notices.count(":Earlier messages of #d are not available now") == 1);
  CHECK_FALSE(alice.received().contains("NOTICE"));
}

TEST_CASE("in relaxed mode who speaks, parts and joins again before the commit misses nothing") {
  for (const bool fails : {false, true}) {
    CAPTURE(fails);
    Sim sim({.durability = Durability::relaxed, .archived = true});
    auto& alice = sim.member("alice", "#c");
    auto& bob = sim.user("bob", "server-time");
    auto& carol = sim.user("carol", "batch draft/chathistory");
    alice.sends("PRIVMSG #c :before");
    sim.run();
    sim.hold_commits();
    sim.store().fails = [=] { return fails; };
    alice.sends("PRIVMSG #c :hello", "PART #c");
    sim.run();
    for (auto* client : {&alice, &bob, &carol}) client->sends("JOIN #c");
    carol.sends("CHATHISTORY LATEST #c * 10");
    sim.run();
    CHECK(texts(bob.received()) == Texts{});
    CHECK(texts(carol.received()) == Texts{});
    sim.release_commits();
    sim.run();
    const auto expected = fails ? Texts{"before"} : Texts{"before", "hello"};
    CHECK(sim.store().texts() == expected);
    CHECK(texts(bob.received()) == expected);
    CHECK(texts(carol.received()) == expected);
    carol.sends("CHATHISTORY LATEST #c * 10");
    sim.run();
    CHECK(texts(carol.received()) == expected);
  }
}

TEST_CASE("who connects again is shown only what it has not seen, and nothing if nothing is new") {
  Sim sim({.archived = true});
  auto& alice = sim.member("alice", "#c");
  alice.sends("PRIVMSG #c :one");
  sim.run();
  const auto sees = [&](auto&& leave) {
    auto& bob = sim.user("bob", "server-time");
    bob.sends("JOIN #c");
    sim.run();
    const auto seen = texts(bob.received());
    leave(bob);
    sim.run();
    return seen;
  };
  CHECK(sees([](Client& bob) { bob.sends("QUIT"); }) == Texts{"one"});
  CHECK(sees([](Client& bob) { bob.hangs_up(); }) == Texts{});
  alice.sends("PRIVMSG #c :two");
  sim.run();
  CHECK(sees([](Client& bob) { bob.sends("QUIT"); }) == Texts{"two"});
  const auto in_flight = [&](Client& bob) {  // said while it is there, and not shown to it any more
    sim.hold_commits();
    alice.sends("PRIVMSG #c :three");
    sim.run();
    bob.hangs_up();
    sim.run();
    sim.release_commits();
  };
  CHECK(sees(in_flight) == Texts{});
  CHECK(sees([](Client& bob) { bob.sends("QUIT"); }) == Texts{"three"});
}

TEST_CASE("who timed out is shown what was said since it was last heard") {
  auto rules = unhurried();
  rules.ping_interval = 20s;
  rules.ping_timeout = 10s;
  Sim sim({.rules = rules, .archived = true});
  auto& alice = sim.member("alice", "#c");
  auto& bob = sim.member("bob", "#c", "server-time");
  bob.stops_reading();
  // The room goes by the wall clock, which does not wait for the simulation: all of this is now to it.
  alice.sends("PRIVMSG #c :missed");
  for (int i = 0; i < 10; ++i) {
    alice.sends("PING still here");
    sim.pass(5s);
  }
  CHECK(bob.closed());
  auto& again = sim.user("bob", "server-time");
  again.sends("JOIN #c");
  sim.run();
  CHECK(texts(again.received()) == Texts{"missed"});
}
