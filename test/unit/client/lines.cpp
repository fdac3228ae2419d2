#include "client/lines.hpp"

#include <doctest/doctest.h>

using namespace troupe::client;
using Lines = std::vector<std::string>;
using Parts = std::vector<std::string_view>;

TEST_CASE("lines are put together from pieces and end in LF or CR LF") {
  LineBuffer buffer(100);
  CHECK(buffer.add("one\r\ntw") == Lines{"one"});
  CHECK(buffer.add("o").empty());
  CHECK(buffer.add("\n\nthree\r") == Lines{"two", ""});
  CHECK(buffer.add("\n") == Lines{"three"});
  CHECK_FALSE(buffer.rest());
}

TEST_CASE("what the end leaves unfinished is the last line") {
  LineBuffer buffer(100);
  CHECK(buffer.add("a\nb") == Lines{"a"});
  CHECK(buffer.rest() == "b");
  CHECK_FALSE(buffer.rest());
}

TEST_CASE("of a line that is too long the beginning is kept, and the next one is whole") {
  LineBuffer buffer(5);
  CHECK(buffer.add("12345").empty());
  CHECK(buffer.add("6789").empty());
  CHECK(buffer.add("0\nnext\n") == Lines{"12345", "next"});
}

TEST_CASE("a text that fits is one part, an empty one is none") {
  CHECK(split_text("hello", 5) == Parts{"hello"});
  CHECK(split_text("", 5).empty());
}

TEST_CASE("a long text is cut between characters") {
  CHECK(split_text("ééé", 5) == Parts{"éé", "é"});
  CHECK(split_text("日本語", 4) == Parts{"日", "本", "語"});
}

TEST_CASE("a long text is cut after a space if one is near") {
  CHECK(split_text("one two three", 10) == Parts{"one two ", "three"});
  CHECK(split_text("a bcdefghijklm", 10) == Parts{"a bcdefghi", "jklm"});
}

TEST_CASE("the parts of a text together are the text") {
  std::string text;
  for (int i = 0; i < 300; ++i) text += i % 7 == 0 ? " é" : "日x";
  std::string whole;
  for (const auto part : split_text(text, 50)) {
    CHECK(part.size() <= 50);
    whole += part;
  }
  CHECK(whole == text);
}
