#include "test/sim/fixture.hpp"

#include <doctest/doctest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

// How the server ends, and what it leaves in its log.

using namespace std::chrono_literals;
using namespace troupe::sim;

TEST_CASE("at the end everybody is told and closed, and nobody hears of the others' going") {
  for_seeds(100, [](auto seed) {
    Sim sim({.seed = seed});
    std::vector<Client*> clients = {&sim.member("alice", "#c"), &sim.member("bob", "#c"), &sim.connect()};
    sim.run();
    for (auto* client : clients) client->received();
    sim.shut_down();
    sim.run();
    REQUIRE(sim.ended());
    for (auto* client : clients) {
      REQUIRE(client->received() == Lines{"ERROR :Server shutting down"});
      REQUIRE(client->closed());
    }
  });
}

TEST_CASE("at the end messages in flight are committed, and shown to everybody before the good-bye") {
  for_seeds(100, [](auto seed) {
    Sim sim({.seed = seed});
    auto& alice = sim.member("alice", "#c", "echo-message");
    auto& bob = sim.member("bob", "#c");
    alice.received();
    sim.hold_commits();
    alice.sends("PRIVMSG #c :one");
    sim.run();
    alice.sends("PRIVMSG #c :two");
    sim.run();
    sim.shut_down();
    sim.run();
    REQUIRE_FALSE(sim.ended());
    REQUIRE_FALSE(alice.closed());
    sim.release_commits();
    sim.run();
    REQUIRE(sim.ended());
    REQUIRE(sim.store().texts() == std::vector<std::string>{"one", "two"});
    for (auto* client : {&alice, &bob}) {
      REQUIRE(client->received() == Lines{":alice!alice@10.0.0.1 PRIVMSG #c :one",
                                          ":alice!alice@10.0.0.1 PRIVMSG #c :two",
                                          "ERROR :Server shutting down"});
      REQUIRE(client->closed());
    }
  });
}

TEST_CASE(
    "at the end a client in the middle of a flood is stopped, and what was taken of it is shown to "
    "everybody") {
  for_seeds(100, [](auto seed) {
    auto rules = unhurried();
    rules.credit = 4;
    Sim sim({.rules = rules, .seed = seed});
    auto& alice = sim.member("alice", "#c", "echo-message");
    auto& bob = sim.member("bob", "#c");
    alice.received();
    for (int i = 0; i < 200; ++i) alice.sends("PRIVMSG #c :" + std::to_string(i));
    sim.run_some(sim.below(500));
    sim.shut_down();
    sim.run();
    REQUIRE(sim.ended());
    const auto seen = bob.received();
    REQUIRE(seen.size() == sim.store().kept.size() + 1);
    REQUIRE(alice.received() == seen);
    for (std::size_t i = 0; i + 1 < seen.size(); ++i)
      REQUIRE(seen[i] == ":alice!alice@10.0.0.1 PRIVMSG #c :" + std::to_string(i));
    REQUIRE(seen.back() == "ERROR :Server shutting down");
  });
}

TEST_CASE("at the end a connection that dies keeps nobody waiting") {
  for_seeds(50, [](auto seed) {
    Sim sim({.seed = seed});
    auto& alice = sim.member("alice", "#c");
    auto& bob = sim.member("bob", "#c");
    sim.hold_commits();
    alice.sends("PRIVMSG #c :in flight");
    sim.run();
    sim.shut_down();
    sim.run();
    (seed % 2 ? alice : bob).connection_exits(caf::exit_reason::kill);
    sim.run();
    sim.release_commits();
    sim.run();
    REQUIRE(sim.ended());
    REQUIRE(alice.closed());
    REQUIRE(bob.closed());
    REQUIRE(sim.store().has("in flight"));
  });
}

TEST_CASE("at the end nobody is let in any more") {
  for_seeds(100, [](auto seed) {
    Sim sim({.seed = seed});
    auto& alice = sim.user("alice");
    sim.shut_down();
    auto& late = sim.connect();
    late.sends("NICK late", "USER late 0 * :Late");
    sim.run();
    REQUIRE(alice.closed());
    REQUIRE(sim.ended());
    // It came before the end, or it is told why not, or nobody opened.
    const auto lines = late.received();
    if (late.closed())
      REQUIRE(lines.back() == "ERROR :Server shutting down");
    else
      REQUIRE(lines.empty());
    auto& later = sim.connect();
    sim.run();
    REQUIRE(later.halted());
    REQUIRE(later.received().empty());
  });
}

TEST_CASE("at the end a client in mid-registration is told and closed") {
  for_seeds(100, [](auto seed) {
    Sim sim({.seed = seed});
    auto& alice = sim.connect();
    alice.sends("NICK alice", "USER alice 0 * :A");
    const auto steps = sim.below(30);
    sim.run_some(steps);
    sim.shut_down();
    sim.run();
    REQUIRE(sim.ended());
    if (alice.closed()) REQUIRE(alice.received().back() == "ERROR :Server shutting down");
  });
}

TEST_CASE("whatever clients are in the middle of, the end comes, and what they were shown is kept") {
  for_seeds(100, [](auto seed) {
    auto rules = unhurried();
    rules.credit = 4;
    rules.sendq = 4096;
    Sim sim({.rules = rules, .seed = seed});
    std::vector<Client*> clients;
    for (const auto* nick : {"ann", "ben", "cat", "dan"}) {
      clients.push_back(&sim.member(nick, "#c", "echo-message"));
      clients.back()->received();
    }
    if (sim.below(2)) sim.hold_commits();
    sim.store().fails = [&] { return sim.below(4) == 0; };
    for (auto* client : clients) {
      if (sim.below(4) == 0) client->stops_reading();
      for (std::size_t i = 0, lines = sim.below(40); i < lines; ++i)
        client->sends("PRIVMSG #c :" + std::to_string(i) + std::string(200, 'x'));
      if (sim.below(4) == 0) client->sends("QUIT");
      if (sim.below(4) == 0) client->hangs_up();
    }
    clients.push_back(&sim.connect());
    clients.back()->sends("NICK eve");
    sim.run_some(sim.below(400));
    sim.shut_down();
    sim.run();
    sim.release_commits();
    sim.pass(3100ms);  // those who do not read have that time
    REQUIRE(sim.ended());
    std::size_t left_outside = 0;
    for (auto* client : clients) {
      left_outside += !client->closed();
      for (const auto& line : client->received().with(" PRIVMSG #c :"))
        REQUIRE(sim.store().has(line.substr(line.find(" :") + 2)));
    }
    REQUIRE(left_outside <= 1);  // the last one, if the door was closed before it came in
  });
}

TEST_CASE("the supervisor starts all, and ends all when told to") {
  for_seeds(50, [](auto seed) {
    Sim sim({.seed = seed, .supervised = true});
    auto& alice = sim.member("alice", "#c");
    auto& bob = sim.member("bob", "#c");
    alice.sends("PRIVMSG #c :hello");
    sim.run();
    alice.received();
    REQUIRE(bob.received() == Lines{":alice!alice@10.0.0.1 PRIVMSG #c :hello"});
    sim.shut_down();
    sim.run();
    REQUIRE(sim.status() == 0);
    REQUIRE(alice.received() == Lines{"ERROR :Server shutting down"});
    REQUIRE(bob.received() == Lines{"ERROR :Server shutting down"});
    REQUIRE(sim.actors() == 0);
  });
}

TEST_CASE("the supervisor ends all, whenever it is told to") {
  for_seeds(500, [](auto seed) {
    Sim sim({.seed = seed, .supervised = true});
    for (std::size_t i = 0, clients = sim.below(3); i < clients; ++i) {
      sim.connect().sends("NICK ann", "USER u 0 * :U");
      sim.run_some(sim.below(30));
    }
    sim.shut_down();
    sim.run_some(sim.below(5));
    sim.connect();
    sim.pass(5s);
    REQUIRE(sim.status() == 0);
    REQUIRE(sim.actors() == 0);
  });
}

TEST_CASE("the supervisor ends with 1 when the room dies") {
  std::size_t calls = 0;
  Sim sim({.supervised = true, .random = [&calls]() -> std::uint64_t {
             if (++calls > 1) throw std::runtime_error("no more random numbers");
             return 1;
           }});
  auto& alice = sim.member("alice", "#c");
  for (int i = 0; i < 3; ++i) {
    alice.sends("PRIVMSG #c :hello");
    sim.run();
  }
  sim.pass(10s);
  CHECK(sim.status() == 1);
  CHECK(alice.closed());
  CHECK(sim.actors() == 0);
}

TEST_CASE("the supervisor ends in time, even if the room does not answer") {
  Sim sim({.supervised = true});
  auto& alice = sim.member("alice", "#c");
  sim.hold_room();
  alice.sends("PRIVMSG #c :hello");
  sim.run();
  sim.shut_down();
  sim.pass(4900ms);
  CHECK(sim.status() == 0);
  sim.release_room();
  sim.run();
  CHECK(alice.closed());
  CHECK(sim.actors() == 0);
}

TEST_CASE("the log never holds a message's text or a password") {
  std::ostringstream log;
  const auto before = spdlog::default_logger();
  {
    auto rules = unhurried();
    rules.password = "open-sesame";
    Sim sim({.rules = rules});
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
    spdlog::set_level(spdlog::level::trace);
    auto& bob = sim.connect();
    bob.sends("PASS wrong-guess", "NICK bob", "USER bob 0 * :Bob");
    auto& alice = sim.connect();
    alice.sends("PASS open-sesame", "NICK alice", "USER alice 0 * :Alice", "JOIN #c secret-key",
                "PRIVMSG #c :secret-text", "NOTICE alice :secret-text", "TOPIC #c :secret-text");
    sim.run();
    sim.store().fails = [] { return true; };
    alice.sends("PRIVMSG #c :secret-text");
    sim.run();
    alice.sends("QUIT");
    sim.run();
    spdlog::set_level(spdlog::level::off);
  }
  spdlog::set_default_logger(before);
  const auto text = log.str();
  CHECK(text.find("nick=alice") != std::string::npos);
  CHECK(text.find("not stored") != std::string::npos);
  for (const auto* secret : {"secret", "sesame", "guess"}) CHECK(text.find(secret) == std::string::npos);
}
