// NAMES.
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace troupe;
using namespace troupe::test;

TEST_CASE("NAMES shows the highest rank of each member") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol");
  room.gathers("#a", {alice, bob, carol});
  room.says(alice, "MODE #a +vv alice bob");
  room.forget();
  room.says(carol, "NAMES #a");
  CHECK(room.hears(carol) ==
        Lines{":irc.test 353 carol = #a :@alice +bob carol", ":irc.test 366 carol #a :End of /NAMES list"});
}

TEST_CASE("with multi-prefix NAMES shows all ranks, with userhost-in-names the full source") {
  RoomFixture room;
  const auto alice = room.enters("alice", "multi-prefix");
  const auto bob = room.enters("bob", "userhost-in-names");
  const auto carol = room.enters("carol", "multi-prefix userhost-in-names");
  room.gathers("#a", {alice, bob, carol});
  room.says(alice, "MODE #a +vv alice bob");
  room.forget();
  for (const auto one : {alice, bob, carol}) room.says(one, "NAMES #a");
  CHECK(room.hears(alice).front() == ":irc.test 353 alice = #a :@+alice +bob carol");
  CHECK(room.hears(bob).front() ==
        ":irc.test 353 bob = #a :@alice!alice@host +bob!bob@host carol!carol@host");
  CHECK(room.hears(carol).front() ==
        ":irc.test 353 carol = #a :@+alice!alice@host +bob!bob@host carol!carol@host");
}

TEST_CASE("NAMES of several channels, of none and of one that is not there") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.gathers("#a,#b", {alice});
  room.says(alice, "NAMES #A,#nowhere,x,#b");
  room.says(alice, "NAMES");
  CHECK(room.hears(alice) ==
        Lines{":irc.test 353 alice = #a :@alice",  //
              ":irc.test 366 alice #a :End of /NAMES list",
              ":irc.test 366 alice #nowhere :End of /NAMES list", ":irc.test 366 alice x :End of /NAMES list",
              ":irc.test 353 alice = #b :@alice",  //
              ":irc.test 366 alice #b :End of /NAMES list", ":irc.test 366 alice * :End of /NAMES list"});
}

TEST_CASE("NAMES hides invisible users from those who are not in the channel") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol");
  room.gathers("#a", {alice, bob});
  room.says(bob, "MODE bob +i");
  room.forget();
  room.says(alice, "NAMES #a");
  room.says(carol, "NAMES #a");
  CHECK(room.hears(alice).front() == ":irc.test 353 alice = #a :@alice bob");
  CHECK(room.hears(carol).front() == ":irc.test 353 carol = #a :@alice");
}

TEST_CASE("names that do not fit into one line fill several, each of at most 512 bytes") {
  RoomFixture room;
  const auto alice = room.enters("alice", "userhost-in-names");
  room.gathers("#a", {alice});
  for (int i = 0; i < 100; ++i) room.gathers("#a", {room.enters("someone-" + std::to_string(i))});
  room.says(alice, "NAMES #a");
  const auto lines = room.hears(alice);
  const auto replies = lines.with(" 353 ");
  CHECK(lines.size() == replies.size() + 1);
  std::size_t names = 0;
  for (const auto& line : replies) {
    CHECK(line.size() <= 510);
    CHECK((line.size() > 440 || &line == &replies.back()));
    names += static_cast<std::size_t>(std::ranges::count(line, '@'));
  }
  CHECK(names == 102);  // with one operator
}
