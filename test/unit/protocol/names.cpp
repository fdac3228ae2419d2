#include "protocol/names.hpp"

#include "protocol/limits.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace troupe::protocol;
using namespace std::string_view_literals;

TEST_CASE("a nick of letters, digits and -_[]{}\\|^` is valid") {
  for (const auto nick : {"a", "Alice", "bob42", "a-b_c", "[]{}\\|^`", "_", "x9"}) {
    CAPTURE(nick);
    CHECK_FALSE(check_nick(nick));
  }
}

TEST_CASE("an empty nick is refused as empty") { CHECK(check_nick("") == NameError::empty); }

TEST_CASE("a nick of the largest length is valid, a longer one is refused as too long") {
  CHECK_FALSE(check_nick(std::string(limits::nick, 'a')));
  CHECK(check_nick(std::string(limits::nick + 1, 'a')) == NameError::too_long);
}

TEST_CASE("a nick with a space is refused as invalid") {
  CHECK(check_nick("a b") == NameError::invalid_characters);
}

TEST_CASE("a nick that would be ambiguous elsewhere in the protocol is refused as invalid") {
  for (const auto nick :
       {"#a", ":a", "@a", "+a", "$a", "a!b", "a@b", "a,b", "a*", "a?", "a.b", "~a", "&a", "%a"}) {
    CAPTURE(nick);
    CHECK(check_nick(nick) == NameError::invalid_characters);
  }
}

TEST_CASE("a nick that begins with a digit or '-' is refused as invalid") {
  CHECK(check_nick("1a") == NameError::invalid_characters);
  CHECK(check_nick("-a") == NameError::invalid_characters);
}

TEST_CASE("a nick with a control character or beyond ASCII is refused as invalid") {
  CHECK(check_nick("a\0b"sv) == NameError::invalid_characters);
  CHECK(check_nick("a\x7F") == NameError::invalid_characters);
  CHECK(check_nick("zoë") == NameError::invalid_characters);
}

TEST_CASE("a channel is '#' and nearly any text") {
  for (const auto channel : {"#", "#lobby", "##c++", "#a!b@c*?", "#каналы", "#🎭"}) {
    CAPTURE(channel);
    CHECK_FALSE(check_channel(channel));
  }
}

TEST_CASE("a channel's length is bounded in bytes") {
  CHECK(check_channel("") == NameError::empty);
  CHECK_FALSE(check_channel("#" + std::string(limits::channel - 1, 'a')));
  CHECK(check_channel("#" + std::string(limits::channel, 'a')) == NameError::too_long);
}

TEST_CASE("a channel with a forbidden character, or without '#', is refused as invalid") {
  for (const auto channel : {"lobby", "&lobby", "#a b", "#a,b", "#a:b", "#a\ab", "#a\nb", "#\x7F"}) {
    CAPTURE(channel);
    CHECK(check_channel(channel) == NameError::invalid_characters);
  }
  CHECK(check_channel("#a\xC2\x85") == NameError::invalid_characters);
  CHECK_FALSE(check_channel("#a\xC2\xA1\xC3\x85"));
}

TEST_CASE("a channel that is not UTF-8 is refused as invalid") {
  CHECK(check_channel("#\xFF") == NameError::invalid_characters);
}

TEST_CASE("a key is printable ASCII") {
  CHECK_FALSE(check_key("s3cr:et!"));
  CHECK_FALSE(check_key(std::string(limits::key, 'k')));
  CHECK(check_key("") == NameError::empty);
  CHECK(check_key(std::string(limits::key + 1, 'k')) == NameError::too_long);
  for (const auto key : {"a b", "a,b", ":a", "a\tb", "ключ", "\x7F"}) {
    CAPTURE(key);
    CHECK(check_key(key) == NameError::invalid_characters);
  }
}

TEST_CASE("a ban's mask is bounded, and one word of a message") {
  CHECK_FALSE(check_mask("*!*@10.0.0.*"));
  CHECK_FALSE(check_mask(std::string(limits::mask, '*')));
  CHECK(check_mask("") == NameError::empty);
  CHECK(check_mask(std::string(limits::mask + 1, '*')) == NameError::too_long);
  for (const auto mask : {"a b", ":a", "a\tb"}) {
    CAPTURE(mask);
    CHECK(check_mask(mask) == NameError::invalid_characters);
  }
}

TEST_CASE("a user name loses its invalid characters and what is too long") {
  CHECK(clean_user("alice") == "alice");
  CHECK(clean_user("~al.ice-1+x") == "~al.ice-1+x");
  CHECK(clean_user("a l@i!c*e?:") == "alice");
  CHECK(clean_user(" @ Ж") == "");
  CHECK(clean_user("@" + std::string(limits::user + 5, 'u')) == std::string(limits::user, 'u'));
}

TEST_CASE("a target is a channel if it begins with '#'") {
  CHECK(is_channel("#lobby"));
  CHECK_FALSE(is_channel("alice"));
  CHECK_FALSE(is_channel(""));
}

TEST_CASE("casefolding lowers ASCII letters and nothing else") {
  CHECK(casefold("#Lobby-[]{}\\|^~ÄÖ@Z`") == "#lobby-[]{}\\|^~ÄÖ@z`");
  CHECK(casefold("") == "");
}

TEST_CASE("a mask without wildcards matches the same name in any case") {
  CHECK(matches("Alice", "aLICE"));
  CHECK_FALSE(matches("alice", "alic"));
  CHECK_FALSE(matches("alice", "alices"));
  CHECK(matches("", ""));
  CHECK_FALSE(matches("", "a"));
  CHECK_FALSE(matches("a[", "a{"));
}

TEST_CASE("'?' matches exactly one character, of any length in bytes") {
  CHECK(matches("a?c", "abc"));
  CHECK(matches("a?c", "a€c"));
  CHECK_FALSE(matches("a?c", "ac"));
  CHECK_FALSE(matches("a?c", "abbc"));
  CHECK_FALSE(matches("a??c", "a€c"));
  CHECK_FALSE(matches("*??", "€"));
  CHECK(matches("*?", "€"));
}

TEST_CASE("'*' matches any characters, none included") {
  CHECK(matches("*", ""));
  CHECK(matches("*", "anything"));
  CHECK(matches("a*c", "ac"));
  CHECK(matches("a*c", "abcbc"));
  CHECK(matches("**a**", "xay"));
  CHECK_FALSE(matches("a*c", "acb"));
  CHECK_FALSE(matches("a*b*c", "acb"));
  CHECK(matches("*!*@10.0.*", "alice!al@10.0.0.7"));
  CHECK_FALSE(matches("*!*@10.0.*", "alice!al@10.1.0.7"));
}

TEST_CASE("an escaped wildcard stands for itself, any other backslash too") {
  CHECK(matches("a\\*", "a*"));
  CHECK_FALSE(matches("a\\*", "ab"));
  CHECK(matches("a\\?", "a?"));
  CHECK_FALSE(matches("a\\?", "ab"));
  CHECK(matches("*\\*", "ab*"));
  CHECK(matches("a\\b!*@*", "a\\b!user@host"));
  CHECK(matches("a\\\\", "a\\\\"));
  CHECK(matches("a\\", "a\\"));
}

TEST_CASE("a mask made to be slow is not") {
  std::string mask;
  for (int i = 0; i < 200; ++i) mask += "*a";
  mask += "*b";
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(matches(mask, std::string(500, 'a')));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
}

TEST_CASE("a mask is completed with '*' for each missing part") {
  CHECK(complete_mask("nick") == "nick!*@*");
  CHECK(complete_mask("user@host") == "*!user@host");
  CHECK(complete_mask("@host") == "*!*@host");
  CHECK(complete_mask("nick!user") == "nick!user@*");
  CHECK(complete_mask("nick!") == "nick!*@*");
  CHECK(complete_mask("!@") == "*!*@*");
  CHECK(complete_mask("") == "*!*@*");
}

TEST_CASE("a complete mask stays as it is") {
  CHECK(complete_mask("nick!user@host") == "nick!user@host");
  CHECK(complete_mask("*!*@*") == "*!*@*");
  CHECK(complete_mask("a!b@c!d@e") == "a!b@c!d@e");
}
