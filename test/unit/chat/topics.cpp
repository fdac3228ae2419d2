// TOPIC.
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

using namespace troupe;
using namespace troupe::test;

TEST_CASE("a topic is shown with who set it and when, and 331 says that there is none") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.gathers("#a", {alice});
  room.says(alice, "TOPIC #a");
  room.says(alice, "TOPIC #a :Cats and dogs");
  room.says(alice, "NICK alice2");
  room.says(alice, "TOPIC #A");
  CHECK(room.hears(alice) == Lines{":irc.test 331 alice #a :No topic is set",
                                   ":alice!alice@host TOPIC #a :Cats and dogs",
                                   ":alice!alice@host NICK alice2", ":irc.test 332 alice2 #a :Cats and dogs",
                                   ":irc.test 333 alice2 #a alice!alice@host 1769860800"});
}

TEST_CASE("a new topic is told to every member") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice, bob});
  room.says(alice, "TOPIC #a :Cats");
  CHECK(room.hears(alice) == Lines{":alice!alice@host TOPIC #a :Cats"});
  CHECK(room.hears(bob) == Lines{":alice!alice@host TOPIC #a :Cats"});
}

TEST_CASE("an empty topic clears it") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.gathers("#a", {alice});
  room.says(alice, "TOPIC #a :Cats");
  room.says(alice, "TOPIC #a :");
  room.says(alice, "TOPIC #a");
  CHECK(room.hears(alice) == Lines{":alice!alice@host TOPIC #a :Cats", ":alice!alice@host TOPIC #a :",
                                   ":irc.test 331 alice #a :No topic is set"});
}

TEST_CASE("a topic is cut to TOPICLEN at a character") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.gathers("#a", {alice});
  room.says(alice, "TOPIC #a :" + times(299, "t") + "ü");
  CHECK(room.hears(alice) == Lines{":alice!alice@host TOPIC #a :" + times(299, "t")});
}

TEST_CASE("a protected topic is changed by operators only, any other by any member") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice, bob});
  room.says(bob, "TOPIC #a :Dogs");
  CHECK(room.hears(bob) == Lines{":irc.test 482 bob #a :You're not channel operator"});
  room.says(alice, "MODE #a -t");
  room.forget();
  room.says(bob, "TOPIC #a :Dogs");
  CHECK(room.hears(alice) == Lines{":bob!bob@host TOPIC #a :Dogs"});
}

TEST_CASE("TOPIC of a channel that one is not in, or that is not there, is an error") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice});
  room.says(bob, "TOPIC #a");
  room.says(bob, "TOPIC #a :Dogs");
  room.says(bob, "TOPIC #nowhere");
  CHECK(room.hears(bob) == Lines{":irc.test 442 bob #a :You're not on that channel",
                                 ":irc.test 442 bob #a :You're not on that channel",
                                 ":irc.test 403 bob #nowhere :No such channel"});
}
