#include "protocol/names.hpp"

#include "test/sim/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>

// Who is here, and under which name.

using namespace std::chrono_literals;
using namespace troupe::sim;
using troupe::protocol::casefold;

namespace {

/// Sends what registers under this nick.
void registers(Client& client, const std::string& nick) {
  client.sends("NICK " + nick, "USER user 0 * :Somebody");
}

/// What a client knows of itself from what it was told.
struct Player {
  Client* client;
  std::string nick;  ///< empty before it is welcomed
  bool gone = false;

  void listen() {
    for (const auto& line : client->received()) {
      const auto words = split(line);
      if (words.size() > 2 && words[1] == "001") nick = words[2];
      if (words.size() > 2 && words[1] == "NICK" && line.starts_with(":" + nick + "!")) nick = words[2];
      if (line.starts_with("ERROR ")) gone = true;
    }
  }

  static std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at <= line.size();) {
      const auto end = std::min(line.find(' ', at), line.size());
      words.push_back(line.substr(at, end - at));
      at = end + 1;
    }
    return words;
  }
};

}  // namespace

TEST_CASE("a client that has given nick and user is welcomed under them") {
  Sim sim;
  auto& alice = sim.connect("192.0.2.7");
  alice.sends("NICK alice", "USER ally 0 * :Alice", "JOIN #c");
  sim.run();
  const auto lines = alice.received();
  CHECK(lines.front() == ":troupe.local 001 alice :Welcome to Sim, alice");
  CHECK(lines.contains(":alice!ally@192.0.2.7 JOIN #c"));
}

TEST_CASE("of those who register under one nick at once one is welcomed and each of the others told 433") {
  for_seeds(200, [](auto seed) {
    Sim sim({.seed = seed});
    std::vector<Client*> clients;
    for (const auto* nick : {"alice", "ALICE", "Alice", "aLiCe", "alice"}) {
      clients.push_back(&sim.connect());
      registers(*clients.back(), nick);
    }
    sim.run();
    std::size_t welcomed = 0;
    for (auto* client : clients) {
      const auto lines = client->received();
      REQUIRE(lines.count(" 001 ") + lines.count(" 433 * ") == 1);
      welcomed += lines.count(" 001 ");
      REQUIRE_FALSE(client->closed());
    }
    REQUIRE(welcomed == 1);
  });
}

TEST_CASE(
    "of those who change to one nick at once one gets it, and each of the others is told 433 and keeps its "
    "own") {
  for_seeds(200, [](auto seed) {
    Sim sim({.seed = seed});
    std::vector<Client*> clients;
    for (const auto* nick : {"a", "b", "c", "d"}) clients.push_back(&sim.member(nick, "#c"));
    for (auto* client : clients) {
      client->received();
      client->sends("NICK star", "ISON a b c d star");
    }
    sim.run();
    std::size_t changed = 0;
    for (auto* client : clients) {
      const auto lines = client->received();
      const bool mine = !lines.contains(" 433 ");
      changed += mine;
      // Everybody is told of the change once, the one who made it among them.
      REQUIRE(lines.count(" NICK star") == 1);
      REQUIRE(lines.count(" 303 ") == 1);
    }
    REQUIRE(changed == 1);
  });
}

TEST_CASE("a client refused for its nick enters under another one") {
  Sim sim;
  sim.user("alice");
  auto& second = sim.connect();
  registers(second, "alice");
  sim.run();
  CHECK(second.received() == Lines{":troupe.local 433 * alice :Nickname is already in use"});
  second.sends("NICK alice2");
  sim.run();
  CHECK(second.received().contains(" 001 alice2 "));
}

TEST_CASE(
    "whatever clients do, no nick ever has two holders, and exactly those whose holder is here are taken") {
  const std::vector<std::string> nicks = {"ann", "Ann", "ben", "BEN", "cat", "dan"};
  for_seeds(200, [&](auto seed) {
    Sim sim({.seed = seed});
    auto& witness = sim.user("witness");
    std::vector<Player> players;
    const auto any_nick = [&] { return nicks[sim.below(nicks.size())]; };
    for (int round = 0; round < 6; ++round) {
      for (int i = 0; i < 4; ++i) {
        players.push_back({&sim.connect(), {}});
        registers(*players.back().client, any_nick());
        players.back().client->sends("JOIN #c");
      }
      for (auto& player : players) {
        if (player.gone) continue;
        auto& client = *player.client;
        switch (sim.below(8)) {
          case 0:
            client.sends("QUIT");
            break;
          case 1:
            client.hangs_up();
            player.gone = true;
            break;
          case 2:
            client.is_cut_off();
            player.gone = true;
            break;
          case 3:
            client.sends("PRIVMSG #c :hello", "NICK " + any_nick());
            break;
          case 4:
            client.sends("QUIT", "NICK " + any_nick());
            break;
          case 5:
            break;
          default:
            client.sends("NICK " + any_nick());
        }
      }
      sim.run();

      std::set<std::string> held;
      for (auto& player : players) {
        player.listen();
        if (!player.gone && !player.nick.empty()) REQUIRE(held.insert(casefold(player.nick)).second);
      }
      witness.received();
      witness.sends("ISON ann ben cat dan");
      sim.run();
      const auto answer = witness.received().back();
      for (const auto* nick : {"ann", "ben", "cat", "dan"})
        REQUIRE(held.contains(nick) == (casefold(answer).find(nick) != std::string::npos));
    }
  });
}

TEST_CASE("a client that vanishes in mid-registration leaves its name free and the room empty") {
  const std::string all =
      "CAP REQ :echo-message\r\nNICK ghost\r\nUSER ghost 0 * :Ghost\r\nCAP END\r\nJOIN #c\r\n";
  for_seeds(200, [&](auto seed) {
    Sim sim({.seed = seed});
    auto& witness = sim.user("witness");
    auto& ghost = sim.connect();
    ghost.sends_bytes(std::string_view{all}.substr(0, sim.below(all.size() + 1)));
    if (sim.below(2))
      ghost.hangs_up();
    else
      ghost.is_cut_off();
    sim.run();
    witness.received();
    witness.sends("ISON ghost", "LIST", "LUSERS");
    sim.run();
    const auto lines = witness.received();
    REQUIRE(lines.front() == ":troupe.local 303 witness :");
    REQUIRE(lines.count(" 322 ") == 0);
    REQUIRE(lines.contains("There are 1 users"));
    sim.user("ghost");
  });
}

TEST_CASE("a client that is gone before it is let in leaves its name free") {
  Sim sim;
  auto& alice = sim.member("alice", "#c");
  sim.hold_commits();
  alice.sends("PRIVMSG #c :in flight");
  sim.run();
  auto& ghost = sim.connect();
  registers(ghost, "ghost");
  sim.run();
  CHECK(ghost.received().empty());  // its welcome waits for its turn behind the message
  ghost.hangs_up();
  sim.run();
  sim.release_commits();
  sim.run();
  CHECK(ghost.closed());
  sim.user("ghost");
}

TEST_CASE("a dropped connection frees the name, and tells each who shares a channel once") {
  for_seeds(50, [](auto seed) {
    Sim sim({.seed = seed});
    auto& alice = sim.member("alice", "#one");
    auto& bob = sim.member("bob", "#one");
    auto& carol = sim.user("carol");
    alice.sends("JOIN #two,#three");
    bob.sends("JOIN #two,#three");
    sim.run();
    bob.received();
    carol.received();
    if (seed % 2)
      alice.hangs_up();
    else
      alice.is_cut_off();
    sim.run();
    REQUIRE(alice.closed());
    REQUIRE(bob.received() == Lines{":alice!alice@10.0.0.1 QUIT :Connection closed"});
    REQUIRE(carol.received().empty());
    sim.user("alice");
  });
}

TEST_CASE(
    "a client that quits is told so and closed, and its reason is told to each who shares a channel once") {
  Sim sim;
  auto& alice = sim.member("alice", "#one");
  auto& bob = sim.member("bob", "#one");
  alice.received();
  alice.sends("QUIT :tea", "PRIVMSG #one :too late");
  sim.run();
  CHECK(alice.received() == Lines{"ERROR :Quit: tea"});
  CHECK(alice.closed());
  CHECK(bob.received() == Lines{":alice!alice@10.0.0.1 QUIT :Quit: tea"});
  sim.user("alice");
}

TEST_CASE("a connection whose actor exits frees its name, and tells each who shares a channel once") {
  for_seeds(50, [](auto seed) {
    Sim sim({.seed = seed});
    auto& alice = sim.member("alice", "#c");
    auto& bob = sim.member("bob", "#c");
    const auto actors = sim.actors();
    alice.connection_exits(seed % 2 ? caf::exit_reason::kill : caf::exit_reason::user_shutdown);
    sim.run();
    REQUIRE(alice.closed());
    REQUIRE(sim.actors() == actors - 1);
    REQUIRE(bob.received() == Lines{":alice!alice@10.0.0.1 QUIT :Connection lost"});
    sim.user("alice");
  });
}

TEST_CASE("a connection whose actor exits in mid-registration frees its name") {
  for_seeds(100, [](auto seed) {
    Sim sim({.seed = seed});
    auto& alice = sim.connect();
    sim.run();
    registers(alice, "alice");
    sim.hold_room();
    if (seed % 2) sim.run();
    alice.connection_exits(caf::exit_reason::kill);
    sim.run();
    sim.release_room();
    sim.run();
    REQUIRE(alice.closed());
    sim.user("alice");
  });
}

TEST_CASE("a connection that fails with an exception frees its name, and harms nobody else") {
  Sim sim;
  auto& alice = sim.member("alice", "#c");
  auto& bob = sim.member("bob", "#c");
  alice.connection_fails();
  alice.sends("QUIT");  // which the connection itself answers
  sim.run();
  CHECK(alice.closed());
  CHECK(bob.received().back() == ":alice!alice@10.0.0.1 QUIT :Connection lost");
  sim.user("alice");
  bob.sends("PING 1");
  sim.run();
  CHECK(bob.received().size() == 1);
}

TEST_CASE("a connection that is gone is forgotten, whatever was on its way to it") {
  for_seeds(100, [](auto seed) {
    auto rules = unhurried();
    rules.rate = 1;
    rules.burst = 8;
    Sim sim({.rules = rules, .seed = seed});
    auto& bob = sim.member("bob", "#c");
    auto& alice = sim.member("alice", "#c");
    for (int i = 0; i < 10; ++i) alice.sends("PING 1");  // the rate holds some of them back
    bob.sends("PRIVMSG #c :hello");
    if (seed % 2) sim.run();
    switch (seed % 3) {
      case 0:
        alice.hangs_up();
        break;
      case 1:
        alice.is_cut_off();
        break;
      default:
        alice.connection_exits(caf::exit_reason::kill);
    }
    sim.run();
    REQUIRE(alice.closed());
    sim.pass(10s);
    REQUIRE_FALSE(alice.remembered());
    REQUIRE(bob.remembered());
  });
}
