#include "protocol/text.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace troupe::protocol;
using namespace std::string_view_literals;
using Parts = std::vector<std::string_view>;

TEST_CASE("ASCII is UTF-8, whatever its length") {
  for (std::size_t length = 0; length < 40; ++length) CHECK(is_utf8(std::string(length, 'x')));
  CHECK(is_utf8("\0\x7F"sv));
}

TEST_CASE("characters of two, three and four bytes are UTF-8") {
  CHECK(is_utf8("\xC2\x80"));          // U+0080
  CHECK(is_utf8("\xDF\xBF"));          // U+07FF
  CHECK(is_utf8("\xE0\xA0\x80"));      // U+0800
  CHECK(is_utf8("\xED\x9F\xBF"));      // U+D7FF
  CHECK(is_utf8("\xEE\x80\x80"));      // U+E000
  CHECK(is_utf8("\xEF\xBF\xBF"));      // U+FFFF
  CHECK(is_utf8("\xF0\x90\x80\x80"));  // U+10000
  CHECK(is_utf8("\xF4\x8F\xBF\xBF"));  // U+10FFFF
  CHECK(is_utf8("Привет, troupe! 你好 🎭"));
}

TEST_CASE("a bad byte is found wherever it stands") {
  for (std::size_t length = 1; length < 40; ++length) {
    for (std::size_t bad = 0; bad < length; ++bad) {
      std::string text(length, 'x');
      text[bad] = '\xFF';
      CHECK_FALSE(is_utf8(text));
    }
  }
}

TEST_CASE("a continuation byte alone is not UTF-8") {
  CHECK_FALSE(is_utf8("\x80"));
  CHECK_FALSE(is_utf8("a\xBF"));
  CHECK_FALSE(is_utf8("\xC3\xA9\xA9"));
}

TEST_CASE("a character that ends too early is not UTF-8") {
  CHECK_FALSE(is_utf8("\xC3"));
  CHECK_FALSE(is_utf8("\xE2\x82"));
  CHECK_FALSE(is_utf8("\xF0\x9F\x8E"));
  CHECK_FALSE(is_utf8("\xC3x"));
  CHECK_FALSE(is_utf8("\xE2\x82x"));
  CHECK_FALSE(is_utf8("\xF0\x9F\xC3\xA9"));
}

TEST_CASE("an overlong form is not UTF-8") {
  CHECK_FALSE(is_utf8("\xC0\x80"));
  CHECK_FALSE(is_utf8("\xC1\xBF"));
  CHECK_FALSE(is_utf8("\xE0\x80\x80"));
  CHECK_FALSE(is_utf8("\xE0\x9F\xBF"));
  CHECK_FALSE(is_utf8("\xF0\x80\x80\x80"));
  CHECK_FALSE(is_utf8("\xF0\x8F\xBF\xBF"));
}

TEST_CASE("a surrogate is not UTF-8") {
  CHECK_FALSE(is_utf8("\xED\xA0\x80"));  // U+D800
  CHECK_FALSE(is_utf8("\xED\xBF\xBF"));  // U+DFFF
}

TEST_CASE("what lies beyond U+10FFFF is not UTF-8") {
  CHECK_FALSE(is_utf8("\xF4\x90\x80\x80"));
  CHECK_FALSE(is_utf8("\xF5\x80\x80\x80"));
  CHECK_FALSE(is_utf8("\xF8\x88\x80\x80\x80"));
  CHECK_FALSE(is_utf8("\xFE"));
  CHECK_FALSE(is_utf8("\xFF"));
}

TEST_CASE("a text that fits is not cut") {
  CHECK(cut("", 0) == "");
  CHECK(cut("topic", 5) == "topic");
  CHECK(cut("topic", 6) == "topic");
  CHECK(cut("é", 2) == "é");
}

TEST_CASE("a text is cut at the last character that fits whole") {
  CHECK(cut("topic", 4) == "topi");
  CHECK(cut("topic", 0) == "");
  CHECK(cut("aé", 2) == "a");
  CHECK(cut("a€b", 3) == "a");
  CHECK(cut("a€b", 4) == "a€");
  CHECK(cut("🎭", 3) == "");
}

TEST_CASE("a text is split at every separator") {
  CHECK(split("#a,#b,#c", ',') == Parts{"#a", "#b", "#c"});
  CHECK(split("#a", ',') == Parts{"#a"});
}

TEST_CASE("empty parts of a split are kept, but an empty text has none") {
  CHECK(split(",a,,b,", ',') == Parts{"", "a", "", "b", ""});
  CHECK(split(",", ',') == Parts{"", ""});
  CHECK(split("", ',').empty());
}

TEST_CASE("a number is read") {
  CHECK(to_number("0") == 0);
  CHECK(to_number("0042") == 42);
  CHECK(to_number(std::to_string(std::numeric_limits<std::size_t>::max())) ==
        std::numeric_limits<std::size_t>::max());
}

TEST_CASE("what is not a number, or does not fit, is none") {
  for (const auto text : {"", "x", "-1", "+1", " 1", "1 ", "1.5", "0x10", "18446744073709551616"}) {
    CAPTURE(text);
    CHECK_FALSE(to_number(text));
  }
}
