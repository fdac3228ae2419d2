#include "test/sim/fixture.hpp"

#include <doctest/doctest.h>

#include <memory>

// What outlives a server besides messages: where channels' readable pasts begin. See chat/lives.hpp.

using namespace std::chrono_literals;
using namespace troupe::sim;
using troupe::protocol::MessageId;

namespace {

constexpr auto asks = "batch draft/chathistory message-tags";

/// One server after another on the same store and records.
struct Servers {
  Setup setup() const { return {.archived = true, .store = store, .newest = newest(), .records = records}; }
  std::optional<MessageId> newest() const { return store->newest(); }

  std::shared_ptr<MemoryStore> store = std::make_shared<MemoryStore>();
  std::shared_ptr<MemoryRecords> records = std::make_shared<MemoryRecords>();
};

std::size_t reads(Sim& sim, Client& who, std::string_view text) {
  who.received();
  who.sends("CHATHISTORY LATEST #c * 100");
  sim.run();
  return who.received().count(text);
}

}  // namespace

TEST_CASE("a closed channel's past is readable to nobody after a restart, an open one's is") {
  for (const bool closed : {false, true})
    for (const bool ended : {false, true}) {
      CAPTURE(closed);
      CAPTURE(ended);
      Servers servers;
      {
        Sim sim(servers.setup());
        auto& alice = sim.member("alice", "#c");
        if (closed) alice.sends("MODE #c +k key");
        alice.sends("PRIVMSG #c :before");
        if (ended) alice.sends("PART #c");
        sim.run();
        CHECK(servers.records->lives.size() == (closed ? 1 : 0));
      }
      Sim sim(servers.setup());
      auto& bob = sim.member("bob", "#c", asks);
      CHECK(reads(sim, bob, "before") == (closed ? 0 : 1));
      bob.sends("PRIVMSG #c :after");
      sim.run();
      CHECK(reads(sim, bob, "after") == 1);
    }
}

TEST_CASE("while the records are away who asks for what was before the start is told that it can't be read") {
  for (const bool closed : {false, true}) {
    CAPTURE(closed);
    Servers servers;
    {
      Sim sim(servers.setup());
      auto& alice = sim.member("alice", "#c");
      if (closed) alice.sends("MODE #c +i");
      alice.sends("PRIVMSG #c :before");
      sim.run();
    }
    servers.records->away = true;
    Sim sim(servers.setup());
    auto& bob = sim.member("bob", "#c", asks);
    auto& carol = sim.user("carol", "server-time");
    carol.sends("JOIN #c");
    sim.run();
    const auto welcome = carol.received();
    CHECK_FALSE(welcome.contains("before"));
    CHECK(welcome.contains("Earlier messages of #c are not available now"));
    for (const std::string question :
         {"CHATHISTORY LATEST #c * 100", "CHATHISTORY AFTER #c timestamp=1970-01-01T00:00:00.000Z 100",
          "CHATHISTORY TARGETS timestamp=1970-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 9"}) {
      bob.sends(question);
      sim.run();
      const auto answer = bob.received();
      CHECK(answer.contains("FAIL CHATHISTORY MESSAGE_ERROR"));
      CHECK_FALSE(answer.contains("before"));
    }
    bob.sends("PRIVMSG #c :since");
    sim.run();
    bob.sends("CHATHISTORY LATEST #c * 1");
    sim.run();
    CHECK(bob.received().count("since") == 1);  // this much is known
    sim.pass(1min);
    CHECK(reads(sim, bob, "MESSAGE_ERROR") == 1);
    servers.records->away = false;
    sim.pass(2s);
    CHECK(reads(sim, bob, "before") == (closed ? 0 : 1));
  }
}

TEST_CASE(
    "what can't be kept is kept when the records are back, as it is then, and they are left alone "
    "meanwhile") {
  Servers servers;
  Sim sim(servers.setup());
  auto& alice = sim.member("alice", "#a");
  sim.run();
  servers.records->away = true;
  servers.records->attempts = 0;
  alice.sends("JOIN #b", "MODE #a +k key", "MODE #b +i", "PRIVMSG #b :secret", "PART #b");
  sim.run();
  CHECK(servers.records->attempts == 1);
  sim.pass(2min);
  CHECK(servers.records->attempts > 5);
  CHECK(servers.records->attempts < 20);
  CHECK(servers.records->lives.empty());
  servers.records->away = false;
  sim.pass(20s);
  REQUIRE(servers.records->lives.size() == 2);
  CHECK(servers.records->lives.at("#a").closed);
  CHECK_FALSE(servers.records->lives.at("#b").closed);
}

TEST_CASE("that a channel was closed is kept before anything is stored or shown that was said in it then") {
  Servers servers;
  Sim sim(servers.setup());
  auto& alice = sim.member("alice", "#c");
  auto& bob = sim.member("bob", "#c");
  bob.received();
  sim.hold_records();
  alice.sends("MODE #c +s", "PRIVMSG #c :secret");
  sim.run();
  CHECK(servers.store->kept.empty());
  CHECK(bob.received().empty());
  sim.release_records();
  sim.run();
  CHECK(servers.records->lives.size() == 1);
  CHECK(servers.store->has("secret"));
  CHECK(bob.received().contains("secret"));
}

TEST_CASE("records that do not answer hold nobody up for longer than a commit may take, once") {
  Servers servers;
  Sim sim(servers.setup());
  auto& alice = sim.member("alice", "#c");
  sim.hold_records();
  alice.sends("MODE #c +s", "PRIVMSG #c :one");
  sim.pass(499ms);
  CHECK_FALSE(servers.store->has("one"));
  sim.pass(2ms);
  CHECK(servers.store->has("one"));
  for (const std::string text : {"two", "three"}) {
    alice.sends("JOIN #" + text, "MODE #" + text + " +i", "PRIVMSG #c :" + text);
    sim.run();
    CHECK(servers.store->has(text));
    sim.pass(5s);
  }
  CHECK(servers.records->lives.empty());
  sim.release_records();
  sim.pass(20s);
  CHECK(servers.records->lives.size() == 3);
}

TEST_CASE("an orderly end is none the slower for records that are away") {
  for (const bool away : {false, true}) {
    Servers servers;
    Sim sim(servers.setup());
    auto& alice = sim.member("alice", "#a");
    servers.records->away = away;
    alice.sends("MODE #a +k key", "PRIVMSG #a :secret");
    sim.run();
    sim.shut_down();
    sim.run();
    CHECK(sim.ended());
    CHECK(servers.records->lives.size() == (away ? 0 : 1));
  }
}

TEST_CASE("every actor says how things are") {
  Servers servers;
  auto setup = servers.setup();
  setup.spool = true;
  Sim sim(setup);
  auto& alice = sim.member("alice", "#a");
  sim.member("bob", "#a");
  alice.sends("PRIVMSG #a :hello", "MODE #a +i");
  sim.run();
  const auto measures = sim.measures();
  const auto figure = [&](const std::string& actor, const std::string& name) {
    REQUIRE(measures.contains(actor));
    for (const auto& [its_name, value] : measures.at(actor))
      if (its_name == name) return value;
    FAIL(actor << " has no " << name);
    return std::int64_t{-1};
  };
  CHECK(figure("room", "users") == 2);
  CHECK(figure("room", "channels") == 1);
  CHECK(figure("room", "held_back_commands") == 0);
  CHECK(figure("room", "batches") > 0);
  CHECK(figure("room", "past_bytes") > 0);
  CHECK(figure("room", "lives") == 1);
  CHECK(figure("switchboard 0", "clients") + figure("switchboard 1", "clients") == 2);
  CHECK(figure("switchboard 0", "backlog_bytes") == 0);
  CHECK(figure("listener", "connections") == 2);
  CHECK(figure("persistence", "home") + figure("persistence", "returning") == 1);
  CHECK(figure("persistence", "batches") == 1);
  CHECK(figure("store keeper", "orders") > 0);
  CHECK(figure("spool keeper", "failed") == 0);
  CHECK(figure("archive", "answered") == 1);
  CHECK(figure("reader", "orders") == 1);
  CHECK(figure("records", "away") == 0);
  CHECK(figure("records keeper", "orders") == 2);
}
