// Browsers that are made to speak to an IRC server.
#include "test/unit/chat/session_fixture.hpp"

#include <doctest/doctest.h>

using namespace troupe;
using namespace troupe::test;

TEST_CASE(
    "whoever speaks HTTP is closed at once, and nothing of what follows counts: a page made a browser say "
    "it") {
  for (const auto* request : {"GET / HTTP/1.1", "POST /x HTTP/1.0", "OPTIONS * HTTP/1.1", "PRI * HTTP/2.0",
                              "get /", "PROPFIND / HTTP/1.1"}) {
    CAPTURE(request);
    SessionFixture client;
    client.sends(request, "Host: irc.test", "", "NICK alice", "USER al 0 * :Alice");
    CHECK(client.session.ended());
    CHECK(client.gets() == Lines{"ERROR :This is not a web server"});
    CHECK(client.asks() == Lines{});
  }
}

TEST_CASE("a registered client may say GET, which is no command") {
  SessionFixture client;
  client.registers();
  client.sends("GET / HTTP/1.1");
  CHECK_FALSE(client.session.ended());
}
