// CHATHISTORY (draft/chathistory).
#include "test/unit/chat/archive.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace troupe;
using namespace troupe::test;

// -- the subcommands ---------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Talk, "LATEST with * gives the last messages, oldest first, as many as there are") {
  CHECK(tells("LATEST #cats * 3") == range(7, 9));
  CHECK(tells("LATEST #cats * 10") == range(0, 9));
  CHECK(tells("LATEST #cats * 11") == range(0, 9));
  CHECK(tells("LATEST #CATS * 1") == range(9, 9));
  CHECK(tells("latest #cats * 1") == range(9, 9));
}

TEST_CASE_FIXTURE(Talk, "LATEST with a reference gives the last of the messages after it") {
  CHECK(tells("LATEST #cats " + id(6) + " 10") == range(7, 9));
  CHECK(tells("LATEST #cats " + id(6) + " 2") == range(8, 9));
  CHECK(tells("LATEST #cats " + time(6) + " 10") == range(7, 9));
  CHECK(tells("LATEST #cats " + time(6) + " 2") == range(8, 9));
  CHECK(tells("LATEST #cats " + id(9) + " 10") == Texts{});
  CHECK(tells("LATEST #cats " + timestamp(now + 1h) + " 10") == Texts{});
  CHECK(tells("LATEST #cats " + timestamp(now - 1h) + " 10") == range(0, 9));
}

TEST_CASE_FIXTURE(Talk, "BEFORE gives the messages that come right before its reference, without it") {
  CHECK(tells("BEFORE #cats " + id(3) + " 10") == range(0, 2));
  CHECK(tells("BEFORE #cats " + id(3) + " 2") == range(1, 2));
  CHECK(tells("BEFORE #cats " + time(3) + " 2") == range(1, 2));
  CHECK(tells("BEFORE #cats " + timestamp(ids[3].time() + 1ms) + " 2") == range(2, 3));
  CHECK(tells("BEFORE #cats " + id(0) + " 2") == Texts{});
  CHECK(tells("BEFORE #cats timestamp=9999-12-31T23:59:59.999Z 2") == range(8, 9));
}

TEST_CASE_FIXTURE(Talk, "AFTER gives the messages that come right after its reference, without it") {
  CHECK(tells("AFTER #cats " + id(6) + " 10") == range(7, 9));
  CHECK(tells("AFTER #cats " + id(6) + " 2") == range(7, 8));
  CHECK(tells("AFTER #cats " + time(6) + " 2") == range(7, 8));
  CHECK(tells("AFTER #cats " + timestamp(ids[6].time() - 1ms) + " 2") == range(6, 7));
  CHECK(tells("AFTER #cats " + id(9) + " 2") == Texts{});
  CHECK(tells("AFTER #cats timestamp=1970-01-01T00:00:00.000Z 2") == range(0, 1));
}

TEST_CASE_FIXTURE(Talk, "AROUND gives a message, and what comes before and after it") {
  CHECK(tells("AROUND #cats " + id(5) + " 4") == range(3, 6));
  CHECK(tells("AROUND #cats " + id(5) + " 5") == range(3, 7));
  CHECK(tells("AROUND #cats " + time(5) + " 4") == range(3, 6));
  CHECK(tells("AROUND #cats " + id(5) + " 1") == range(5, 5));
  CHECK(tells("AROUND #cats " + id(5) + " 500") == range(0, 9));
  CHECK(tells("AROUND #cats " + id(0) + " 4") == range(0, 1));
  CHECK(tells("AROUND #cats " + id(9) + " 4") == range(7, 9));
  CHECK(tells("AROUND #cats " + timestamp(ids[5].time() + 1ms) + " 4") == range(4, 7));
}

TEST_CASE_FIXTURE(Talk, "BETWEEN gives what lies between its references, counted from the first one") {
  CHECK(tells("BETWEEN #cats " + id(2) + " " + id(7) + " 10") == range(3, 6));
  CHECK(tells("BETWEEN #cats " + id(2) + " " + id(7) + " 2") == range(3, 4));
  CHECK(tells("BETWEEN #cats " + time(2) + " " + time(7) + " 2") == range(3, 4));
  CHECK(tells("BETWEEN #cats " + id(2) + " " + time(7) + " 2") == range(3, 4));
  CHECK(tells("BETWEEN #cats " + time(2) + " " + id(7) + " 2") == range(3, 4));
}

TEST_CASE_FIXTURE(Talk, "BETWEEN backwards counts from its first reference as well, and tells oldest first") {
  CHECK(tells("BETWEEN #cats " + id(7) + " " + id(2) + " 10") == range(3, 6));
  CHECK(tells("BETWEEN #cats " + id(7) + " " + id(2) + " 2") == range(5, 6));
  CHECK(tells("BETWEEN #cats " + time(7) + " " + time(2) + " 2") == range(5, 6));
  CHECK(tells("BETWEEN #cats " + id(7) + " " + time(2) + " 2") == range(5, 6));
}

TEST_CASE_FIXTURE(Talk, "between a message and itself, or its neighbour, there is nothing") {
  CHECK(tells("BETWEEN #cats " + id(4) + " " + id(4) + " 10") == Texts{});
  CHECK(tells("BETWEEN #cats " + id(4) + " " + id(5) + " 10") == Texts{});
  CHECK(tells("BETWEEN #cats " + time(4) + " " + time(4) + " 10") == Texts{});
  CHECK(tells("BETWEEN #cats " + id(4) + " " + time(4) + " 10") == Texts{});
  CHECK(tells("BETWEEN #cats " + time(4) + " " + id(4) + " 10") == Texts{});
}

TEST_CASE_FIXTURE(Talk, "a time stands for all messages of its millisecond, an id for one of them") {
  now += 1s;
  for (const auto text : {"a", "b", "c"}) says(bob, std::string{"PRIVMSG #cats :"} + text);
  settles();
  const auto b = msgid(stored[11].id);
  const auto then = timestamp(now);
  posts(bob, "d");
  CHECK(tells("AFTER #cats " + then + " 9") == Texts{"d"});
  CHECK(tells("BEFORE #cats " + then + " 1") == Texts{"9"});
  CHECK(tells("AROUND #cats " + then + " 2") == Texts{"9", "a"});
  CHECK(tells("AFTER #cats " + b + " 9") == Texts{"c", "d"});
  CHECK(tells("BEFORE #cats " + b + " 2") == Texts{"9", "a"});
}

TEST_CASE_FIXTURE(Talk, "a message of another channel is a place in the order all the same") {
  joins(bob, "#dogs");
  const auto there = msgid(posts(bob, "elsewhere", "#dogs"));
  posts(bob, "10");
  CHECK(tells("BEFORE #cats " + there + " 1") == range(9, 9));
  CHECK(tells("AFTER #cats " + there + " 9") == range(10, 10));
}

TEST_CASE_FIXTURE(Talk, "paging back and forth meets each message once") {
  Texts back;
  auto page = asks(alice, "LATEST #cats * 3");
  while (!texts(page).empty()) {
    auto found = texts(page);
    back.insert(back.begin(), found.begin(), found.end());
    page = asks(alice, "BEFORE #cats msgid=" + tag(page[1], "msgid") + " 3");
  }
  CHECK(back == range(0, 9));
  Texts forth;
  page = asks(alice, "AFTER #cats timestamp=2000-01-01T00:00:00.000Z 3");
  while (!texts(page).empty()) {
    auto found = texts(page);
    forth.insert(forth.end(), found.begin(), found.end());
    page = asks(alice, "AFTER #cats msgid=" + tag(page[page.size() - 2], "msgid") + " 3");
  }
  CHECK(forth == range(0, 9));
}

// -- TARGETS -----------------------------------------------------------------------------------------------

namespace {

/// Alice is in three channels that were spoken in, one that was not, and Bob alone in another one.
struct Channels : Archive {
  Channels() : Archive([](RoomConfig&) {}) {
    for (const auto* channel : {"#C", "#A", "#B", "#silent"}) {
      joins(bob, channel);
      joins(alice, channel);
    }
    joins(bob, "#foreign");
    for (const auto* channel : {"#b", "#A", "#foreign", "#b", "#c"}) {
      posts(bob, "text", channel);
      said.push_back(now);
    }
  }

  Lines targets(protocol::Time from, protocol::Time to, std::size_t limit) {
    auto lines =
        asks(alice, "TARGETS " + timestamp(from) + " " + timestamp(to) + " " + std::to_string(limit));
    REQUIRE(lines.size() >= 2);
    CHECK(lines.front() == ":irc.test BATCH +reply draft/chathistory-targets");
    CHECK(lines.back() == ":irc.test BATCH -reply");
    Lines found;
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
      CHECK(lines[i].starts_with("@batch=reply :irc.test CHATHISTORY TARGETS "));
      found.push_back(lines[i].substr(lines[i].find("TARGETS ") + 8));
    }
    return found;
  }

  std::string line(const std::string& channel, int number) {
    return channel + " " + protocol::to_timestamp(said[number]);
  }

  ConnectionId alice = enters("alice", with_history);
  ConnectionId bob = enters("bob");
  std::vector<protocol::Time> said;
};

}  // namespace

TEST_CASE_FIXTURE(Channels,
                  "TARGETS lists one's channels by the time of their last message, silent ones not") {
  CHECK(targets(now - 1h, now + 1h, 10) == Lines{line("#A", 1), line("#B", 3), line("#C", 4)});
}

TEST_CASE_FIXTURE(Channels, "TARGETS goes by the last message alone, and excludes both its times") {
  CHECK(targets(said[1], said[4], 10) == Lines{line("#B", 3)});
  CHECK(targets(said[0] - 1ms, said[0] + 1ms, 10) == Lines{});
  CHECK(targets(said[3] - 1ms, said[3] + 1ms, 10) == Lines{line("#B", 3)});
}

TEST_CASE_FIXTURE(Channels, "the limit of TARGETS counts from its first time, also backwards") {
  CHECK(targets(now - 1h, now + 1h, 2) == Lines{line("#A", 1), line("#B", 3)});
  CHECK(targets(now + 1h, now - 1h, 2) == Lines{line("#B", 3), line("#C", 4)});
  CHECK(targets(said[4], said[1], 2) == Lines{line("#B", 3)});
}

TEST_CASE_FIXTURE(Channels, "without batch TARGETS is as many lines as there are channels") {
  const auto carol = enters("carol", "draft/chathistory");
  joins(carol, "#a");
  const auto question = "TARGETS " + timestamp(now - 1h) + " " + timestamp(now + 1h) + " 10";
  CHECK(asks(carol, question) == Lines{":irc.test CHATHISTORY TARGETS " + line("#A", 1)});
}

// -- the form of an answer ---------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Talk, "an answer is a batch of type chathistory, with the channel's own name") {
  CHECK(asks(alice, "LATEST #cAtS * 2") == Lines{":irc.test BATCH +reply chathistory #Cats",
                                                 "@batch=reply;" + id(8) + " :bob!bob@host PRIVMSG #Cats :8",
                                                 "@batch=reply;" + id(9) + " :bob!bob@host PRIVMSG #Cats :9",
                                                 ":irc.test BATCH -reply"});
}

TEST_CASE_FIXTURE(Talk, "an answer without messages is an empty batch") {
  CHECK(asks(alice, "AFTER #cats " + id(9) + " 2") ==
        Lines{":irc.test BATCH +reply chathistory #Cats", ":irc.test BATCH -reply"});
}

TEST_CASE_FIXTURE(Talk, "the batch bears the label, also when it is empty or holds one line") {
  const auto carol = enters("carol", "batch draft/chathistory labeled-response");
  joins(carol, "#cats");
  says(carol, "@label=l1 CHATHISTORY LATEST #cats * 1");
  CHECK(hears(carol) == Lines{"@label=l1 :irc.test BATCH +reply chathistory #Cats",
                              "@batch=reply :bob!bob@host PRIVMSG #Cats :9", ":irc.test BATCH -reply"});
  says(carol, "@label=l2 CHATHISTORY AFTER #cats " + id(9) + " 1");
  CHECK(hears(carol) ==
        Lines{"@label=l2 :irc.test BATCH +reply chathistory #Cats", ":irc.test BATCH -reply"});
}

TEST_CASE_FIXTURE(Talk, "without batch an answer is its messages, be they none") {
  const auto carol = enters("carol", "draft/chathistory");
  joins(carol, "#cats");
  CHECK(asks(carol, "LATEST #cats * 2") ==
        Lines{":bob!bob@host PRIVMSG #Cats :8", ":bob!bob@host PRIVMSG #Cats :9"});
  answered(carol);
  CHECK(asks(carol, "AFTER #cats " + id(9) + " 1") == Lines{});
  CHECK(answered(carol) == 1);
}

TEST_CASE_FIXTURE(Talk, "a message is shown as it was live: its id, its time, its client tags, its command") {
  const auto carol = enters("carol", "batch draft/chathistory message-tags server-time");
  joins(carol, "#cats");
  now += 5s;
  says(bob, "@+x=a\\sb;y=z;+draft/reply=1 PRIVMSG #cats :Hello,  ü :)");
  says(bob, "@+x NOTICE #cats ::");
  const auto live = hears(carol);
  REQUIRE(live.size() == 2);
  now += 1h;
  says(bob, "NICK robert");
  leaves(bob);
  const auto past = asks(carol, "LATEST #cats * 2");
  REQUIRE(past.size() == 4);
  for (int i : {0, 1}) CHECK(past[i + 1] == "@batch=reply;" + live[i].substr(1));
  CHECK(tag(past[1], "time") == protocol::to_timestamp(now - 1h));
  CHECK(tag(past[1], "+x") == "a b");
}

TEST_CASE_FIXTURE(Talk, "one's own messages are among them") {
  posts(alice, "mine");
  CHECK(tells("LATEST #cats * 2") == Texts{"9", "mine"});
}

TEST_CASE_FIXTURE(Talk, "only PRIVMSG and NOTICE are ever shown") {
  says(bob, "@+typing=active TAGMSG #cats");
  says(bob, "TOPIC #cats :A topic");
  says(bob, "MODE #cats +m");
  says(bob, "PRIVMSG alice :between us");
  says(bob, "NICK robert");
  says(bob, "PART #cats :bye");
  const auto all = asks(alice, "LATEST #cats * 100");
  CHECK(all.size() == 12);
  CHECK(texts(all) == range(0, 9));
}

TEST_CASE_FIXTURE(Talk, "what was not kept is never shown, and what is not kept yet is not shown yet") {
  now += 1s;
  says(bob, "PRIVMSG #cats :lost");
  const auto lost = takes_batch();
  delivers(lost, Batch::Outcome::refused);
  CHECK(tells("LATEST #cats * 1") == range(9, 9));

  says(bob, "PRIVMSG #cats :late");
  const auto late = takes_batch();
  says(alice, "CHATHISTORY LATEST #cats * 1");
  CHECK(texts(hears(alice)) == range(9, 9));
  chat.kept(late.messages, now);
  CHECK(tells("LATEST #cats * 1") == Texts{"late"});
}

TEST_CASE_FIXTURE(Talk, "no answer holds more than 500 messages") {
  for (int i = 10; i < 510; ++i) posts(bob, std::to_string(i));
  CHECK(tells("LATEST #cats * 500") == range(10, 509));
  CHECK(tells("LATEST #cats * 501") == range(10, 509));
  CHECK(tells("AFTER #cats " + timestamp(now - 24h) + " 100000") == range(0, 499));
  CHECK(tells("AROUND #cats " + id(9) + " 100000") == range(0, 258));
}

TEST_CASE_FIXTURE(Talk, "without a store what is in memory is all there is, however much was said") {
  for (int i = 10; i < 600; ++i) posts(bob, std::to_string(i));
  const auto all = tells("LATEST #cats * 500");
  CHECK(all.size() >= Recent::capacity);
  CHECK(all.back() == "599");
  CHECK(tells("BEFORE #cats " + id(5) + " 10") == Texts{});
  CHECK(chat.take_recalls().empty());
}

// -- keep-days ---------------------------------------------------------------------------------------------

TEST_CASE("what is older than messages are kept is not shown from memory either") {
  Talk room([](RoomConfig& config) { config.keep = 1h; });
  room.now += 1h - 4s;  // 0 to 4 were said more than an hour ago
  CHECK(room.tells("LATEST #cats * 10") == range(5, 9));
  CHECK(room.tells("AFTER #cats timestamp=1970-01-01T00:00:00.000Z 2") == range(5, 6));
  const auto targets = "TARGETS " + timestamp(room.now - 2h) + " " + timestamp(room.now) + " 10";
  CHECK(room.asks(room.alice, targets).with("#Cats").size() == 1);
  const auto carol = room.enters("carol", "server-time");
  room.says(carol, "JOIN #cats");
  CHECK(texts(room.hears(carol)) == range(5, 9));
  room.now += 1h;
  CHECK(room.tells("LATEST #cats * 10") == Texts{});
  CHECK(room.asks(room.alice, targets).with("#Cats").size() == 0);
}
