#include "test/sim/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

// What is shown to whom, when, and in which order.

using namespace troupe::sim;
using troupe::Durability;

namespace {

/// The texts of the channel's messages among these lines, in order.
std::vector<std::string> texts(const Lines& lines) {
  std::vector<std::string> found;
  for (const auto& line : lines.with(" PRIVMSG #c :")) found.push_back(line.substr(line.find(" :") + 2));
  return found;
}

/// Requires that whatever this client is shown of the channel is in the store by then.
void is_shown_what_is_kept(Sim& sim, Client& client) {
  client.peer().on_arrival = [&sim](std::string_view bytes) {
    constexpr std::string_view command = " PRIVMSG #c :";
    for (auto at = bytes.find(command); at != std::string_view::npos; at = bytes.find(command, at + 1)) {
      const auto begin = at + command.size();
      REQUIRE(sim.store().has(bytes.substr(begin, bytes.find('\r', begin) - begin)));
    }
  };
}

/// A member's view of the channel: who is in it by the lines it was sent. Requires that nobody speaks who is
/// not.
class Observer {
 public:
  Observer(Client& client, std::string nick) : client_(client), nick_(std::move(nick)) {
    client.sends("NAMES #c");
  }

  /// The messages it was shown.
  std::vector<std::string> heard;
  std::size_t refused = 0;  ///< messages of its own that could not be stored
  std::string last_pong;
  bool inside = true;

  void listen() {
    for (const auto& line : client_.received()) hear(line);
  }

 private:
  void hear(const std::string& line) {
    CAPTURE(nick_);
    CAPTURE(line);
    const auto source = line.substr(1, line.find_first_of("! ") - 1);
    const auto rest = line.substr(line.find(' ') + 1);
    if (rest.starts_with("353 ")) {
      const auto names = rest.substr(rest.find(" :") + 2);
      for (std::size_t at = 0; at < names.size();) {
        const auto end = std::min(names.find(' ', at), names.size());
        const auto name = names.substr(at, end - at);
        members_.insert(name.substr(name.find_first_not_of("@+")));
        at = end + 1;
      }
    } else if (rest.starts_with("PRIVMSG #c :")) {
      REQUIRE(inside);
      REQUIRE(members_.contains(source));
      heard.push_back(rest.substr(rest.find(':') + 1));
    } else if (rest.starts_with("404 ")) {
      ++refused;
    } else if (rest.starts_with("JOIN ")) {
      if (source == nick_) {
        members_.clear();
        inside = true;
      }
      REQUIRE(members_.insert(source).second);
    } else if (rest.starts_with("PART ") || rest.starts_with("QUIT ")) {
      REQUIRE(members_.erase(source) == 1);
      if (source == nick_) inside = false;
    } else if (rest.starts_with("KICK ")) {
      const auto kicked = rest.substr(8, rest.find(' ', 8) - 8);
      REQUIRE(members_.erase(kicked) == 1);
      if (kicked == nick_) inside = false;
    } else if (rest.starts_with("NICK ")) {
      const auto mine = source == nick_;
      if (mine) nick_ = rest.substr(5);
      if (mine && !inside) return;
      REQUIRE(members_.erase(source) == 1);
      REQUIRE(members_.insert(rest.substr(5)).second);
    } else if (rest.starts_with("PONG ")) {
      last_pong = rest.substr(rest.find(':') + 1);
    }
  }

  Client& client_;
  std::string nick_;
  std::set<std::string> members_;
};

}  // namespace

TEST_CASE("a message is shown to everybody in the channel but its sender, once it is committed") {
  Sim sim;
  auto& alice = sim.member("alice", "#c");
  auto& bob = sim.member("bob", "#c");
  auto& carol = sim.member("carol", "#other");
  alice.received();
  sim.hold_commits();
  alice.sends("PRIVMSG #c :hello");
  sim.run();
  CHECK(sim.store().appends == 0);
  CHECK(bob.received().empty());
  sim.release_commits();
  sim.run();
  CHECK(sim.store().texts() == std::vector<std::string>{"hello"});
  CHECK(bob.received() == Lines{":alice!alice@10.0.0.1 PRIVMSG #c :hello"});
  CHECK(alice.received().empty());
  CHECK(carol.received().empty());
}

TEST_CASE("an echo is shown once the message is committed") {
  Sim sim;
  auto& alice = sim.member("alice", "#c", "echo-message");
  sim.hold_commits();
  alice.sends("PRIVMSG #c :hello", "PING after");
  sim.run();
  CHECK(alice.received().empty());
  sim.release_commits();
  sim.run();
  CHECK(alice.received() ==
        Lines{":alice!alice@10.0.0.1 PRIVMSG #c :hello", ":troupe.local PONG troupe.local :after"});
}

TEST_CASE("what its sender or another does after a message in flight is seen after the message") {
  struct Case {
    const char* what;
    std::function<void(Client& alice, Client& op)> act;
  };
  const std::vector<Case> cases = {
      {" PART #c", [](Client& alice, Client&) { alice.sends("PART #c"); }},
      {" QUIT ", [](Client& alice, Client&) { alice.sends("QUIT :bye"); }},
      {" QUIT ", [](Client& alice, Client&) { alice.hangs_up(); }},
      {" QUIT ", [](Client& alice, Client&) { alice.connection_exits(caf::exit_reason::kill); }},
      {" NICK alicia", [](Client& alice, Client&) { alice.sends("NICK alicia"); }},
      {" KICK #c alice", [](Client&, Client& op) { op.sends("KICK #c alice"); }},
      {" TOPIC #c", [](Client&, Client& op) { op.sends("TOPIC #c :new"); }},
  };
  for (const auto& one : cases) {
    CAPTURE(one.what);
    for_seeds(20, [&](auto seed) {
      Sim sim({.seed = seed});
      auto& op = sim.member("op", "#c");
      auto& alice = sim.member("alice", "#c");
      auto& bob = sim.member("bob", "#c");
      op.received();
      sim.hold_commits();
      alice.sends("PRIVMSG #c :in flight");
      sim.run();
      one.act(alice, op);
      sim.run();
      REQUIRE(bob.received().empty());
      REQUIRE(op.received().empty());
      sim.release_commits();
      sim.run();
      for (auto* client : {&bob, &op}) {
        const auto lines = client->received();
        REQUIRE(lines.count(" PRIVMSG #c :in flight") == 1);
        REQUIRE(lines.count(one.what) == 1);
        REQUIRE(lines.place_of(" PRIVMSG ") < lines.place_of(one.what));
      }
    });
  }
}

TEST_CASE("who joins while a message is in flight is not shown it, who parts afterwards is") {
  Sim sim;
  auto& alice = sim.member("alice", "#c");
  auto& bob = sim.member("bob", "#c");
  auto& carol = sim.user("carol");
  sim.hold_commits();
  alice.sends("PRIVMSG #c :in flight");
  sim.run();
  carol.sends("JOIN #c");
  bob.sends("PART #c");
  sim.run();
  sim.release_commits();
  sim.run();
  const auto seen = bob.received();
  CHECK(seen.place_of("in flight") < seen.place_of("bob!bob@10.0.0.1 PART"));
  CHECK(seen.contains("in flight"));
  CHECK_FALSE(carol.received().contains("in flight"));
}

TEST_CASE(
    "a message that can't be committed is shown to nobody and its sender told, and the next one works") {
  Sim sim;
  auto& alice = sim.member("alice", "#c", "echo-message");
  auto& bob = sim.member("bob", "#c");
  alice.received();
  sim.store().fails = [&] { return sim.store().appends == 1; };
  alice.sends("PRIVMSG #c :lost");
  sim.run();
  CHECK(alice.received() ==
        Lines{":troupe.local 404 alice #c :Message could not be stored, and nobody has seen it"});
  CHECK(bob.received().empty());
  alice.sends("PRIVMSG #c :kept");
  sim.run();
  CHECK(bob.received() == Lines{":alice!alice@10.0.0.1 PRIVMSG #c :kept"});
  CHECK(alice.received() == Lines{":alice!alice@10.0.0.1 PRIVMSG #c :kept"});
  CHECK(sim.store().texts() == std::vector<std::string>{"kept"});
}

TEST_CASE("what else happens in a batch that can't be committed happens all the same") {
  Sim sim;
  auto& alice = sim.member("alice", "#c");
  auto& bob = sim.member("bob", "#c");
  sim.hold_commits();
  bob.sends("PRIVMSG #c :first");  // what follows gathers behind it
  sim.run();
  alice.received();
  alice.sends("PRIVMSG #c :lost", "PRIVMSG bob :direct", "PART #c :gone", "PING after");
  sim.run();
  sim.store().fails = [&] { return sim.store().appends == 2; };
  sim.release_commits();
  sim.run();
  CHECK(bob.received() ==
        Lines{":alice!alice@10.0.0.1 PRIVMSG bob :direct", ":alice!alice@10.0.0.1 PART #c :gone"});
  const auto answers = alice.received();
  CHECK(answers.size() == 4);
  CHECK(answers.count(" 404 alice #c ") == 1);
  CHECK(answers.contains(" PONG troupe.local :after"));
}

TEST_CASE("answers come in the order of the commands, also if a message among them can't be committed") {
  Sim sim;
  auto& alice = sim.member("alice", "#c");
  sim.hold_commits();
  alice.sends("PRIVMSG #c :first");  // what follows gathers behind it
  sim.run();
  alice.received();
  alice.sends("PING before", "PRIVMSG #c :lost", "PING between", "PART #c :gone", "PING after");
  sim.run();
  sim.store().fails = [&] { return sim.store().appends == 2; };
  sim.release_commits();
  sim.run();
  CHECK(alice.received() ==
        Lines{":troupe.local PONG troupe.local :before",
              ":troupe.local 404 alice #c :Message could not be stored, and nobody has seen it",
              ":troupe.local PONG troupe.local :between", ":alice!alice@10.0.0.1 PART #c :gone",
              ":troupe.local PONG troupe.local :after"});
}

TEST_CASE("while a batch is committed the next one gathers: many messages take few commits") {
  Sim sim;
  auto& alice = sim.member("alice", "#c");
  sim.hold_commits();
  for (int i = 0; i < 20; ++i) alice.sends("PRIVMSG #c :" + std::to_string(i));
  sim.run();
  sim.release_commits();
  sim.run();
  CHECK(sim.store().kept.size() == 20);
  CHECK(sim.store().appends == 2);
}

TEST_CASE("each batch is shown when it is committed, and not before") {
  Sim sim;
  auto& alice = sim.member("alice", "#c");
  auto& bob = sim.member("bob", "#c");
  sim.hold_commits();
  alice.sends("PRIVMSG #c :one");
  sim.run();
  alice.sends("PRIVMSG #c :two", "PRIVMSG #c :three");
  sim.run();
  sim.release_one_commit();
  CHECK(texts(bob.received()) == std::vector<std::string>{"one"});
  sim.release_one_commit();
  CHECK(texts(bob.received()) == std::vector<std::string>{"two", "three"});
  CHECK(sim.store().appends == 2);
}

TEST_CASE("all members see a channel's messages in one order, which is the store's") {
  for_seeds(200, [](auto seed) {
    Sim sim({.seed = seed});
    const std::vector<std::string> nicks = {"ann", "ben", "cat", "dan"};
    std::vector<Client*> members;
    for (const auto& nick : nicks) {
      members.push_back(&sim.member(nick, "#c", "echo-message"));
      is_shown_what_is_kept(sim, *members.back());
    }
    for (auto* member : members) member->received();
    for (int i = 0; i < 10; ++i)
      for (std::size_t m = 0; m < members.size(); ++m)
        members[m]->sends("PRIVMSG #c :" + nicks[m] + std::to_string(i));
    sim.run();
    REQUIRE(sim.store().kept.size() == 40);
    REQUIRE(std::ranges::is_sorted(sim.store().kept, {}, &troupe::db::Message::id));
    for (auto* member : members) REQUIRE(texts(member->received()) == sim.store().texts());
  });
}

TEST_CASE("whatever happens, seen means kept, in the store's order, and nobody speaks who is not there") {
  for_seeds(200, [](auto seed) {
    Sim sim({.seed = seed});
    std::deque<Observer> observers;
    std::vector<Client*> clients;
    auto& founder = sim.member("founder", "#c");
    for (std::size_t i = 0; i < 5; ++i) {
      const std::string nick = "user" + std::to_string(i);
      clients.push_back(&sim.member(nick, "#c"));
      is_shown_what_is_kept(sim, *clients.back());
    }
    for (std::size_t i = 0; i < 5; ++i) observers.emplace_back(*clients[i], "user" + std::to_string(i));
    founder.sends("MODE #c +ooooo user0 user1 user2 user3 user4");
    sim.run();
    sim.store().fails = [&] { return sim.below(4) == 0; };

    int number = 0;
    std::vector<std::size_t> spoken(5);
    for (int round = 0; round < 6; ++round) {
      for (int action = 0; action < 12; ++action) {
        const auto i = sim.below(clients.size());
        auto& client = *clients[i];
        switch (sim.below(10)) {
          case 0:
            client.sends("PART #c");
            break;
          case 1:
            client.sends("JOIN #c");
            break;
          case 2:
            client.sends("NICK name" + std::to_string(++number));
            break;
          case 3:
            client.sends("KICK #c user" + std::to_string(sim.below(5)));
            break;
          default:
            ++spoken[i];
            client.sends("PRIVMSG #c :" + std::to_string(i) + "/" + std::to_string(++number));
        }
      }
      if (sim.below(2))
        sim.hold_commits();
      else
        sim.release_commits();
      sim.run();
      for (auto& observer : observers) observer.listen();
    }
    sim.release_commits();
    for (auto* client : clients) client->sends("PING the-end");
    sim.run();

    const auto kept = sim.store().texts();
    for (std::size_t i = 0; i < clients.size(); ++i) {
      observers[i].listen();
      REQUIRE(observers[i].last_pong == "the-end");
      // Each message of its own is either kept or was refused.
      const auto own = std::ranges::count_if(
          kept, [&](const auto& text) { return text.starts_with(std::to_string(i) + "/"); });
      REQUIRE(static_cast<std::size_t>(own) + observers[i].refused == spoken[i]);
      // What it saw is in the store in the same order.
      auto at = kept.begin();
      for (const auto& text : observers[i].heard) {
        at = std::find(at, kept.end(), text);
        REQUIRE(at != kept.end());
        ++at;
      }
    }
  });
}
