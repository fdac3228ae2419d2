// CAP after registration, and the shapes in which lines come.
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

using namespace troupe;
using namespace troupe::test;

TEST_CASE("CAP LS lists what the server offers, LIST what is enabled") {
  RoomFixture room;
  const auto alice = room.enters("alice", "setname batch");
  room.says(alice, "CAP LS");
  room.says(alice, "CAP LIST");
  CHECK(room.hears(alice) ==
        Lines{":irc.test CAP alice LS :away-notify batch cap-notify draft/chathistory echo-message "
              "invite-notify labeled-response "
              "message-tags multi-prefix server-time setname standard-replies userhost-in-names",
              ":irc.test CAP alice LIST :batch setname"});
}

TEST_CASE("CAP LIST of nothing is an empty list") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.says(alice, "CAP LIST");
  CHECK(room.hears(alice) == Lines{":irc.test CAP alice LIST :"});
}

TEST_CASE("CAP LS with version 302 or newer enables cap-notify, with an older one or none it does not") {
  RoomFixture room;
  for (const std::string version : {"302", "307"}) {
    const auto user = room.enters("new" + version);
    room.says(user, "CAP LS " + version);
    room.says(user, "CAP LIST");
    CHECK(room.hears(user).back() == ":irc.test CAP new" + version + " LIST :cap-notify");
  }
  for (const std::string version : {"", "301", "x"}) {
    const auto user = room.enters("old" + version);
    room.says(user, "CAP LS " + version);
    room.says(user, "CAP LIST");
    CHECK(room.hears(user).back() == ":irc.test CAP old" + version + " LIST :");
  }
}

TEST_CASE("CAP REQ adds and removes, and is acknowledged as it was asked") {
  RoomFixture room;
  const auto alice = room.enters("alice", "setname");
  room.says(alice, "CAP REQ :batch  -setname away-notify ");
  room.says(alice, "CAP LIST");
  CHECK(room.hears(alice) == Lines{":irc.test CAP alice ACK :batch  -setname away-notify ",
                                   ":irc.test CAP alice LIST :away-notify batch"});
}

TEST_CASE("CAP REQ of what is enabled already, or of removing what is not, succeeds") {
  RoomFixture room;
  const auto alice = room.enters("alice", "batch");
  room.says(alice, "CAP REQ :batch -setname");
  room.says(alice, "CAP LIST");
  CHECK(room.hears(alice) ==
        Lines{":irc.test CAP alice ACK :batch -setname", ":irc.test CAP alice LIST :batch"});
}

TEST_CASE("CAP REQ with an unknown capability changes nothing at all") {
  RoomFixture room;
  const auto alice = room.enters("alice", "batch");
  room.says(alice, "CAP REQ :setname -batch frobnication");
  room.says(alice, "CAP REQ :setname -frobnication");
  room.says(alice, "CAP REQ :Setname");
  room.says(alice, "CAP REQ :setname -");
  room.says(alice, "CAP LIST");
  CHECK(room.hears(alice) == Lines{":irc.test CAP alice NAK :setname -batch frobnication",
                                   ":irc.test CAP alice NAK :setname -frobnication",
                                   ":irc.test CAP alice NAK :Setname",    //
                                   ":irc.test CAP alice NAK :setname -",  //
                                   ":irc.test CAP alice LIST :batch"});
}

TEST_CASE("cap-notify can be turned off by a client that asked for it, but not by one of version 302") {
  RoomFixture room;
  const auto old = room.enters("old", "cap-notify");
  room.says(old, "CAP REQ -cap-notify");
  room.says(old, "CAP LIST");
  CHECK(room.hears(old) == Lines{":irc.test CAP old ACK :-cap-notify", ":irc.test CAP old LIST :"});

  const auto alice = room.enters("alice");
  room.says(alice, "CAP LS 302");
  room.says(alice, "CAP LS");
  room.forget();
  room.says(alice, "CAP REQ :batch -cap-notify");
  room.says(alice, "CAP REQ cap-notify");
  room.says(alice, "CAP LIST");
  CHECK(room.hears(alice) == Lines{":irc.test CAP alice NAK :batch -cap-notify",
                                   ":irc.test CAP alice ACK :cap-notify",
                                   ":irc.test CAP alice LIST :cap-notify"});
}

TEST_CASE("an unknown CAP subcommand gets 410, and none gets 461") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.says(alice, "CAP Foo");
  room.says(alice, "CAP ACK :batch");
  room.says(alice, "CAP :not one");
  room.says(alice, "CAP :");
  room.says(alice, "CAP");
  CHECK(room.hears(alice) ==
        Lines{":irc.test 410 alice Foo :Invalid CAP command", ":irc.test 410 alice ACK :Invalid CAP command",
              ":irc.test 410 alice * :Invalid CAP command", ":irc.test 410 alice * :Invalid CAP command",
              ":irc.test 461 alice CAP :Not enough parameters"});
}

TEST_CASE("CAP END after registration is ignored") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.says(alice, "CAP END");
  CHECK(room.hears(alice) == Lines{});
  CHECK(room.answered(alice) == 1);
}

// -- shapes ------------------------------------------------------------------------------------------------

TEST_CASE("only those who negotiated server-time are told the time, and to the millisecond") {
  RoomFixture room;
  const auto alice = room.enters("alice", "server-time");
  const auto bob = room.enters("bob");
  room.now += std::chrono::milliseconds{7};
  room.says(alice, "JOIN #a");
  room.says(bob, "JOIN #a");
  CHECK(room.hears(alice) ==
        Lines{"@time=2026-01-31T12:00:00.007Z :alice!alice@host JOIN #a",
              "@time=2026-01-31T12:00:00.007Z :irc.test 353 alice = #a :@alice",
              "@time=2026-01-31T12:00:00.007Z :irc.test 366 alice #a :End of /NAMES list",
              "@time=2026-01-31T12:00:00.007Z :bob!bob@host JOIN #a"});
  CHECK(room.hears(bob) == Lines{":bob!bob@host JOIN #a", ":irc.test 353 bob = #a :@alice bob",
                                 ":irc.test 366 bob #a :End of /NAMES list"});
}

TEST_CASE("a message comes to each member with the tags that it understands") {
  RoomFixture room;
  const auto alice = room.enters("alice", "message-tags");
  const auto plain = room.enters("plain");
  const auto tagged = room.enters("tagged", "message-tags");
  const auto timed = room.enters("timed", "server-time");
  const auto both = room.enters("both", "message-tags server-time");
  room.gathers("#a", {alice, plain, tagged, timed, both});
  room.says(alice, "@+x=y PRIVMSG #a :hi");

  CHECK(room.hears(plain) == Lines{":alice!alice@host PRIVMSG #a :hi"});
  CHECK(room.hears(timed) == Lines{"@time=2026-01-31T12:00:00.000Z :alice!alice@host PRIVMSG #a :hi"});
  const auto heard = room.hears(both);
  REQUIRE(heard.size() == 1);
  const auto id = tag(heard[0], "msgid");
  CHECK(protocol::parse_message_id(id));
  CHECK(heard ==
        Lines{"@time=2026-01-31T12:00:00.000Z;msgid=" + id + ";+x=y :alice!alice@host PRIVMSG #a :hi"});
  CHECK(room.hears(tagged) == Lines{"@msgid=" + id + ";+x=y :alice!alice@host PRIVMSG #a :hi"});
}

TEST_CASE("a capability takes effect after its acknowledgement, not in it") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.says(alice, "CAP REQ server-time");
  room.says(alice, "PING x");
  room.says(alice, "CAP REQ -server-time");
  room.says(alice, "PING x");
  CHECK(room.hears(alice) == Lines{":irc.test CAP alice ACK :server-time",
                                   "@time=2026-01-31T12:00:00.000Z :irc.test PONG irc.test :x",
                                   "@time=2026-01-31T12:00:00.000Z :irc.test CAP alice ACK :-server-time",
                                   ":irc.test PONG irc.test :x"});
}
