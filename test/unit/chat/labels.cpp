// Labels (labeled-response) and the batches that carry them.
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

using namespace troupe;
using namespace troupe::test;

namespace {

constexpr auto labels = "batch labeled-response";

const Lines pong{":irc.test PONG irc.test :x"};

}  // namespace

TEST_CASE("an answer of one line bears the label") {
  RoomFixture room;
  const auto alice = room.enters("alice", labels);
  room.says(alice, "@label=l1 PING x");
  CHECK(room.hears(alice) == Lines{"@label=l1 :irc.test PONG irc.test :x"});
}

TEST_CASE("an error bears the label, and so does the answer to a message to nobody") {
  RoomFixture room;
  const auto alice = room.enters("alice", labels);
  room.says(alice, "@label=l1 FROBNICATE");
  room.says(alice, "@label=l2 JOIN");
  room.says(alice, "@label=l3 PRIVMSG nobody :hi");
  room.says(alice, "@label=l4 NICK");
  CHECK(room.hears(alice) == Lines{"@label=l1 :irc.test 421 alice FROBNICATE :Unknown command",
                                   "@label=l2 :irc.test 461 alice JOIN :Not enough parameters",
                                   "@label=l3 :irc.test 401 alice nobody :No such nick",
                                   "@label=l4 :irc.test 431 alice :No nickname given"});
}

TEST_CASE("an answer of several lines comes in a batch, which alone bears the label") {
  RoomFixture room;
  const auto alice = room.enters("alice", labels);
  const auto bob = room.enters("bob", labels);
  room.gathers("#a", {bob});
  room.says(alice, "@label=l1 JOIN #a");
  CHECK(room.hears(alice) ==
        Lines{"@label=l1 :irc.test BATCH +reply labeled-response", "@batch=reply :alice!alice@host JOIN #a",
              "@batch=reply :irc.test 353 alice = #a :@bob alice",
              "@batch=reply :irc.test 366 alice #a :End of /NAMES list", ":irc.test BATCH -reply"});
  CHECK(room.hears(bob) == Lines{":alice!alice@host JOIN #a"});
}

TEST_CASE("a command without an answer gets ACK") {
  RoomFixture room;
  const auto alice = room.enters("alice", labels);
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice, bob});
  for (const std::string line : {"PRIVMSG #a :hi", "PRIVMSG bob :hi", "NOTICE nobody :hi", "PONG x",
                                 "JOIN #a", "NICK alice", "CAP END", "MODE #a +n"}) {
    CAPTURE(line);
    room.says(alice, "@label=l1 " + line);
    CHECK(room.hears(alice) == Lines{"@label=l1 :irc.test ACK"});
  }
}

TEST_CASE("an echo bears its command's label, the message to the others does not") {
  RoomFixture room;
  const auto alice = room.enters("alice", "batch labeled-response echo-message message-tags server-time");
  const auto bob = room.enters("bob", "batch labeled-response message-tags server-time");
  room.gathers("#a", {alice, bob});
  for (const std::string command : {"PRIVMSG #a", "PRIVMSG bob", "NOTICE #a", "NOTICE bob"}) {
    room.says(alice, "@label=l1;+x=y " + command + " :hi");
    const auto heard = room.hears(bob);
    REQUIRE(heard.size() == 1);
    CHECK(tag(heard[0], "label") == "");
    CHECK(tag(heard[0], "+x") == "y");
    CHECK(room.hears(alice) == Lines{"@label=l1;" + heard[0].substr(1)});
  }
}

TEST_CASE("an echo and an away reply come in one batch") {
  RoomFixture room;
  const auto alice = room.enters("alice", "batch labeled-response echo-message");
  const auto bob = room.enters("bob");
  room.says(bob, "AWAY :Lunch");
  room.says(alice, "@label=l1 PRIVMSG bob :hi");
  CHECK(room.hears(alice) == Lines{"@label=l1 :irc.test BATCH +reply labeled-response",
                                   "@batch=reply :alice!alice@host PRIVMSG bob :hi",
                                   "@batch=reply :irc.test 301 alice bob :Lunch", ":irc.test BATCH -reply"});
}

TEST_CASE("of a message to oneself only the echo, or ACK, bears the label") {
  RoomFixture room;
  const auto alice = room.enters("alice", labels);
  room.says(alice, "@label=l1 PRIVMSG alice :note");
  CHECK(room.hears(alice) == Lines{":alice!alice@host PRIVMSG alice :note", "@label=l1 :irc.test ACK"});
  const auto echo = room.enters("echo", "batch labeled-response echo-message");
  room.says(echo, "@label=l1 PRIVMSG echo :note");
  CHECK(room.hears(echo) ==
        Lines{":echo!echo@host PRIVMSG echo :note", "@label=l1 :echo!echo@host PRIVMSG echo :note"});
}

TEST_CASE("each command has its own label, and what is not labelled has none") {
  RoomFixture room;
  const auto alice = room.enters("alice", labels);
  room.says(alice, "@label=l1 PING 1");
  room.says(alice, "PING 2");
  room.says(alice, "@label=l1 VERSION");
  const auto heard = room.hears(alice);
  REQUIRE(heard.size() == 7);
  CHECK(heard.with("label=l1") ==
        Lines{"@label=l1 :irc.test PONG irc.test :1", "@label=l1 :irc.test BATCH +reply labeled-response"});
  CHECK(heard[1] == ":irc.test PONG irc.test :2");
  CHECK(heard.back() == ":irc.test BATCH -reply");
}

TEST_CASE("a label is opaque: it comes back as it was, escaped") {
  RoomFixture room;
  const auto alice = room.enters("alice", labels);
  for (const std::string label : {"a\\sb\\:c\\\\", "ü", "=", "+x=y"}) {
    room.says(alice, "@label=" + label + " PING x");
    CHECK(room.hears(alice) == Lines{"@label=" + label + " :irc.test PONG irc.test :x"});
  }
}

TEST_CASE("the time comes with a label and with all lines of a batch") {
  RoomFixture room;
  const auto alice = room.enters("alice", "batch labeled-response server-time");
  room.says(alice, "@label=l1 NAMES #a,#b");
  const std::string time = "time=2026-01-31T12:00:00.000Z";
  CHECK(room.hears(alice) == Lines{"@label=l1;" + time + " :irc.test BATCH +reply labeled-response",
                                   "@batch=reply;" + time + " :irc.test 366 alice #a :End of /NAMES list",
                                   "@batch=reply;" + time + " :irc.test 366 alice #b :End of /NAMES list",
                                   "@" + time + " :irc.test BATCH -reply"});
}

TEST_CASE("a label of 64 bytes comes back, a longer one or an empty one is ignored") {
  RoomFixture room;
  const auto alice = room.enters("alice", labels);
  const auto longest = times(64, "l");
  room.says(alice, "@label=" + longest + " PING x");
  CHECK(room.hears(alice) == Lines{"@label=" + longest + " :irc.test PONG irc.test :x"});
  room.says(alice, "@label=" + longest + "l PING x");
  CHECK(room.hears(alice) == pong);
  room.says(alice, "@label= PING x");
  room.says(alice, "@label PONG x");
  CHECK(room.hears(alice) == pong);
}

TEST_CASE("labels of those who did not negotiate both labeled-response and batch are ignored") {
  RoomFixture room;
  for (const auto negotiated : {"", "labeled-response", "batch", "message-tags"}) {
    const auto alice = room.enters("alice", negotiated);
    room.says(alice, "@label=l1 PING x");
    room.says(alice, "@label=l1 PONG x");
    CHECK(room.hears(alice) == pong);
    room.leaves(alice);
  }
}

TEST_CASE("whoever negotiates labels by a labelled command is answered without, whoever gives them up with") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.says(alice, "@label=l1 CAP REQ :batch labeled-response");
  room.says(alice, "@label=l2 CAP REQ :-batch");
  room.says(alice, "@label=l3 PING x");
  CHECK(room.hears(alice) == Lines{":irc.test CAP alice ACK :batch labeled-response",
                                   "@label=l2 :irc.test CAP alice ACK :-batch",  //
                                   ":irc.test PONG irc.test :x"});
}

TEST_CASE("what others do while a batch is answered stands outside of it") {
  RoomFixture room;
  const auto alice = room.enters("alice", labels);
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice, bob});
  room.says(bob, "PRIVMSG #a :before");
  room.says(alice, "@label=l1 NAMES #a");
  room.says(bob, "PRIVMSG #a :after");
  const auto heard = room.hears(alice);
  CHECK(heard.front() == ":bob!bob@host PRIVMSG #a :before");
  CHECK(heard.back() == ":bob!bob@host PRIVMSG #a :after");
  CHECK(heard.with("batch=reply").size() == heard.size() - 4);
}
