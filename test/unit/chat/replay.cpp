// What newcomers are shown of a channel's past.
#include "test/unit/chat/archive.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace troupe;
using namespace troupe::test;

// -- the replay --------------------------------------------------------------------------------------------

TEST_CASE("who can tell times but not ask is shown the last messages after joining, as they were live") {
  Talk room([](RoomConfig& config) { config.replay = 2; });
  const auto carol = room.enters("carol", "message-tags server-time");
  room.now += 1h;
  room.says(carol, "JOIN #cats");
  const auto lines = room.hears(carol);
  REQUIRE(lines.size() == 5);
  CHECK(lines.untagged()[2] == ":irc.test 366 carol #Cats :End of /NAMES list");
  CHECK(lines[3] == "@time=2026-01-31T12:00:09.000Z;" + room.id(8) + " :bob!bob@host PRIVMSG #Cats :8");
  CHECK(lines[4] == "@time=2026-01-31T12:00:10.000Z;" + room.id(9) + " :bob!bob@host PRIVMSG #Cats :9");
}

TEST_CASE("others are shown none") {
  Talk room;
  for (const auto* capabilities : {"", "message-tags", "draft/chathistory server-time",
                                   "batch draft/chathistory message-tags server-time"}) {
    CAPTURE(capabilities);
    const auto who = room.enters("someone", capabilities);
    room.says(who, "JOIN #cats");
    CHECK(texts(room.hears(who)) == Texts{});
    room.leaves(who);
  }
}

TEST_CASE("the replay can be turned off, and is as long as there are messages at most") {
  const auto replayed = [](std::size_t replay) {
    Talk room([&](RoomConfig& config) { config.replay = replay; });
    const auto carol = room.enters("carol", "server-time");
    room.says(carol, "JOIN #cats");
    return texts(room.hears(carol));
  };
  CHECK(replayed(0) == Texts{});
  CHECK(replayed(1) == range(9, 9));
  CHECK(replayed(10) == range(0, 9));
  CHECK(replayed(1000) == range(0, 9));
}

TEST_CASE_FIXTURE(Talk, "the replay belongs to the answer of the JOIN, and nobody else is shown it") {
  const auto carol = enters("carol", "server-time batch labeled-response");
  forget();
  says(carol, "@label=l1 JOIN #cats");
  const auto lines = hears(carol);
  CHECK(lines.with("@batch=reply;time=").with(" PRIVMSG ").size() == 10);
  CHECK(lines.with("l1").size() == 1);
  CHECK(texts(hears(alice)) == Texts{});
}

// -- the newcomer's mark -----------------------------------------------------------------------------------

TEST_CASE("what was said before somebody joins is replayed once it is kept, what is said later comes live") {
  Archive room;
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol", "server-time");
  room.joins(bob, "#cats");
  room.posts(bob, "kept");
  room.says(bob, "PRIVMSG #cats :in flight");
  const auto in_flight = room.takes_batch();
  room.says(bob, "PRIVMSG #cats :gathering");
  room.says(carol, "JOIN #cats");
  room.says(bob, "PRIVMSG #cats :live");
  const auto gathering = room.takes_batch();
  room.chat.kept(in_flight.messages, room.now);
  room.delivers(in_flight);
  CHECK_FALSE(room.chat.has_output());
  SUBCASE("all of it is kept") {
    room.chat.kept(gathering.messages, room.now);
    room.delivers(gathering);
    CHECK(texts(room.hears(carol)) == Texts{"live", "kept", "in flight", "gathering"});
  }
  SUBCASE("the rest is refused") {
    room.chat.refused(gathering.messages, room.now);
    room.delivers(gathering, Batch::Outcome::refused);
    CHECK(texts(room.hears(carol)) == Texts{"kept", "in flight"});
  }
}

TEST_CASE("a question of somebody who joined waits for what was said before, and for nothing else") {
  Archive room;
  const auto alice = room.enters("alice", with_history);
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol", with_history);
  room.joins(bob, "#cats");
  room.joins(carol, "#cats");
  room.posts(bob, "kept");
  room.says(bob, "PRIVMSG #cats :in flight");
  const auto in_flight = room.takes_batch();
  room.says(alice, "JOIN #cats");
  room.says(bob, "PRIVMSG #cats :live");
  for (const auto who : {alice, carol}) room.says(who, "CHATHISTORY LATEST #cats * 10");
  const auto gathering = room.takes_batch();
  room.chat.kept(in_flight.messages, room.now);
  room.delivers(in_flight);
  room.delivers(gathering, Batch::Outcome::refused);
  // Live, and then what was kept when she asked.
  CHECK(texts(room.hears(carol)) == Texts{"kept", "in flight", "kept"});
  CHECK(texts(room.hears(alice)) == Texts{"kept", "in flight"});
}

// -- who comes back ----------------------------------------------------------------------------------------

namespace {

/// Carol, who is shown replays, has been in #cats while Bob said 0 to 2 there, and goes and comes.
struct Return : Archive {
  Return() {
    joins(bob, "#cats");
    joins(carol, "#cats");
    for (const auto& text : range(0, 2)) posts(bob, text);
    RoomFixture::forget();
  }

  /// What she is replayed when she connects again, or another one does.
  Texts sees(std::string_view nick = "carol", std::string_view host = "host") {
    const std::string name{nick};
    carol = enters({name, name, name, std::string{host}, capabilities("server-time")});
    forget();
    says(carol, "JOIN #cats");
    return texts(hears(carol));
  }

  ConnectionId bob = enters("bob");
  ConnectionId carol = enters("carol", "server-time");
};

}  // namespace

TEST_CASE_FIXTURE(Return, "who comes back is shown what is new, and nothing if nothing is") {
  leaves(carol);
  CHECK(sees() == Texts{});
  leaves(carol);
  posts(bob, "3");
  posts(bob, "4");
  CHECK(sees() == range(3, 4));
  leaves(carol);
  CHECK(sees() == Texts{});
  leaves(carol);
  for (const auto& text : range(5, 24)) posts(bob, text);
  CHECK(sees() == range(15, 24));
}

TEST_CASE_FIXTURE(Return, "also after PART and KICK, and a nick is the same in whatever case") {
  says(carol, "PART #cats");
  posts(bob, "3");
  says(carol, "JOIN #cats");
  CHECK(texts(hears(carol)) == range(3, 3));
  says(bob, "KICK #cats carol");
  posts(bob, "4");
  says(carol, "JOIN #cats");
  CHECK(texts(hears(carol)) == range(4, 4));
  leaves(carol);
  CHECK(sees("CAROL") == Texts{});
}

TEST_CASE_FIXTURE(Return, "another nick, or the same from elsewhere, is somebody else") {
  leaves(carol);
  CHECK(sees("caroline") == range(0, 2));
  CHECK(sees("carol", "elsewhere") == range(0, 2));
}

TEST_CASE_FIXTURE(Return, "who was given up after a silence is shown what was said meanwhile") {
  for (const auto& text : range(3, 5)) posts(bob, text);
  forget();
  chat.leave(carol, "Ping timeout: 2 seconds", now, 1500ms);  // the last thing it heard of is 3
  CHECK(sees() == range(4, 5));
  posts(bob, "6");
  forget();
  chat.leave(carol, "SendQ exceeded", now, std::nullopt);
  CHECK(sees() == range(4, 6));  // what it took of the last replay there is no telling
}

TEST_CASE_FIXTURE(Return, "what was not written to it when it went it has not seen") {
  says(bob, "PRIVMSG #cats :3");
  const auto batch = takes_batch();
  leaves(carol);
  chat.kept(batch.messages, now);
  delivers(batch);
  CHECK(sees() == range(3, 3));
}

TEST_CASE_FIXTURE(Return, "a replay that did not reach it does not count") {
  leaves(carol);
  posts(bob, "3");
  carol = enters("carol", "server-time");
  says(carol, "JOIN #cats");
  leaves(carol);
  CHECK(sees() == range(3, 3));

  says(bob, "PRIVMSG #cats :4");
  const auto batch = takes_batch();
  says(carol, "PART #cats");
  says(carol, "JOIN #cats");  // its replay waits for what is in flight
  says(carol, "PART #cats");
  chat.kept(batch.messages, now);
  delivers(batch);
  CHECK(texts(hears(carol)) == range(4, 4));  // live: it was there
  says(carol, "JOIN #cats");
  CHECK(texts(hears(carol)) == Texts{});
}
