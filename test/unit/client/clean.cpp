#include "client/clean.hpp"

#include <doctest/doctest.h>

using namespace troupe::client;
using namespace std::string_view_literals;

TEST_CASE("an escape sequence loses the character that makes it one") {
  CHECK(printable("\x1B[2Jhello") == "\uFFFD[2Jhello");
  CHECK(printable("\x1B]0;title\x07") == "\uFFFD]0;title\uFFFD");
  CHECK(printable("\xC2\x9B"
                  "31m") == "\uFFFD31m");  // CSI as one C1 character
}

TEST_CASE("line ends, other controls, and changes of writing direction are replaced") {
  CHECK(printable("a\r\nb\x7F\b"sv) == "a\uFFFD\uFFFDb\uFFFD\uFFFD");
  CHECK(printable("a\0b"sv) == "a\uFFFDb");
  CHECK(printable("a\u2028b\u202Ec\u2066d\u2069") == "a\uFFFDb\uFFFDc\uFFFDd\uFFFD");
}

TEST_CASE("a tab becomes a space, and ordinary text stays as it is") {
  CHECK(printable("a\tb") == "a b");
  CHECK(printable("wörld 日本語 🎭 \u2019 \u00A0") == "wörld 日本語 🎭 \u2019 \u00A0");
}

TEST_CASE("formatting codes of IRC clients are dropped with their parameters") {
  CHECK(printable("\x02"
                  "bold\x02 \x1Ditalics\x0F") == "bold italics");
  CHECK(printable("\x03"
                  "04,12red on blue\x03 plain") == "red on blue plain");
  CHECK(printable("\x03"
                  "4,x \x03"
                  "123") == ",x 3");
  CHECK(printable("\x04"
                  "FF0000,00ff00text\x04") == "text");
  CHECK(printable("\x03") == "");
}

TEST_CASE("bytes that are no UTF-8 are replaced one by one") {
  CHECK(valid_utf8("ok é") == "ok é");
  CHECK(valid_utf8("caf\xE9!") == "caf\uFFFD!");
  CHECK(valid_utf8("\xE2\x82") == "\uFFFD\uFFFD");
  CHECK(valid_utf8("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");  // a surrogate
}

TEST_CASE("what is sent cannot end its line or pretend to be a request between clients") {
  CHECK(sendable("a\r\nQUIT\0b\x01"sv) == "aQUITb");
  CHECK(sendable("\x02"
                 "bold and\ttab") ==
        "\x02"
        "bold and\ttab");
}
