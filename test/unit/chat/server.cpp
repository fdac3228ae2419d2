// The welcome, commands that ask the server about itself, and what is no command.
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace troupe;
using namespace troupe::test;

namespace {

const Lines isupport{
    ":irc.test 005 alice AWAYLEN=300 CASEMAPPING=ascii CHANLIMIT=#:100 CHANMODES=b,k,l,imnst CHANNELLEN=64 "
    "CHANTYPES=# CHATHISTORY=500 ELIST=MU HOSTLEN=63 KEYLEN=32 KICKLEN=250 MAXLIST=b:100 MODES=8 "
    ":are supported by this server",
    ":irc.test 005 alice MSGREFTYPES=msgid,timestamp NAMELEN=150 NETWORK=Testnet NICKLEN=30 PREFIX=(ov)@+ "
    "TARGMAX=JOIN:50,KICK:8,LIST:8,NAMES:8,NOTICE:4,PART:50,PRIVMSG:4,TAGMSG:4,WHOIS:1 TOPICLEN=300 "
    "USERLEN=20 UTF8ONLY :are supported by this server"};

const Lines lusers{":irc.test 251 alice :There are 1 users and 0 invisible on 1 servers",
                   ":irc.test 252 alice 0 :operator(s) online",
                   ":irc.test 254 alice 0 :channels formed",
                   ":irc.test 255 alice :I have 1 clients and 0 servers",
                   ":irc.test 265 alice 1 1 :Current users 1, max 1",
                   ":irc.test 266 alice 1 1 :Current users 1, max 1"};

Lines operator+(Lines a, const Lines& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

void with_motd(RoomConfig& config) { config.motd = {"Be kind.", "", "  And patient."}; }

const Lines motd{":irc.test 375 alice :- irc.test Message of the day -", ":irc.test 372 alice :- Be kind.",
                 ":irc.test 372 alice :- ", ":irc.test 372 alice :-   And patient.",
                 ":irc.test 376 alice :End of /MOTD command."};

}  // namespace

TEST_CASE("whoever enters is welcomed with 001 to 005, LUSERS and MOTD, and is registered then") {
  RoomFixture room;
  const auto alice = room.enters({"alice", "al", "Alice", "host", {}});
  CHECK(room.standing(alice) == Standing::entered);
  CHECK(room.answered(alice) == 1);
  CHECK(room.hears(alice) == Lines{":irc.test 001 alice :Welcome to Testnet, alice",
                                   ":irc.test 002 alice :Your host is irc.test, running troupe-1",
                                   ":irc.test 003 alice :This server was started 2026-01-31T11:00:00.000Z",
                                   ":irc.test 004 alice irc.test troupe-1 i biklmnostv bklov"} +
                                 isupport + lusers +
                                 Lines{":irc.test 422 alice :There is no message of the day"});
}

TEST_CASE("the welcome comes in the shape that was negotiated before") {
  RoomFixture room;
  const auto alice = room.enters({"alice", "al", "Alice", "host", capabilities("server-time")});
  for (const auto& line : room.hears(alice))
    CHECK(line.starts_with("@time=2026-01-31T12:00:00.000Z :irc.test "));
}

TEST_CASE("MOTD shows the message of the day line by line, also in the welcome") {
  RoomFixture room(with_motd);
  const auto alice = room.enters({"alice", "al", "Alice", "host", {}});
  const auto welcome = room.hears(alice);
  CHECK(std::equal(motd.begin(), motd.end(), welcome.end() - static_cast<int>(motd.size())));
  room.says(alice, "MOTD");
  CHECK(room.hears(alice) == motd);
}

TEST_CASE("MOTD without a message of the day gets 422") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.says(alice, "MOTD");
  CHECK(room.hears(alice) == Lines{":irc.test 422 alice :There is no message of the day"});
}

TEST_CASE("MOTD and VERSION of this server, or of somebody's here, are this server's; any other gets 402") {
  RoomFixture room(with_motd);
  const auto alice = room.enters("alice");
  for (const std::string target : {"irc.test", "IRC.*", "alice"}) {
    room.says(alice, "MOTD " + target);
    CHECK(room.hears(alice) == motd);
    room.says(alice, "VERSION " + target);
    CHECK(room.hears(alice).size() == 3);
  }
  room.says(alice, "MOTD other.test");
  room.says(alice, "VERSION other.test");
  CHECK(room.hears(alice) == Lines{":irc.test 402 alice other.test :No such server",
                                   ":irc.test 402 alice other.test :No such server"});
}

TEST_CASE("VERSION shows version and supported features") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.says(alice, "VERSION");
  CHECK(room.hears(alice) == Lines{":irc.test 351 alice troupe-1 irc.test :Troupe"} + isupport);
}

TEST_CASE("LUSERS counts users, invisible users, channels, and the most users there ever were") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol");
  room.says(bob, "MODE bob +i");
  room.says(carol, "MODE carol +i");
  room.gathers("#a", {alice, bob});
  room.gathers("#b", {bob});
  room.leaves(room.enters("dave"));
  room.leaves(carol);
  room.enters("erin");
  room.forget();
  room.says(alice, "LUSERS");
  CHECK(room.hears(alice) == Lines{":irc.test 251 alice :There are 2 users and 1 invisible on 1 servers",
                                   ":irc.test 252 alice 0 :operator(s) online",
                                   ":irc.test 254 alice 2 :channels formed",
                                   ":irc.test 255 alice :I have 3 clients and 0 servers",
                                   ":irc.test 265 alice 3 4 :Current users 3, max 4",
                                   ":irc.test 266 alice 3 4 :Current users 3, max 4"});
}

TEST_CASE("LUSERS does not count secret channels, however they became so or ended") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  const auto counted = [&] {
    room.forget();
    room.says(alice, "LUSERS");
    return room.hears(alice).with(" 254 ");
  };
  room.says(bob, "JOIN #a,#b");
  CHECK(counted() == Lines{":irc.test 254 alice 2 :channels formed"});
  room.says(bob, "MODE #a +s");
  room.says(bob, "MODE #a +s");
  CHECK(counted() == Lines{":irc.test 254 alice 1 :channels formed"});
  room.says(bob, "MODE #a -s+s-s");
  CHECK(counted() == Lines{":irc.test 254 alice 2 :channels formed"});
  room.says(bob, "MODE #b +s");
  room.says(bob, "PART #b");
  CHECK(counted() == Lines{":irc.test 254 alice 1 :channels formed"});
}

TEST_CASE("PING is answered by PONG with its token, and without one by 409") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.says(alice, "PING :a token");
  room.says(alice, "PING");
  room.says(alice, "PING :");
  CHECK(room.hears(alice) == Lines{":irc.test PONG irc.test :a token",          //
                                   ":irc.test 409 alice :No origin specified",  //
                                   ":irc.test 409 alice :No origin specified"});
}

TEST_CASE("an unknown command gets 421") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.says(alice, "Frobnicate #a");
  room.says(alice, "001 x");
  CHECK(room.hears(alice) ==
        Lines{":irc.test 421 alice FROBNICATE :Unknown command", ":irc.test 421 alice 001 :Unknown command"});
}

TEST_CASE("what belongs to registration gets 462 after it") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.says(alice, "USER x 0 * :X");
  room.says(alice, "USER");
  room.says(alice, "PASS x");
  CHECK(room.hears(alice) == Lines(3, ":irc.test 462 alice :You may not reregister"));
}

TEST_CASE("a command with too few parameters gets 461 with its name") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  for (const std::string line :
       {"JOIN", "PART", "TOPIC", "KICK #a", "MODE", "INVITE bob", "USERHOST", "ISON"}) {
    room.says(alice, line);
    const auto command = line.substr(0, line.find(' '));
    CHECK(room.hears(alice) == Lines{":irc.test 461 alice " + command + " :Not enough parameters"});
  }
}

TEST_CASE("a line that is no message is answered, and counted as answered") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob", "standard-replies");
  room.says(alice, "PRIVMSG bob :" + times(600, "x"));
  room.says(alice, "@" + times(5000, "x") + " PRIVMSG bob :hi");
  room.says(alice, "PRIVMSG bob :\xff");
  room.says(alice, "@@@");
  CHECK(room.hears(alice) == Lines{":irc.test 417 alice :Input line was too long",
                                   ":irc.test 417 alice :Input line was too long",
                                   ":irc.test NOTICE alice :Message rejected, it is not UTF-8",
                                   ":irc.test 421 alice * :Malformed message"});
  CHECK(room.answered(alice) == 4);
  room.says(bob, "PRIVMSG alice :\xff");
  CHECK(room.hears(bob) == Lines{":irc.test FAIL * INVALID_UTF8 :Message rejected, it is not UTF-8"});
  CHECK(room.hears(alice) == Lines{});
}

TEST_CASE("commands are understood in any case, and with a source") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.says(alice, ":whoever ping x");
  CHECK(room.hears(alice) == Lines{":irc.test PONG irc.test :x"});
}

TEST_CASE(
    "no line is longer than 512 bytes, whatever a client makes the server repeat, or cut in a character") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto long_word = times(240, "ü");
  for (const std::string command : {"PING", "NICK", "JOIN", "WHO", "WHOIS", "NAMES", "MODE", "CAP REQ",
                                    "KICK #a", "CAP", "TOPIC", "PRIVMSG", "INVITE alice"}) {
    CAPTURE(command);
    room.says(alice, "JOIN #a");
    room.forget();
    room.says(alice, command + " " + long_word + " x");
    room.says(alice, command + " :" + long_word);
    for (const auto& line : room.hears(alice)) {
      CHECK(line.size() <= 510);
      CHECK(protocol::parse(line));
    }
  }
  room.says(alice, times(500, "X"));
  CHECK(room.hears(alice) == Lines{":irc.test 421 alice * :Unknown command"});
}

TEST_CASE("what a stranger sends is ignored") {
  RoomFixture room;
  room.says(ConnectionId{17}, "JOIN #a");
  room.leaves(ConnectionId{17});
  CHECK_FALSE(room.chat.has_output());
}

TEST_CASE("every command is counted as answered once, also one without an answer") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  for (const auto line : {"PONG x", "NOTICE nobody :hi", "JOIN #a", "JOIN #a", "PRIVMSG #a :hi", "CAP END"})
    room.says(alice, line);
  CHECK(room.answered(alice) == 6);
}
