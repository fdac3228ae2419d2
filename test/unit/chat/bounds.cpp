// The bounds that a session keeps: see the table in docs/architecture.md.
#include "test/unit/chat/session_fixture.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <malloc.h>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

void no_rate(Rules& rules) { rules.rate = 0; }

std::size_t bytes_allocated() {
  const auto heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

/// "PRIVMSG #a :xxx…" of this many bytes with its CR LF.
std::string message_of(std::size_t bytes) {
  const std::string head = "PRIVMSG #a :";
  return head + times(bytes - 2 - head.size(), "x");
}

}  // namespace

// -- a line ------------------------------------------------------------------------------------------------

TEST_CASE("lines are taken apart wherever the network cut them") {
  SessionFixture client;
  client.registers();
  client.sends_bytes("JOIN #a\r");
  client.sends_bytes("\nJO");
  client.sends_bytes("");
  CHECK(client.asks() == Lines{"JOIN #a"});
  client.sends_bytes("IN #b\r\nJOIN #c\r\nJOIN");
  CHECK(client.asks() == Lines{"JOIN #b", "JOIN #c"});
}

TEST_CASE("a line feed alone ends a line as well") {
  SessionFixture client;
  client.registers();
  client.sends_bytes("JOIN #a\nJOIN #b\n\n\r\nJOIN #c\r\n");
  CHECK(client.asks() == Lines{"JOIN #a", "JOIN #b", "JOIN #c"});
}

TEST_CASE("a line of 512 bytes passes, a longer one is dropped and answered by 417") {
  SessionFixture client;
  client.registers();
  client.sends(message_of(512), message_of(513), "JOIN #a");
  CHECK(client.asks() == Lines{"PRIVMSG #a " + times(498, "x"), "(too long)", "JOIN #a"});
}

TEST_CASE("4094 bytes of tags pass besides, with one more the line is dropped and answered by 417") {
  SessionFixture client;
  client.registers();
  const auto tags = [](std::size_t bytes) { return "@+t=" + times(bytes - 3, "v") + " "; };
  client.sends(
      {tags(4094) + message_of(512), tags(4095) + "JOIN #a", tags(4094) + message_of(513), "JOIN #b"});
  const auto asked = client.asks();
  REQUIRE(asked.size() == 4);
  CHECK(asked[0] == tags(4094) + "PRIVMSG #a " + times(498, "x"));
  CHECK(asked[1] == "(tags too long)");
  CHECK(asked[2] == "(too long)");
  CHECK(asked[3] == "JOIN #b");
}

TEST_CASE("before registration too long a line is answered by 417") {
  SessionFixture client;
  client.sends("NICK " + times(600, "x"), "CAP LIST");
  CHECK(client.gets() == Lines{":irc.test 417 * :Input line was too long", ":irc.test CAP * LIST :"});
}

TEST_CASE("a line that never ends is answered once and takes no memory, and what follows its end is read") {
  SessionFixture client(no_rate);
  client.registers();
  const auto before = bytes_allocated();
  for (int i = 0; i < 1000; ++i) client.sends_bytes(times(100, "0123456789"));
  CHECK(client.asks() == Lines{"(too long)"});
  CHECK(bytes_allocated() < before + 64 * 1024);
  client.sends_bytes("the end\r\nJOIN #a\r\n");
  CHECK(client.asks() == Lines{"JOIN #a"});
}

TEST_CASE("a line that never ends is answered once before registration too") {
  SessionFixture client(no_rate);
  for (int i = 0; i < 100; ++i) client.sends_bytes(times(1000, "@"));
  client.sends_bytes("\nPING x\n");
  CHECK(client.gets() == Lines{":irc.test 417 * :Input line was too long", ":irc.test PONG irc.test :x"});
}

// -- credit ------------------------------------------------------------------------------------------------

TEST_CASE("with its credit of unanswered commands used up a client is not read") {
  SessionFixture client([](Rules& rules) { rules.credit = 3; });
  client.registers();
  client.sends("JOIN #a", "JOIN #b");
  CHECK(client.session.wants_input());
  client.sends("JOIN #c");
  CHECK_FALSE(client.session.wants_input());
  client.is_answered();
  CHECK(client.session.wants_input());
}

TEST_CASE("with many bytes of commands unanswered a client is not read either") {
  SessionFixture client([](Rules& rules) { rules.credit_bytes = 1000; });
  client.registers();
  const auto line = "PRIVMSG #a :" + times(400, "x");
  client.sends(line, line);
  CHECK(client.session.wants_input());
  client.sends(line, line);
  CHECK_FALSE(client.session.wants_input());
  CHECK(client.asks().size() == 3);
  client.is_answered();
  CHECK(client.asks().size() == 1);
  client.is_answered(3);
  CHECK(client.session.wants_input());
}

TEST_CASE("commands beyond the credit wait for answers, and are carried out in order") {
  SessionFixture client([](Rules& rules) { rules.credit = 2; });
  client.registers();
  client.sends("JOIN #1", "JOIN #2", "JOIN #3", "JOIN #4", "JOIN #5");
  CHECK(client.asks() == Lines{"JOIN #1", "JOIN #2"});
  client.is_answered();
  CHECK(client.asks() == Lines{"JOIN #3"});
  CHECK_FALSE(client.session.wants_input());
  client.is_answered(2);
  CHECK(client.asks() == Lines{"JOIN #4", "JOIN #5"});
  CHECK_FALSE(client.session.wants_input());
  client.is_answered(2);
  CHECK(client.session.wants_input());
}

TEST_CASE("a line that is no message uses credit as well, since the room answers it") {
  SessionFixture client([](Rules& rules) { rules.credit = 1; });
  client.registers();
  client.sends("PRIVMSG #a :\xff", "JOIN #a");
  CHECK(client.asks() == Lines{"(invalid UTF-8)"});
  client.is_answered();
  CHECK(client.asks() == Lines{"JOIN #a"});
}

TEST_CASE("what is answered without the room uses no credit") {
  SessionFixture client([](Rules& rules) { rules.credit = 1; });
  client.sends("CAP LS", "CAP LIST", "PING x", "NICK alice");
  CHECK(client.session.wants_input());
  CHECK(client.gets().size() == 3);
}

TEST_CASE("a client whose credit is used up is never closed for flooding") {
  SessionFixture client([](Rules& rules) {
    rules.credit = 1;
    rules.rate = 1;
    rules.burst = 10;
    rules.backlog = 100;
  });
  client.registers();
  client.sends(Lines(50, "JOIN #a"));
  CHECK_FALSE(client.session.ended());
  CHECK_FALSE(client.session.due());
}

// -- rate --------------------------------------------------------------------------------------------------

TEST_CASE("commands beyond the rate are delayed, and carried out in order when their time has come") {
  SessionFixture client([](Rules& rules) {
    rules.rate = 2;
    rules.burst = 4;
  });
  client.registers();
  client.sends("JOIN #1", "JOIN #2", "JOIN #3", "JOIN #4");
  CHECK(client.asks() == Lines{"JOIN #1", "JOIN #2"});
  REQUIRE(client.session.due());
  CHECK(*client.session.due() - client.now == 500ms);
  CHECK(client.session.wants_input());

  client.waits(499ms);
  CHECK(client.asks() == Lines{});
  client.waits(1ms);
  CHECK(client.asks() == Lines{"JOIN #3"});
  REQUIRE(client.session.due());
  client.waits(500ms);
  CHECK(client.asks() == Lines{"JOIN #4"});
  CHECK_FALSE(client.session.due());
}

TEST_CASE("the rate holds before registration too") {
  SessionFixture client([](Rules& rules) { rules.burst = 2; });
  client.sends("PING 1", "PING 2", "PING 3");
  CHECK(client.gets().size() == 2);
  client.waits(100ms);
  CHECK(client.gets() == Lines{":irc.test PONG irc.test :3"});
}

TEST_CASE("a client that sends on while it is delayed is closed with Excess Flood") {
  SessionFixture client([](Rules& rules) {
    rules.rate = 1;
    rules.burst = 3;
    rules.backlog = 1000;
  });
  client.registers();
  client.sends("JOIN #a", "JOIN #b");
  client.asks();
  client.sends_bytes(times(900, "x") + "\r\n");
  CHECK_FALSE(client.session.ended());
  client.is_answered();
  CHECK_FALSE(client.session.ended());
  client.sends_bytes(times(900, "x") + "\r\n");
  CHECK(client.session.ended());
  CHECK(client.gets() == Lines{"ERROR :Excess Flood"});
  CHECK(client.session.reason() == "Excess Flood");
}

TEST_CASE("a client is closed for flooding only when its commands are answered") {
  SessionFixture client([](Rules& rules) {
    rules.burst = 3;
    rules.backlog = 100;
  });
  client.registers();
  client.sends("JOIN #a");
  client.sends(Lines(100, "JOIN #b"));
  CHECK_FALSE(client.session.ended());
  CHECK_FALSE(client.session.wants_input());
  client.is_answered();
  CHECK(client.session.ended());
  CHECK(client.asks() == Lines{"JOIN #a"});
}

TEST_CASE("a rate of 0 lifts the limit") {
  SessionFixture client([](Rules& rules) {
    rules.rate = 0;
    rules.burst = 1;
    rules.backlog = 1;
    rules.credit = 1000;
  });
  client.registers();
  client.sends(Lines(999, "JOIN #a"));
  CHECK(client.asks().size() == 999);
  CHECK_FALSE(client.session.ended());
  CHECK_FALSE(client.session.due());
}
