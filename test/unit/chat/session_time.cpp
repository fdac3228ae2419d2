// What becomes due in a session: the time to register, and to answer a ping.
#include "test/unit/chat/session_fixture.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

// -- time to register --------------------------------------------------------------------------------------

TEST_CASE("a client that does not register in time is closed") {
  SessionFixture client([](Rules& rules) { rules.registration_timeout = 60s; });
  client.waits(59s);
  client.sends("NICK alice");
  CHECK_FALSE(client.session.ended());
  client.waits(1s);
  CHECK(client.session.ended());
  CHECK(client.gets() == Lines{"ERROR :Registration timeout"});
  CHECK(client.session.reason() == "Registration timeout");
}

TEST_CASE("a client whose nick was refused gets no new time to register") {
  SessionFixture client([](Rules& rules) { rules.registration_timeout = 60s; });
  client.waits(50s);
  client.sends("NICK alice", "USER al 0 * :Alice");
  client.is_answered(1, Standing::refused);
  client.waits(10s);
  CHECK(client.session.ended());
}

TEST_CASE("a registered client has no registration timeout any more") {
  SessionFixture client([](Rules& rules) {
    rules.registration_timeout = 60s;
    rules.ping_interval = 0s;
  });
  client.registers();
  client.waits(1h);
  CHECK_FALSE(client.session.ended());
}

TEST_CASE("a registration timeout of 0 lifts the limit") {
  SessionFixture client([](Rules& rules) { rules.registration_timeout = 0s; });
  client.waits(1h);
  CHECK_FALSE(client.session.ended());
}

// -- time to answer a ping ---------------------------------------------------------------------------------

namespace {

void pinging(Rules& rules) {
  rules.ping_interval = 120s;
  rules.ping_timeout = 60s;
}

}  // namespace

TEST_CASE("a silent client is asked whether it is there, once") {
  SessionFixture client(pinging);
  client.registers();
  client.waits(119s);
  CHECK(client.gets() == Lines{});
  client.waits(1s);
  CHECK(client.gets() == Lines{"PING :irc.test"});
  client.waits(30s);
  CHECK(client.gets() == Lines{});
}

TEST_CASE("a client that does not answer a ping is closed") {
  SessionFixture client(pinging);
  client.registers();
  client.waits(120s);
  client.gets();
  client.waits(59s);
  CHECK_FALSE(client.session.ended());
  client.waits(1s);
  CHECK(client.session.ended());
  CHECK(client.gets() == Lines{"ERROR :Ping timeout: 180 seconds"});
  CHECK(client.session.reason() == "Ping timeout: 180 seconds");
}

TEST_CASE("a client is asked before it is given up, however late the session looks at the clock") {
  SessionFixture client(pinging);
  client.registers();
  client.waits(1h);
  CHECK_FALSE(client.session.ended());
  CHECK(client.gets() == Lines{"PING :irc.test"});
}

TEST_CASE("any byte of a client shows that it is there, and the time begins anew") {
  SessionFixture client(pinging);
  client.registers();
  client.waits(120s);
  client.gets();
  client.sleeps(50s);
  client.sends_bytes("P");
  client.waits(119s);
  CHECK_FALSE(client.session.ended());
  CHECK(client.gets() == Lines{});
  client.waits(1s);
  CHECK(client.gets() == Lines{"PING :irc.test"});
}

TEST_CASE("a client that is not registered is not asked") {
  SessionFixture client([](Rules& rules) {
    pinging(rules);
    rules.registration_timeout = 0s;
  });
  client.waits(1h);
  CHECK(client.gets() == Lines{});
}

TEST_CASE("the time of silence begins with registration") {
  SessionFixture client([](Rules& rules) {
    pinging(rules);
    rules.registration_timeout = 0s;
  });
  client.waits(100s);
  client.registers();
  client.waits(119s);
  CHECK(client.gets() == Lines{});
}

TEST_CASE("a ping interval of 0 asks nobody") {
  SessionFixture client([](Rules& rules) { rules.ping_interval = 0s; });
  client.registers();
  client.waits(10h);
  CHECK_FALSE(client.session.ended());
  CHECK(client.gets() == Lines{});
}

TEST_CASE("a ping timeout of 0 gives nobody up") {
  SessionFixture client([](Rules& rules) {
    rules.ping_interval = 120s;
    rules.ping_timeout = 0s;
  });
  client.registers();
  client.waits(120s);
  CHECK(client.gets() == Lines{"PING :irc.test"});
  client.waits(10h);
  CHECK_FALSE(client.session.ended());
}

TEST_CASE(
    "how long a client was silent before it went is known if it timed out, and nothing if it fell behind") {
  const auto patient = [](Rules& rules) {
    rules.ping_interval = 20s;
    rules.ping_timeout = 10s;
  };
  SessionFixture quits{patient};
  quits.registers();
  quits.sleeps(10s);
  quits.sends("QUIT");
  REQUIRE(quits.session.ended());
  CHECK(quits.session.silence() == 0ms);

  SessionFixture times_out{patient};
  times_out.registers();
  times_out.waits(20s);
  times_out.waits(11s);
  REQUIRE(times_out.session.ended());
  CHECK(times_out.session.silence() == 31s);

  SessionFixture falls_behind{patient};
  falls_behind.registers();
  falls_behind.session.abandon("SendQ exceeded");
  CHECK(falls_behind.session.silence() == std::nullopt);
}
