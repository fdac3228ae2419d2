#include "protocol/message.hpp"

#include <doctest/doctest.h>

using namespace troupe::protocol;
using namespace std::string_view_literals;
using Params = std::vector<std::string>;
using Tags = std::vector<Tag>;

namespace {

Message parsed(std::string_view line) {
  const auto message = parse(line);
  REQUIRE(message);
  return *message;
}

ParseError refused(std::string_view line, std::size_t max_tags = limits::client_tags) {
  const auto message = parse(line, max_tags);
  REQUIRE_FALSE(message);
  return message.error();
}

std::string round_trip(std::string_view line) { return render(parsed(line)); }

}  // namespace

TEST_CASE("a command alone is a message") {
  const auto message = parsed("QUIT");
  CHECK(message == Message{{}, "", "QUIT", {}});
}

TEST_CASE("a command is read in any case and kept in upper case") {
  CHECK(parsed("privMsg").command == "PRIVMSG");
  CHECK(parsed("frobnicate").command == "FROBNICATE");
}

TEST_CASE("three digits are a command") { CHECK(parsed(":irc.example 001 alice :hi").command == "001"); }

TEST_CASE("what is neither letters nor three digits is no command") {
  for (const auto line : {"1", "12", "1234", "12a", "PRIV-MSG", "PING\tx", "ÄA", "@", "!", ":a", ":a "}) {
    CAPTURE(line);
    CHECK(refused(line) == ParseError::malformed);
  }
}

TEST_CASE("tags alone are malformed") {
  CHECK(refused("@a=b") == ParseError::malformed);
  CHECK(refused("@a=b ") == ParseError::malformed);
  CHECK(refused("@a=b :source") == ParseError::malformed);
}

TEST_CASE("nothing, or nothing but spaces, is empty") {
  CHECK(refused("") == ParseError::empty);
  CHECK(refused("   ") == ParseError::empty);
}

TEST_CASE("parameters are read as Modern IRC's examples say") {
  CHECK(parsed(":irc.example.com CAP * LIST :").params == Params{"*", "LIST", ""});
  CHECK(parsed("CAP * LS :multi-prefix sasl").params == Params{"*", "LS", "multi-prefix sasl"});
  CHECK(parsed("CAP REQ :sasl message-tags foo").params == Params{"REQ", "sasl message-tags foo"});
  CHECK(parsed(":dan!d@localhost PRIVMSG #chan :Hey!").params == Params{"#chan", "Hey!"});
  CHECK(parsed(":dan!d@localhost PRIVMSG #chan Hey!").params == Params{"#chan", "Hey!"});
  CHECK(parsed(":dan!d@localhost PRIVMSG #chan ::-)").params == Params{"#chan", ":-)"});
}

TEST_CASE("a colon within a parameter is part of it") {
  CHECK(parsed("PING a:b c::").params == Params{"a:b", "c::"});
}

TEST_CASE("any number of spaces separates, precedes and ends") {
  CHECK(parsed("   @a=b   :src   PRIVMSG   #c   x   ") ==
        Message{{{"a", "b"}}, "src", "PRIVMSG", {"#c", "x"}});
}

TEST_CASE("spaces in the trailing parameter are kept") {
  CHECK(parsed("PRIVMSG #c :  a  b  ").params == Params{"#c", "  a  b  "});
}

TEST_CASE("more than fifteen parameters are all read") {
  CHECK(parsed("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 :18").params.size() == 18);
}

TEST_CASE("a source is kept") {
  CHECK(parsed(":dan!d@localhost QUIT").source == "dan!d@localhost");
  CHECK(refused(": QUIT") == ParseError::malformed);
}

TEST_CASE("tags are read, with and without values") {
  CHECK(parsed("@id=123AB;rose PING").tags == Tags{{"id", "123AB"}, {"rose", ""}});
  CHECK(parsed("@url=;netsplit=tur,ty PING").tags == Tags{{"url", ""}, {"netsplit", "tur,ty"}});
  CHECK(parsed("@+example.com/foo=a=b PING").tags == Tags{{"+example.com/foo", "a=b"}});
}

TEST_CASE("a tag's value is unescaped") {
  CHECK(parsed("@+example=raw+:=,escaped\\:\\s\\\\ PING").tag("+example") == "raw+:=,escaped; \\");
}

TEST_CASE("a tag without a key is dropped") {
  CHECK(parsed("@;;a=1;=2; PING").tags == Tags{{"a", "1"}});
  CHECK(parsed("@ PING").tags.empty());
}

TEST_CASE("of a tag given several times the last one counts") {
  CHECK(parsed("@a=1;b=2;a=3;c;a=4 PING").tags == Tags{{"b", "2"}, {"c", ""}, {"a", "4"}});
  CHECK(parsed("@a;a;a PING").tags == Tags{{"a", ""}});
  CHECK(parsed("@a=1;A=2 PING").tags == Tags{{"a", "1"}, {"A", "2"}});
}

TEST_CASE("a tag is found by its key") {
  const auto message = parsed("@label=7;rose PING");
  CHECK(message.tag("label") == "7");
  CHECK(message.tag("rose") == "");
  CHECK_FALSE(message.tag("ros"));
}

TEST_CASE("a line of 510 bytes is read, a longer one is too long") {
  const std::string head = "PRIVMSG #c :";
  CHECK(parse(head + std::string(510 - head.size(), 'x')));
  CHECK(refused(head + std::string(511 - head.size(), 'x')) == ParseError::too_long);
  CHECK(refused(std::string(509, ' ') + "HI") == ParseError::too_long);
}

TEST_CASE("tags do not count towards the line's length") {
  const std::string tags = "@" + std::string(limits::client_tags, 't') + " ";
  CHECK(parse(tags + "PING " + std::string(505, 'x')));
  CHECK(refused(tags + "PING " + std::string(506, 'x')) == ParseError::too_long);
}

TEST_CASE("tags of 4094 bytes are read from a client, more are too long") {
  CHECK(parse("@" + std::string(4094, 't') + " PING x"));
  CHECK(refused("@" + std::string(4095, 't') + " PING x") == ParseError::tags_too_long);
}

TEST_CASE("a client reads tags of 8189 bytes from a server") {
  CHECK(parse("@" + std::string(8189, 't') + " PING x", limits::tags));
  CHECK(refused("@" + std::string(8190, 't') + " PING x", limits::tags) == ParseError::tags_too_long);
}

TEST_CASE("invalid UTF-8 is refused wherever it stands") {
  CHECK(refused("PRIVMSG #c :\xFF") == ParseError::invalid_utf8);
  CHECK(refused("@a=\xC3 PING") == ParseError::invalid_utf8);
  CHECK(refused(":\xE2\x82 PING") == ParseError::invalid_utf8);
  CHECK(refused("PING\x80") == ParseError::invalid_utf8);
}

TEST_CASE("NUL, CR and LF are malformed wherever they stand") {
  for (const auto line : {"PRIVMSG #c :a\0b"sv, "PRIVMSG #c :a\rb"sv, "PRIVMSG #c :a\nb"sv, "PING\0"sv,
                          "@a=\r PING"sv, ":a\0b PING"sv, "\r"sv}) {
    CAPTURE(line);
    CHECK(refused(line) == ParseError::malformed);
  }
}

TEST_CASE("a message is rendered with CR LF, and a colon only where it is needed") {
  CHECK(round_trip("QUIT") == "QUIT\r\n");
  CHECK(round_trip("ping :x") == "PING x\r\n");
  CHECK(round_trip("TOPIC #c :") == "TOPIC #c :\r\n");
  CHECK(round_trip("PRIVMSG #c :a b") == "PRIVMSG #c :a b\r\n");
  CHECK(round_trip("PRIVMSG #c ::-)") == "PRIVMSG #c ::-)\r\n");
  CHECK(round_trip("@a=1;b= :src  001  x") == "@a=1;b :src 001 x\r\n");
  CHECK(round_trip("@;; PING x") == "PING x\r\n");
}

TEST_CASE("tags are rendered escaped, those without a value without '='") {
  CHECK(render_tags({}) == "");
  CHECK(render_tags({{"a", "1 2;\\"}, {"+b", ""}, {"c", "\r\n"}}) == "a=1\\s2\\:\\\\;+b;c=\\r\\n");
}

TEST_CASE("a tag's value is escaped as message-tags says, and back") {
  CHECK(escape_tag_value("; \\\r\n:é") == "\\:\\s\\\\\\r\\n:é");
  CHECK(unescape_tag_value("\\:\\s\\\\\\r\\n:é") == "; \\\r\n:é");
  CHECK(escape_tag_value("") == "");
  CHECK(unescape_tag_value("") == "");
}

TEST_CASE("a backslash that escapes nothing is dropped") {
  CHECK(unescape_tag_value("\\b") == "b");
  CHECK(unescape_tag_value("test\\") == "test");
  CHECK(unescape_tag_value("\\") == "");
  CHECK(unescape_tag_value("\\\\\\") == "\\");
}
