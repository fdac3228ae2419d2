#include "client/outbox.hpp"

#include <doctest/doctest.h>

using namespace troupe::client;
using troupe::protocol::Message;
using Lines = std::vector<std::string>;

namespace {

Message text(const std::string& words) { return {{}, {}, "PRIVMSG", {"#a", words}}; }

Message parsed(std::string_view line) { return *troupe::protocol::parse(line); }

}  // namespace

TEST_CASE("with labels each message carries its own, and the answer that repeats it settles it") {
  Outbox outbox;
  outbox.push(text("one"), Purpose::say, "one");
  outbox.push(text("two"), Purpose::say, "two");
  CHECK(outbox.release(true) == Lines{"@label=1 PRIVMSG #a one\r\n", "@label=2 PRIVMSG #a two\r\n"});
  CHECK(outbox.size() == 2);
  outbox.settle(parsed("@label=2 :srv ACK"));
  CHECK(outbox.unsettled_texts() == Lines{"one"});
  outbox.settle(parsed("@label=1 :ann!a@h PRIVMSG #a one"));
  CHECK(outbox.idle());
}

TEST_CASE("no more messages than the window are unanswered at a time") {
  Outbox outbox;
  for (std::size_t i = 0; i < 2 * Outbox::window; ++i) outbox.push(text("x"), Purpose::say);
  CHECK(outbox.release(true).size() == Outbox::window);
  CHECK(outbox.release(true).empty());
  CHECK_FALSE(outbox.accepting());
  outbox.settle(parsed("@label=1 ACK"));
  CHECK(outbox.release(true) == Lines{"@label=17 PRIVMSG #a x\r\n"});
}

TEST_CASE("a command goes alone: after the texts before it, and before what follows") {
  Outbox outbox;
  outbox.push(text("before"), Purpose::say);
  outbox.push({{}, {}, "JOIN", {"#b"}}, Purpose::command);
  CHECK_FALSE(outbox.accepting());
  outbox.push(text("after"), Purpose::say);
  CHECK(outbox.release(true) == Lines{"@label=1 PRIVMSG #a before\r\n"});
  outbox.settle(parsed("@label=1 ACK"));
  CHECK(outbox.release(true) == Lines{"@label=2 JOIN #b\r\n"});
  CHECK_FALSE(outbox.accepting());
  CHECK(outbox.release(true).empty());
  outbox.settle(parsed("@label=2 :ann!a@h JOIN #b"));
  CHECK(outbox.release(true) == Lines{"@label=3 PRIVMSG #a after\r\n"});
}

TEST_CASE("an answer of several messages settles at its batch's end, and all of them belong to it") {
  Outbox outbox;
  outbox.push({{}, {}, "WHOIS", {"bob"}}, Purpose::command);
  outbox.release(true);
  outbox.settle(parsed("@label=1 BATCH +a labeled-response"));
  outbox.settle(parsed("@batch=a BATCH +b other"));
  CHECK(outbox.answered_by(parsed("@batch=a 311 me bob")) != nullptr);
  CHECK(outbox.answered_by(parsed("@batch=b 401 me bob")) != nullptr);
  CHECK(outbox.answered_by(parsed("@batch=c 401 me bob")) == nullptr);
  outbox.settle(parsed("BATCH -b"));
  CHECK_FALSE(outbox.idle());
  outbox.settle(parsed("BATCH -a"));
  CHECK(outbox.idle());
}

TEST_CASE("what is pushed to be next goes before all that waits, and is awaited until it is answered") {
  Outbox outbox;
  outbox.push(text("one"), Purpose::say);
  outbox.push_next(text("zero"), Purpose::history);
  CHECK_FALSE(outbox.awaits(Purpose::history));
  CHECK(outbox.release(true) == Lines{"@label=1 PRIVMSG #a zero\r\n"});
  CHECK(outbox.awaits(Purpose::history));
  outbox.settle(parsed("@label=1 ACK"));
  CHECK_FALSE(outbox.awaits(Purpose::history));
}

TEST_CASE("without labels a PING follows, and its PONG settles all before it") {
  Outbox outbox;
  outbox.push(text("one"), Purpose::say);
  outbox.push(text("two"), Purpose::say);
  CHECK(outbox.release(false) == Lines{"PRIVMSG #a one\r\n", "PRIVMSG #a two\r\n", "PING troupe-2\r\n"});
  outbox.push(text("three"), Purpose::say);
  CHECK(outbox.release(false) == Lines{"PRIVMSG #a three\r\n", "PING troupe-3\r\n"});
  outbox.settle(parsed(":srv PONG srv troupe-2"));
  CHECK(outbox.size() == 1);
  CHECK(outbox.answered_by(parsed("404 me #a :no")) != nullptr);
  outbox.settle(parsed(":srv PONG srv alive"));
  CHECK(outbox.size() == 1);
  outbox.settle(parsed(":srv PONG srv troupe-3"));
  CHECK(outbox.idle());
}

TEST_CASE("labels that nobody asked for change nothing") {
  Outbox outbox;
  outbox.push(text("one"), Purpose::say);
  outbox.release(true);
  outbox.settle(parsed("@label=x ACK"));
  outbox.settle(parsed("@label=77 ACK"));
  outbox.settle(parsed("BATCH -never"));
  outbox.settle(parsed("BATCH"));
  CHECK(outbox.size() == 1);
}
