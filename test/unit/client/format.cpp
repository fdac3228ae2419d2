#include "client/format.hpp"

#include <doctest/doctest.h>

using namespace troupe::client;

namespace {

Event event(EventKind kind, std::string text, std::string nick = {}, std::string context = {}) {
  return {kind, std::move(text), std::move(nick), std::move(context), false, std::nullopt};
}

std::string plain(const Event& e) { return format(e, Style{}, {}); }

const Style coloured{true, {}};

}  // namespace

TEST_CASE("plain lines say by their beginning what they are") {
  CHECK(plain(event(EventKind::message, "hi", "ann")) == "<ann> hi");
  CHECK(plain(event(EventKind::action, "waves", "ann")) == "* ann waves");
  CHECK(plain(event(EventKind::notice, "beep", "bot")) == "-bot- beep");
  CHECK(plain(event(EventKind::presence, "ann joined #lobby")) == "-- ann joined #lobby");
  CHECK(plain(event(EventKind::info, "no topic")) == "-- no topic");
  CHECK(plain(event(EventKind::error, "no such nick")) == "!! no such nick");
}

TEST_CASE("what is not of the current room says where it is") {
  CHECK(plain(event(EventKind::message, "hi", "ann", "#other")) == "[#other] <ann> hi");
  CHECK(plain(event(EventKind::message, "psst", "ann", "private")) == "[private] <ann> psst");
}

TEST_CASE("nobody's text, name or room reaches the terminal as an escape sequence") {
  for (const auto kind : {EventKind::message, EventKind::action, EventKind::notice, EventKind::presence,
                          EventKind::info, EventKind::server, EventKind::error}) {
    const auto line = plain(event(kind, "\x1B[2J\r\n", "a\x1Bn", "#\x1Bx"));
    CHECK(line.find('\x1B') == std::string::npos);
    CHECK(line.find('\r') == std::string::npos);
    CHECK(line.find('\n') == std::string::npos);
  }
}

TEST_CASE("the time is the message's own, or else now") {
  const Style style{
      false, [](troupe::protocol::Time time) { return std::to_string(time.time_since_epoch().count()); }};
  auto message = event(EventKind::message, "hi", "ann");
  CHECK(format(message, style, troupe::protocol::Time(std::chrono::milliseconds(5))) == "5 <ann> hi");
  message.time = troupe::protocol::Time(std::chrono::milliseconds(3));
  CHECK(format(message, style, troupe::protocol::Time(std::chrono::milliseconds(5))) == "3 <ann> hi");
}

TEST_CASE("what is past has a clock of its own, and what has no other has its time by that") {
  const auto past_clock = [](troupe::protocol::Time time, troupe::protocol::Time now) {
    return std::to_string((now - time).count()) + " ms ago";
  };
  auto message = event(EventKind::message, "hi", "ann", "#other");
  message.time = troupe::protocol::Time(std::chrono::milliseconds(3));
  const troupe::protocol::Time now(std::chrono::milliseconds(5));
  CHECK(format(message, Style{false, {}, past_clock}, now) == "[#other] <ann> hi");
  message.past = true;
  CHECK(format(message, Style{false, {}, past_clock}, now) == "2 ms ago [#other] <ann> hi");
}

TEST_CASE("the date is shown with the time of another day") {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  CHECK(local_past_clock(now, now) == local_clock(now));
  const auto before = local_past_clock(now - std::chrono::days(400), now);
  CHECK(before.size() == std::string_view("2026-01-31 12:34").size());
  CHECK(before.starts_with("20"));
}

TEST_CASE("a name has one colour in every spelling, and names differ in theirs") {
  CHECK(colour_of("Ann", 10) == colour_of("aNN", 10));
  CHECK(colour_of("ann", 10) < 10);
  bool differ = false;
  for (const auto* nick : {"bob", "carl", "dora"}) differ |= colour_of(nick, 10) != colour_of("ann", 10);
  CHECK(differ);
}

TEST_CASE("colours are switched off at the end of what they colour") {
  CHECK(format(event(EventKind::presence, "ann left"), coloured, {}) == "\x1B[2m-- ann left\x1B[0m");
  const auto line = format(event(EventKind::message, "hi", "ann"), coloured, {});
  CHECK(line.starts_with("<\x1B["));
  CHECK(line.ends_with("mann\x1B[0m> hi"));
}
