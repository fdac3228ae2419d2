// Long answers: told in portions, as the client takes them, while others go on.
#include "test/unit/chat/archive.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <set>

using namespace troupe;
using namespace troupe::test;

namespace {

/// What a client that takes nothing is sent of what it asked for: a portion, and what brings it over that.
constexpr std::size_t most_untaken = Client::most_owed + 9 * 1024;

/// Bob and others are in many channels, each with a topic.
struct Town : Archive {
  Town() : Archive([](RoomConfig&) {}) {}

  void builds(std::size_t channels, std::size_t topic) {
    for (std::size_t i = 0; i < channels; ++i) {
      if (i % 100 == 0) builder_ = enters("b" + std::to_string(i / 100));
      const auto name = "#channel" + std::to_string(i);
      says(builder_, "JOIN " + name);
      if (topic > 0) says(builder_, "TOPIC " + name + " :" + times(topic, "t"));
      if (i % 100 == 99) forget();
    }
    forget();
    largest_batch = 0;
  }

  ConnectionId alice = enters("alice", with_history);
  ConnectionId bob = enters("bob");
  bool ready = (gathers("#a", {bob, alice}), true);

 private:
  ConnectionId builder_{};
};

/// The nicks of RPL_NAMREPLY.
std::multiset<std::string> named(const Lines& lines) {
  std::multiset<std::string> nicks;
  for (const auto& line : lines.with(" 353 ")) {
    const auto names = line.substr(line.find(" :") + 2);
    for (auto nick : protocol::split(names, ' ')) nicks.emplace(nick.substr(nick.find_first_not_of("@+")));
  }
  return nicks;
}

}  // namespace

TEST_CASE_FIXTURE(Town,
                  "LIST of ten thousand channels with topics comes in portions, complete and in order") {
  builds(10'000, 300);
  says(alice, "LIST");
  says(alice, "PING behind");
  const auto heard = hears(alice);
  CHECK(heard.with(" 322 ").size() == 10'001);
  CHECK(heard.with(" 323 ").size() == 1);
  CHECK(heard.back() == ":irc.test PONG irc.test :behind");
  std::set<std::string> different(heard.begin(), heard.end());
  CHECK(different.size() == heard.size());
  CHECK(largest_batch <= most_untaken);
  CHECK(answered(alice) == 2);
}

TEST_CASE_FIXTURE(Town, "who takes nothing is sent no more than a portion, and gets the rest when it does") {
  builds(1000, 300);
  stops_taking(alice);
  for (const std::string line : {"LIST", "NAMES #a", "PING behind"}) says(alice, line);
  settles();
  CHECK(unheard(alice) <= most_untaken);
  CHECK(answered(alice) == 0);

  // Nobody's messages wait for that, neither to her nor to others.
  const auto before = unheard(alice);
  says(bob, "PRIVMSG #a :live");
  says(bob, "PING x");
  CHECK(hears(bob) == Lines{":irc.test PONG irc.test :x"});
  CHECK(unheard(alice) > before);
  CHECK(unheard(alice) < before + 200);

  takes(alice);
  const auto heard = hears(alice);
  CHECK(heard.with(" 322 ").size() == 1001);
  CHECK(heard.with("PRIVMSG #a :live").size() == 1);
  CHECK(heard.with(" 353 ").size() == 1);
  CHECK(heard.back() == ":irc.test PONG irc.test :behind");
  CHECK(answered(alice) == 3);
}

TEST_CASE_FIXTURE(Town, "many masks that nothing matches let others' commands through, little by little") {
  builds(2000, 0);
  says(alice, "LIST *1x,*2x,*3x,*4x,*5x,*6x,*7x,*8x");
  std::size_t turns = 0;
  for (; chat.has_more(); ++turns) {
    REQUIRE(turns < 1000);
    says(bob, "PING x");
    chat.go_on(now);
  }
  CHECK(turns >= 2000 * 8 / Turn::most_work);
  CHECK(answered(bob) == turns);
  CHECK(hears(alice) ==
        Lines{":irc.test 321 alice Channel :Users  Name", ":irc.test 323 alice :End of /LIST"});
}

TEST_CASE_FIXTURE(Town, "clients take turns with their portions") {
  builds(500, 300);
  const auto carol = enters("carol");
  for (const auto who : {alice, carol}) {
    stops_taking(who);
    says(who, "LIST");
  }
  settles();
  for (const auto who : {alice, carol}) chat.taken(who, now);
  for (const auto who : {alice, carol}) {
    const auto before = std::pair{unheard(alice), unheard(carol)};
    chat.go_on(now);
    delivers(takes_batch());
    CHECK((unheard(alice) > before.first) == (who == alice));
    CHECK((unheard(carol) > before.second) == (who == carol));
  }
}

TEST_CASE("whoever is in a channel all the time is named once, whoever comes and goes meanwhile") {
  Town room;
  std::vector<ConnectionId> members;
  for (int i = 0; i < 4000; ++i) {
    members.push_back(room.enters("member" + std::to_string(i)));
    room.says(members.back(), "JOIN #crowd");
    if (i % 100 == 0) room.forget();
  }
  room.forget();
  room.stops_taking(room.alice);
  room.says(room.alice, "NAMES #crowd");
  room.settles();
  for (std::size_t i = 0; i < members.size(); i += 2) room.leaves(members[i]);
  for (int i = 0; i < 100; ++i) room.says(room.enters("late" + std::to_string(i)), "JOIN #crowd");
  room.takes(room.alice);
  const auto heard = room.hears(room.alice);
  const auto nicks = named(heard);
  for (int i = 1; i < 4000; i += 2) CHECK(nicks.count("member" + std::to_string(i)) == 1);
  CHECK(nicks.size() == std::set<std::string>(nicks.begin(), nicks.end()).size());
  CHECK(heard.with(" 366 ").size() == 1);
}

TEST_CASE_FIXTURE(
    Town, "a labelled answer of many portions is one batch, and what comes live stands outside of it") {
  builds(500, 300);
  const auto carol = enters("carol", "batch labeled-response");
  gathers("#a", {carol});
  stops_taking(carol);
  says(carol, "@label=l1 LIST");
  settles();
  says(bob, "PRIVMSG #a :live");
  settles();
  takes(carol);
  const auto heard = hears(carol);
  CHECK(heard.front() == "@label=l1 :irc.test BATCH +reply labeled-response");
  CHECK(heard.back() == ":irc.test BATCH -reply");
  CHECK(heard.with("BATCH").size() == 2);
  CHECK(heard.with("@batch=reply :irc.test 322").size() == 501);
  CHECK(heard.with("@batch=reply").size() == heard.size() - 3);
  CHECK(heard.with("live") == Lines{":bob!bob@host PRIVMSG #a :live"});
}

TEST_CASE_FIXTURE(Town, "who says much and is answered nothing is never kept waiting") {
  stops_taking(bob);
  for (int i = 0; i < 1000; ++i) says(bob, "PRIVMSG #a :" + std::to_string(i));
  CHECK(answered(bob) == 1000);
}

TEST_CASE_FIXTURE(Town, "who leaves in the middle of a long answer is forgotten, and others go on") {
  builds(500, 300);
  stops_taking(alice);
  says(alice, "LIST");
  settles();
  leaves(alice);
  chat.taken(alice, now);
  CHECK_FALSE(chat.has_more());
  says(bob, "LIST");
  CHECK(hears(bob).with(" 322 ").size() == 501);
}

TEST_CASE_FIXTURE(Town, "a channel that ends in the middle of NAMES, or is made anew, is named no further") {
  std::vector<ConnectionId> members;
  for (int i = 0; i < 3000; ++i) {
    members.push_back(enters("member" + std::to_string(i)));
    says(members.back(), "JOIN #crowd");
    if (i % 100 == 0) forget();
  }
  forget();
  stops_taking(alice);
  says(alice, "NAMES #crowd");
  settles();
  for (const auto who : members) says(who, "PART #crowd");
  says(members.front(), "JOIN #crowd");
  takes(alice);
  const auto heard = hears(alice);
  CHECK(named(heard).size() > 100);
  CHECK(named(heard).size() < 3000);
  CHECK(named(heard).count("member0") == 1);
  CHECK(heard.back() == ":irc.test 366 alice #crowd :End of /NAMES list");
}

TEST_CASE_FIXTURE(Town, "WHO of everybody comes in portions") {
  for (int i = 0; i < 2000; ++i) enters("member" + std::to_string(i));
  largest_batch = 0;
  says(alice, "WHO *");
  const auto heard = hears(alice);
  CHECK(heard.with(" 352 ").size() == 2002);
  CHECK(heard.back() == ":irc.test 315 alice * :End of WHO list");
  CHECK(largest_batch <= most_untaken);
}

TEST_CASE_FIXTURE(Town, "a long list of bans comes in portions, as it was when it was asked for") {
  for (int i = 0; i < 100; ++i)
    says(bob, "MODE #a +b " + times(20, "n") + std::to_string(i) + "!*@" + times(60, "h"));
  forget();
  stops_taking(alice);
  for (int i = 0; i < 3; ++i) says(alice, "MODE #a b");
  settles();
  CHECK(unheard(alice) <= most_untaken);
  says(bob, "MODE #a -b " + times(20, "n") + "99!*@" + times(60, "h"));
  takes(alice);
  CHECK(hears(alice).with(" 367 ").size() >= 299);
}

TEST_CASE("a long message of the day does not keep anybody from entering") {
  RoomFixture room([](RoomConfig& config) { config.motd.assign(1000, times(80, "m")); });
  const auto alice = room.enters({"alice", "alice", "Alice", "host", {}});
  room.stops_taking(alice);
  CHECK(room.standing(alice) == Standing::entered);
  CHECK(room.unheard(alice) <= most_untaken);
  CHECK(room.answered(alice) == 0);
  room.takes(alice);
  CHECK(room.hears(alice).with(" 372 ").size() == 1000);
  CHECK(room.answered(alice) == 1);
}

namespace {

/// Bob has said 500 messages with as many tags as may be, in a channel that Alice is in.
struct Hoard : Archive {
  ConnectionId alice = enters("alice", with_history);
  ConnectionId bob = enters("bob", "message-tags");
  bool ready = (fills(), true);

  void fills() {
    joins(bob, "#cats");
    joins(alice, "#cats");
    const auto tags = "@+x=" + times(4000, "t");
    for (int i = 0; i < 500; ++i) {
      now += 1s;
      says(bob, tags + " PRIVMSG #cats :" + std::to_string(i));
      settles();
    }
    forget();
    largest_batch = 0;
  }

  /// Answers what comes up until there is nothing more.
  void reads_all() {
    do settles();
    while (recalls() > 0);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Hoard, "CHATHISTORY of 500 messages of 4 kB comes in portions, complete and in order") {
  for (const std::string question :
       {"LATEST #cats * 500", "AFTER #cats timestamp=2026-01-01T00:00:00.000Z 500"}) {
    says(alice, "CHATHISTORY " + question);
    reads_all();
    const auto heard = hears(alice);
    CHECK(texts(heard) == range(0, 499));
    CHECK(heard.front().find("BATCH +reply chathistory #cats") != std::string::npos);
    CHECK(heard.back() == ":irc.test BATCH -reply");
    CHECK(heard.with("BATCH").size() == 2);
    CHECK(largest_batch <= most_untaken);
  }
}

TEST_CASE_FIXTURE(Hoard, "62 connections with 32 questions each make no large batch") {
  std::vector<ConnectionId> readers;
  for (int i = 0; i < 62; ++i) {
    readers.push_back(enters("reader" + std::to_string(i), with_history));
    joins(readers.back(), "#cats");
    stops_taking(readers.back());
  }
  forget();
  largest_batch = 0;
  for (const auto who : readers)
    for (int i = 0; i < 32; ++i) says(who, "CHATHISTORY LATEST #cats * 500");
  reads_all();
  CHECK(largest_batch <= 62 * most_untaken);
  CHECK(largest_batch <= Outbox::large + most_untaken);
  for (const auto who : readers) {
    CHECK(unheard(who) <= most_untaken);
    CHECK(answered(who) == 0);
  }
}

TEST_CASE_FIXTURE(Hoard,
                  "who is kicked in the middle of an answer is shown no more, and its batch is closed") {
  stops_taking(alice);
  says(alice, "CHATHISTORY LATEST #cats * 500");
  reads_all();
  says(bob, "KICK #cats alice");
  takes(alice);
  reads_all();
  const auto heard = hears(alice);
  CHECK(texts(heard).size() > 0);
  CHECK(texts(heard).size() < 10);
  CHECK(heard.back() == ":irc.test BATCH -reply");
}

TEST_CASE_FIXTURE(Hoard, "a store that fails in the middle of an answer ends it, and says so") {
  says(alice, "CHATHISTORY LATEST #cats * 500");
  settles();
  const auto first = recall();
  chat.recalled(first.number, finds(first), now);
  settles();
  const auto second = recall();
  chat.recalled(second.number, std::nullopt, now);
  const auto heard = hears(alice);
  CHECK(texts(heard).size() > 10);
  CHECK(heard.with("FAIL CHATHISTORY MESSAGE_ERROR").size() == 1);
  CHECK(heard.back() == ":irc.test BATCH -reply");
  says(alice, "PING x");
  CHECK(hears(alice).size() == 1);
}

TEST_CASE_FIXTURE(
    Hoard, "a newcomer is replayed the past in portions, each message once, whatever is said meanwhile") {
  const auto carol = enters("carol", "server-time message-tags");
  stops_taking(carol);
  says(carol, "JOIN #cats");
  reads_all();
  CHECK(unheard(carol) <= most_untaken);
  for (int i = 500; i < 505; ++i) says(bob, "PRIVMSG #cats :" + std::to_string(i));
  settles();
  takes(carol);
  reads_all();
  auto shown = texts(hears(carol));
  CHECK(shown.size() == 15);
  std::ranges::sort(shown);
  CHECK(shown == range(490, 504));
}

TEST_CASE_FIXTURE(Hoard, "a newcomer whose past leaves memory before it takes it is told so") {
  const auto carol = enters("carol", "server-time message-tags");
  stops_taking(carol);
  says(carol, "JOIN #cats");
  reads_all();
  for (int i = 500; i < 1500; ++i) {
    says(bob, "PRIVMSG #cats :" + std::to_string(i));
    settles();
  }
  takes(carol);
  reads_all();
  const auto heard = hears(carol);
  CHECK(heard.with("Earlier messages of #cats are not available now").size() == 1);
  CHECK(texts(heard).size() < 1010);
  CHECK(texts(heard).size() >= 1000);
}

TEST_CASE_FIXTURE(Hoard, "a newcomer whose past leaves memory while it is told who is there is told so") {
  for (int i = 0; i < 1500; ++i) {
    says(enters("somebody" + std::to_string(i)), "JOIN #cats");
    if (i % 100 == 0) forget();
  }
  forget();
  const auto carol = enters("carol", "server-time message-tags");
  stops_taking(carol);
  says(carol, "JOIN #cats");
  reads_all();
  for (int i = 500; i < 1500; ++i) {
    says(bob, "PRIVMSG #cats :" + std::to_string(i));
    if (i % 10 == 0) settles();
  }
  takes(carol);
  reads_all();
  CHECK(hears(carol).with("Earlier messages of #cats are not available now").size() == 1);
}

TEST_CASE_FIXTURE(Hoard, "a closed room answers what goes on at once, with nothing more") {
  stops_taking(alice);
  for (int i = 0; i < 3; ++i) says(alice, "CHATHISTORY LATEST #cats * 500");
  reads_all();
  forget();
  chat.close();
  CHECK(answered(alice) == 3);
  CHECK(hears(alice) == Lines{});
}
