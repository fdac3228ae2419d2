// What commands cost of a client's rate.
#include "chat/command_table.hpp"
#include "test/unit/chat/session_fixture.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::test;

namespace {

std::size_t cost(const std::string& line) { return cost_of(protocol::parse(line), line.size()); }

/// A registered client whose tokens are all there.
struct Rested : SessionFixture {
  explicit Rested(std::size_t burst)
      : SessionFixture([burst](Rules& rules) {
          rules.rate = 10;
          rules.burst = burst;
          rules.credit = 1000;
        }) {
    registers();
    waits(60s);
  }
};

}  // namespace

TEST_CASE("a message costs a token for each of its targets, as far as these are served") {
  CHECK(cost("PRIVMSG #a :hi") == 1);
  CHECK(cost("PRIVMSG #a,#b,bob,carol :hi, all of you") == 4);
  CHECK(cost("PRIVMSG a,b,c,d,e,f,g :hi") == 4);
}

TEST_CASE("what looks at many or is told to many costs more than what does not") {
  for (const auto line : {"WHO *", "LIST #*", "NAMES #a", "NICK alice2", "INVITE bob #a", "WHOIS bob"}) {
    CAPTURE(line);
    CHECK(cost(line) > cost("JOIN #a"));
  }
  CHECK(cost("NAMES #a,#b,#c") == 3 * cost("NAMES #a"));
  CHECK(cost("KICK #a bob,carol") == 2 * cost("KICK #a bob"));
  CHECK(cost("JOIN #a,#b,#c key,key") == 3);
  CHECK(cost("JOIN 0") == 10);
}

TEST_CASE("a line costs a token more for each further 512 bytes that it begins") {
  CHECK(cost("@+a=" + times(480, "x") + " PRIVMSG #a :hi") == 1);
  CHECK(cost("@+a=" + times(600, "x") + " PRIVMSG #a :hi") == 2);
  CHECK(cost("@+a=" + times(4090, "x") + " PRIVMSG #a :hi") == 9);
  CHECK(cost("nonsense") == 1);
  CHECK(cost("\xff") == 1);
}

TEST_CASE(
    "a client that registers and joins thirty channels, and asks for their modes, need not wait for its "
    "JOINs") {
  SessionFixture client([](Rules& rules) { rules.credit = 1000; });
  client.sends("CAP LS 302", "NICK alice", "USER alice 0 * :A", "CAP REQ :batch message-tags", "CAP END");
  REQUIRE(client.asks().size() == 1);
  client.is_answered(1, Standing::entered);
  Lines joins;
  for (int i = 0; i < 30; ++i) joins.push_back("JOIN #" + std::to_string(i));
  client.sends(joins);
  CHECK(client.asks().size() == 30);
  for (auto& line : joins) line.replace(0, 4, "MODE");
  client.sends(joins);
  for (int i = 0; i < 30; ++i) client.waits(100ms);
  CHECK(client.asks().size() == 30);
}

TEST_CASE("a command that costs more than the burst passes, and the next one waits until that is paid") {
  Rested client(4);
  client.sends("JOIN #1,#2,#3,#4,#5,#6,#7,#8,#9", "PING x");
  CHECK(client.asks().size() == 1);
  client.waits(599ms);
  CHECK(client.asks() == Lines{});
  client.waits(1ms);
  CHECK(client.asks() == Lines{"PING x"});
}

TEST_CASE("a long answer is paid by the portion, before the next command") {
  Rested client(4);
  client.sends("LIST");
  CHECK(client.asks().size() == 1);
  for (int i = 0; i < 800; ++i) client.session.took_portion();
  client.is_answered(1);
  client.sends("PING x");
  client.waits(9s);
  CHECK(client.asks() == Lines{});
  client.waits(2s);
  CHECK(client.asks() == Lines{"PING x"});
}

TEST_CASE("messages to four targets pass at a quarter of the rate") {
  Rested client(40);
  client.sends(Lines(30, "PRIVMSG a,b,c,d :hi"));
  CHECK(client.asks().size() == 10);
  client.waits(400ms);
  CHECK(client.asks().size() == 1);
}

TEST_CASE("empty lines count, and a client that sends nothing else is closed for flooding") {
  Rested client(40);
  client.sends_bytes(times(40, "\r\n") + "PING x\r\n");
  CHECK(client.asks() == Lines{});
  client.waits(100ms);
  CHECK(client.asks() == Lines{"PING x"});
  client.sends_bytes(times(16 * 1024, "\n"));
  CHECK_FALSE(client.session.ended());
  client.is_answered();
  client.sends_bytes("\n");
  CHECK(client.session.reason() == "Excess Flood");
}

TEST_CASE("a line that never ends counts by its bytes, and closes a client for flooding") {
  Rested client(40);
  client.sends_bytes(times(10'000, "x"));
  CHECK(client.asks() == Lines{"(too long)"});
  client.is_answered();
  std::size_t sent = 0;
  for (; !client.session.ended() && sent < 1'000'000; sent += 1000) client.sends_bytes(times(1000, "x"));
  CHECK(sent < 50'000);
  CHECK(client.session.reason() == "Excess Flood");
}

TEST_CASE("a rate of 0 lifts all of that") {
  SessionFixture client([](Rules& rules) {
    rules.rate = 0;
    rules.credit = 10'000;
    rules.credit_bytes = 1'000'000;
  });
  client.registers();
  client.sends(Lines(1000, "JOIN #1,#2,#3,#4,#5,#6,#7,#8,#9"));
  CHECK(client.asks().size() == 1000);
  client.sends_bytes(times(100'000, "\n"));
  CHECK_FALSE(client.session.ended());
  CHECK_FALSE(client.session.due());
}
