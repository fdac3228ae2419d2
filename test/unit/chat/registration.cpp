// A session until its client has entered the room.
#include "test/unit/chat/session_fixture.hpp"

#include <doctest/doctest.h>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

void asks_for_password(Rules& rules) { rules.password = "sesame"; }

const Lines enters{"(enter) alice al host :Alice"};

}  // namespace

TEST_CASE("NICK and USER, in either order, ask the room for admission") {
  SUBCASE("NICK first") {
    SessionFixture client;
    client.sends("NICK alice");
    CHECK(client.asks() == Lines{});
    client.sends("USER al 0 * :Alice");
    CHECK(client.asks() == enters);
  }
  SUBCASE("USER first") {
    SessionFixture client;
    client.sends("USER al 0 * :Alice");
    CHECK(client.asks() == Lines{});
    client.sends("NICK alice");
    CHECK(client.asks() == enters);
  }
}

TEST_CASE("a client is registered once the room has let it enter") {
  SessionFixture client;
  client.sends("NICK alice", "USER al 0 * :Alice");
  CHECK_FALSE(client.session.registered());
  client.is_answered(1, Standing::entered);
  CHECK(client.session.registered());
  CHECK(client.gets() == Lines{});
}

TEST_CASE("what a client sends before the room has answered waits, and is not read any further") {
  SessionFixture client;
  client.sends("NICK alice", "USER al 0 * :Alice", "JOIN #a");
  CHECK(client.asks() == enters);
  CHECK_FALSE(client.session.wants_input());
  client.is_answered(1, Standing::entered);
  CHECK(client.asks() == Lines{"JOIN #a"});
  CHECK(client.session.wants_input());
}

TEST_CASE("a client whose nick is refused by the room may try another one") {
  SessionFixture client;
  client.sends("NICK alice", "USER al 0 * :Alice");
  client.asks();
  client.is_answered(1, Standing::refused);
  CHECK_FALSE(client.session.registered());
  CHECK_FALSE(client.session.ended());
  CHECK(client.session.wants_input());
  client.sends("NICK alice_");
  CHECK(client.asks() == Lines{"(enter) alice_ al host :Alice"});
  client.is_answered(1, Standing::entered);
  CHECK(client.session.registered());
}

TEST_CASE("a client whose nick was refused has none until it sends another one") {
  SessionFixture client;
  client.sends("NICK alice", "USER al 0 * :Alice");
  client.asks();
  client.is_answered(1, Standing::refused);
  client.sends("CAP FOO", "USER al 0 * :Alice");
  CHECK(client.asks() == Lines{});
  CHECK(client.gets() == Lines{":irc.test 410 * FOO :Invalid CAP command"});
}

TEST_CASE("a second nick sent at once with the refused one is tried next") {
  SessionFixture client;
  client.sends("NICK alice", "USER al 0 * :Alice", "NICK alice_");
  CHECK(client.asks() == enters);
  client.is_answered(1, Standing::refused);
  CHECK(client.asks() == Lines{"(enter) alice_ al host :Alice"});
}

TEST_CASE("the last NICK and USER before registration count") {
  SessionFixture client;
  client.sends("NICK bob", "NICK alice", "CAP LS", "USER x 0 * :X", "USER al 0 * :Alice", "CAP END");
  CHECK(client.asks() == enters);
}

TEST_CASE("CAP LS suspends registration until CAP END") {
  SessionFixture client;
  client.sends("CAP LS 302", "NICK alice", "USER al 0 * :Alice");
  CHECK(client.asks() == Lines{});
  CHECK(client.gets() ==
        Lines{":irc.test CAP * LS :away-notify batch cap-notify draft/chathistory echo-message invite-notify "
              "labeled-response "
              "message-tags multi-prefix server-time setname standard-replies userhost-in-names"});
  client.sends("CAP END");
  CHECK(client.asks() == enters);
}

TEST_CASE("CAP REQ suspends registration until CAP END, also if it is refused") {
  for (const auto request : {"CAP REQ :batch", "CAP REQ :frobnication"}) {
    SessionFixture client;
    client.sends(request, "NICK alice", "USER al 0 * :Alice");
    CHECK(client.asks() == Lines{});
    client.sends("CAP END");
    CHECK(client.asks() == enters);
  }
}

TEST_CASE("CAP LIST suspends nothing, nor does CAP END alone") {
  SessionFixture client;
  client.sends("CAP END", "CAP LIST", "NICK alice", "USER al 0 * :Alice");
  CHECK(client.gets() == Lines{":irc.test CAP * LIST :"});
  CHECK(client.asks() == enters);
}

TEST_CASE("CAP answers a client that has a nick by it, and any other as *") {
  SessionFixture client;
  client.sends("CAP FOO");
  client.sends("NICK alice", "CAP FOO");
  CHECK(client.gets() ==
        Lines{":irc.test 410 * FOO :Invalid CAP command", ":irc.test 410 alice FOO :Invalid CAP command"});
}

TEST_CASE("the capabilities requested come to the room with the registration") {
  SessionFixture client;
  client.sends("CAP REQ :batch server-time", "CAP REQ :-batch away-notify", "NICK alice", "USER al 0 * :A");
  client.sends("cap end");
  const auto asked = client.session.take_commands();
  REQUIRE(asked.size() == 1);
  CHECK(std::get<Registration>(asked[0]).negotiated.capabilities.names() == "away-notify server-time");
  CHECK(client.gets() == Lines{":irc.test CAP * ACK :batch server-time",  //
                               ":irc.test CAP * ACK :-batch away-notify"});
}

TEST_CASE("a client that asked for CAP LS 302 keeps cap-notify, and the room knows why") {
  SessionFixture client;
  client.sends("CAP LS 302", "CAP REQ -cap-notify", "NICK alice", "USER al 0 * :A", "CAP END");
  CHECK(client.gets().back() == ":irc.test CAP * NAK :-cap-notify");
  const auto asked = client.session.take_commands();
  REQUIRE(asked.size() == 1);
  CHECK(std::get<Registration>(asked[0]).negotiated.cap_302);
  CHECK(std::get<Registration>(asked[0]).negotiated.capabilities.names() == "cap-notify");
}

TEST_CASE("a command that needs registration gets 451 before it, and so does an unknown one") {
  SessionFixture client;
  client.sends("JOIN #a", "FROBNICATE", "PRIVMSG");
  CHECK(client.gets() == Lines{":irc.test 451 * :You have not registered",  //
                               ":irc.test 451 * :You have not registered",  //
                               ":irc.test 451 * :You have not registered"});
  CHECK(client.asks() == Lines{});
}

TEST_CASE("NICK without a nick gets 431") {
  SessionFixture client;
  client.sends("NICK", "NICK :");
  CHECK(client.gets() == Lines{":irc.test 431 * :No nickname given", ":irc.test 431 * :No nickname given"});
}

TEST_CASE("NICK with an invalid nick gets 432, and the one before is kept") {
  SessionFixture client;
  client.sends("NICK alice", "NICK 1abc", "NICK :not good", "NICK ::-)", "NICK " + times(31, "x"));
  CHECK(client.gets() == Lines{":irc.test 432 alice 1abc :Erroneous nickname",
                               ":irc.test 432 alice * :Erroneous nickname",
                               ":irc.test 432 alice * :Erroneous nickname",
                               ":irc.test 432 alice " + times(31, "x") + " :Erroneous nickname"});
  client.sends("USER al 0 * :Alice");
  CHECK(client.asks() == enters);
}

TEST_CASE("USER with fewer than four parameters gets 461, and so does one without a user name") {
  SessionFixture client;
  client.sends("NICK alice", "USER", "USER al 0 *", "USER  :", "CAP LS");
  client.gets();
  client.sends("USER");
  CHECK(client.gets() == Lines{":irc.test 461 alice USER :Not enough parameters"});
  client.sends_bytes("USER : 0 * Alice\r\n");
  CHECK(client.gets() == Lines{":irc.test 461 alice USER :Not enough parameters"});
  client.sends("CAP END");
  CHECK(client.asks() == Lines{});
}

TEST_CASE("a user name is cut to USERLEN and cleaned, a real name is cut to NAMELEN between characters") {
  SessionFixture client;
  client.sends("NICK alice", "USER a@l!" + times(30, "x") + " 0 * :" + times(149, "r") + "ü");
  CHECK(client.asks() == Lines{"(enter) alice al" + times(18, "x") + " host :" + times(149, "r")});
}

TEST_CASE("a user name of which nothing is left becomes \"user\"") {
  SessionFixture client;
  client.sends("NICK alice", "USER @@@ 0 * :Alice");
  CHECK(client.asks() == Lines{"(enter) alice user host :Alice"});
}

TEST_CASE("PING is answered before registration too") {
  SessionFixture client;
  client.sends("PING :a token", "PING x", "PING");
  CHECK(client.gets() == Lines{":irc.test PONG irc.test :a token",  //
                               ":irc.test PONG irc.test :x",        //
                               ":irc.test 409 * :No origin specified"});
}

TEST_CASE("PONG, empty lines and lines of spaces are taken in silence, before registration and after") {
  SessionFixture client;
  client.sends("PONG x", "", "   ");
  client.registers();
  client.sends("PONG :irc.test", "", "   ");
  CHECK(client.gets() == Lines{});
  CHECK(client.asks() == Lines{});
}

TEST_CASE("a password that is not asked for does no harm") {
  SessionFixture client;
  client.sends("PASS x", "NICK alice", "USER al 0 * :Alice");
  CHECK(client.asks() == enters);
}

TEST_CASE("the right password lets a client in") {
  SessionFixture client(asks_for_password);
  client.sends("PASS sesame", "NICK alice", "USER al 0 * :Alice");
  CHECK(client.asks() == enters);
}

TEST_CASE("a wrong password, or none, gets 464 and the end") {
  for (const std::string password :
       {"", "PASS s", "PASS sesam", "PASS sesamf", "PASS sesamesesame", "PASS :"}) {
    CAPTURE(password);
    SessionFixture client(asks_for_password);
    client.sends(password, "NICK alice", "USER al 0 * :Alice", "JOIN #a");
    CHECK(client.gets() == Lines{":irc.test 464 alice :Password incorrect", "ERROR :Password incorrect"});
    CHECK(client.asks() == Lines{});
    CHECK(client.session.ended());
  }
}

TEST_CASE("of several passwords the last one counts") {
  SessionFixture client(asks_for_password);
  SUBCASE("the right one") {
    client.sends("PASS wrong", "PASS sesame", "NICK alice", "USER al 0 * :Alice");
    CHECK(client.asks() == enters);
  }
  SUBCASE("a wrong one") {
    client.sends("PASS sesame", "PASS wrong", "NICK alice", "USER al 0 * :Alice");
    CHECK(client.session.ended());
  }
}

TEST_CASE("PASS without a password gets 461") {
  SessionFixture client(asks_for_password);
  client.sends("PASS");
  CHECK(client.gets() == Lines{":irc.test 461 * PASS :Not enough parameters"});
}

TEST_CASE("a line that is not UTF-8 is refused before registration: by FAIL to those who understand it") {
  SessionFixture client;
  client.sends("USER al 0 * :\xff");
  client.sends("CAP REQ standard-replies", "USER al 0 * :\xff");
  CHECK(client.gets() == Lines{":irc.test NOTICE * :Message rejected, it is not UTF-8",
                               ":irc.test CAP * ACK :standard-replies",
                               ":irc.test FAIL * INVALID_UTF8 :Message rejected, it is not UTF-8"});
}

TEST_CASE("a label is answered before registration too, once, by those who negotiated labels") {
  SessionFixture client;
  client.sends("@label=1 CAP LIST");
  client.sends("CAP REQ :batch labeled-response");
  client.gets();
  client.sends("@label=2 CAP LIST", "@label=3 NICK alice", "@label=4 PONG x", "@label=5 JOIN #a");
  CHECK(client.gets() == Lines{"@label=2 :irc.test CAP * LIST :batch labeled-response",
                               "@label=3 :irc.test ACK",  //
                               "@label=4 :irc.test ACK",  //
                               "@label=5 :irc.test 451 alice :You have not registered"});
}
