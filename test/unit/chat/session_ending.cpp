// How a session ends.
#include "test/unit/chat/session_fixture.hpp"

#include <doctest/doctest.h>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

const Lines enters{"(enter) alice al host :Alice"};

}  // namespace

TEST_CASE("QUIT is answered by ERROR and ends the session") {
  SessionFixture client;
  SUBCASE("with a reason, after registration") {
    client.registers();
    client.sends("QUIT :Gone to lunch");
    CHECK(client.gets() == Lines{"ERROR :Quit: Gone to lunch"});
    CHECK(client.session.reason() == "Quit: Gone to lunch");
  }
  SUBCASE("without one") {
    client.registers();
    client.sends("QUIT");
    CHECK(client.gets() == Lines{"ERROR :Quit"});
    CHECK(client.session.reason() == "Quit");
  }
  SUBCASE("before registration") {
    client.sends("QUIT");
    CHECK(client.gets() == Lines{"ERROR :Quit"});
  }
  CHECK(client.session.ended());
  CHECK_FALSE(client.session.wants_input());
  CHECK(client.asks() == Lines{});
}

TEST_CASE("a QUIT's reason is cut at a character") {
  SessionFixture client;
  client.registers();
  client.sends("QUIT :" + times(299, "r") + "ü");
  CHECK(client.session.reason() == "Quit: " + times(299, "r"));
}

TEST_CASE("what follows a QUIT is not carried out") {
  SessionFixture client;
  client.registers();
  client.sends("QUIT", "JOIN #a");
  client.sends("JOIN #b");
  CHECK(client.asks() == Lines{});
}

TEST_CASE("QUIT waits until what came before it is answered") {
  SessionFixture client;
  client.registers();
  client.sends("PRIVMSG #a :one", "PRIVMSG #a :two", "QUIT :bye");
  CHECK(client.asks() == Lines{"PRIVMSG #a one", "PRIVMSG #a two"});
  CHECK_FALSE(client.session.ended());
  CHECK_FALSE(client.session.wants_input());
  client.is_answered();
  CHECK_FALSE(client.session.ended());
  CHECK(client.gets() == Lines{});
  client.is_answered();
  CHECK(client.session.ended());
  CHECK(client.gets() == Lines{"ERROR :Quit: bye"});
}

TEST_CASE("QUIT waits three seconds for answers, which a client that does not read would never get") {
  SessionFixture client;
  client.registers();
  client.sends("LIST", "QUIT :bye");
  REQUIRE(client.session.due());
  CHECK(*client.session.due() - client.now == 3s);
  client.waits(2999ms);
  CHECK_FALSE(client.session.ended());
  client.waits(1ms);
  CHECK(client.session.ended());
  CHECK(client.gets() == Lines{"ERROR :Quit: bye"});
}

TEST_CASE("QUIT while the room is asked for admission waits for the answer") {
  for (const auto standing : {Standing::entered, Standing::refused}) {
    SessionFixture client;
    client.sends("NICK alice", "USER al 0 * :Alice", "QUIT");
    CHECK(client.asks() == enters);
    CHECK_FALSE(client.session.ended());
    client.is_answered(1, standing);
    CHECK(client.session.ended());
  }
}

TEST_CASE("a session that is closed tells its client why, once what is unanswered is answered") {
  SessionFixture client;
  client.registers();
  client.sends("PRIVMSG #a :one");
  client.session.close("Server shutting down", client.now);
  CHECK_FALSE(client.session.ended());
  CHECK(client.gets() == Lines{});
  client.sends("PRIVMSG #a :two");
  client.session.close("Something else", client.now);
  client.is_answered();
  CHECK(client.gets() == Lines{"ERROR :Server shutting down"});
  CHECK(client.session.reason() == "Server shutting down");
  CHECK(client.asks() == Lines{"PRIVMSG #a one"});
}

TEST_CASE("a session that is closed while its client is being admitted ends with the answer") {
  SessionFixture client;
  client.sends("NICK alice", "USER al 0 * :Alice");
  client.session.close("Server shutting down", client.now);
  CHECK_FALSE(client.session.ended());
  client.is_answered(1, Standing::entered);
  CHECK(client.session.ended());
  CHECK(client.gets() == Lines{"ERROR :Server shutting down"});
}

TEST_CASE("an abandoned session ends at once and says nothing") {
  SessionFixture client;
  client.registers();
  client.sends("PRIVMSG #a :one");
  client.session.abandon("Connection closed");
  CHECK(client.session.ended());
  CHECK(client.session.reason() == "Connection closed");
  CHECK(client.gets() == Lines{});
}

TEST_CASE("nothing more comes of a session that has ended") {
  SessionFixture client;
  client.session.abandon("Connection closed");
  client.sends("NICK alice", "USER al 0 * :Alice", "PING x");
  client.session.close("Server shutting down", client.now);
  client.session.abandon("SendQ exceeded");
  client.is_answered(1, Standing::entered);
  client.waits(std::chrono::hours{1});
  CHECK(client.session.ended());
  CHECK_FALSE(client.session.wants_input());
  CHECK(client.session.reason() == "Connection closed");
  CHECK(client.gets() == Lines{});
  CHECK(client.asks() == Lines{});
}
