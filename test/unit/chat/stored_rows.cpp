// A store's rows may have been written by others. Found by fuzzing (test/fuzz/rows.cpp).
#include "chat/line.hpp"
#include "test/unit/chat/lines.hpp"

#include <doctest/doctest.h>

using namespace troupe;
using test::Lines;
using test::lines_of;

namespace {

db::Message sound() { return {{}, "#a", "bob", "b", "host", db::Kind::privmsg, "hello", "+a=b", {}}; }

Lines shown(const db::Message& message) {
  std::string line;
  line_of(message, "#a").write(line, Shape::plain, {});
  return lines_of(line);
}

std::string shown_with_tags(const db::Message& message) {
  std::string line;
  line_of(message, "#a").write(line, Shape::tagged, {});
  return lines_of(line).front();
}

}  // namespace

TEST_CASE("a message of the past is one line, whatever its text holds") {
  auto message = sound();
  CHECK(shown(message) == Lines{":bob!b@host PRIVMSG #a :hello"});
  using namespace std::string_literals;
  for (const auto& text : {"one\r\n:srv 001 x :two"s, "a\nb"s, "a\0b"s, "\xFF"s}) {
    message.text = text;
    CHECK(shown(message) == Lines{":bob!b@host PRIVMSG #a :(unreadable)"});
  }
}

TEST_CASE("a sender's name that is no word is not shown") {
  for (const auto* nick : {"a b", ":a", "a\r\nQUIT", "\xC3"}) {
    auto message = sound();
    message.nick = nick;
    CHECK(shown(message) == Lines{":*!*@* PRIVMSG #a :hello"});
  }
  auto message = sound();
  message.host = test::times(600, "x");
  CHECK(shown(message) == Lines{":*!*@* PRIVMSG #a :hello"});
}

TEST_CASE("tags that a line can't hold are left out") {
  auto message = sound();
  CHECK(test::tag(shown_with_tags(message), "+a") == "b");
  for (const auto& tags : {std::string{"+a=b c"}, std::string{"+a=\n"}, "+a=" + test::times(5'000, "x")}) {
    message.client_tags = tags;
    CHECK(test::tag(shown_with_tags(message), "+a").empty());
  }
}
