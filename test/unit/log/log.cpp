#include "log/log.hpp"

#include "chat/batch.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace troupe;

TEST_CASE("an event is written as its name and values, those in quotes that could be misread") {
  CHECK(log::to_text({"ended", {}}) == "ended");
  CHECK(
      log::to_text({"joined", {{"connection", ConnectionId{17}}, {"nick", "anna"}, {"channel", "#lobby"}}}) ==
      "joined connection=17 nick=anna channel=#lobby");
  CHECK(
      log::to_text({"x", {{"a", ""}, {"b", "two words"}, {"c", "k=v"}, {"d", "say \"hi\""}, {"e", "\\"}}}) ==
      R"(x a="" b="two words" c="k=v" d="say \"hi\"" e="\\")");
  CHECK(log::to_text({"x", {{"number", -5}, {"text", "-5"}, {"yes", true}, {"word", "true"}}}) ==
        R"(x number=-5 text="-5" yes=true word="true")");
  CHECK(log::to_text({"x",
                      {{"reason",
                        "\x1b[2J\x7f\xC2\x9B"
                        "é☕"}}}) == R"(x reason="\x1b[2J\x7f\x9bé☕")");
}

TEST_CASE("what was written is read back as it was") {
  std::mt19937 random{7};
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  const std::vector<std::string> pieces{"a", "=", " ",        "\"",   "\\",   "x1b",   "\x1b", "\n", "1",
                                        "-", "é", "\xC2\x85", "true", "key=", " key=", "\x7f", "☕"};
  for (int i = 0; i < 5000; ++i) {
    log::Event event{"some words", {}};
    for (const auto* key : {"one", "two_words", "three"}) {
      std::string text;
      for (auto n = below(5); n > 0; --n) text += pieces[below(pieces.size())];
      event.fields.emplace_back(key, text);
    }
    event.fields.emplace_back("number", static_cast<std::int64_t>(random()) - 1000);
    event.fields.emplace_back("yes", below(2) == 0);
    const auto text = log::to_text(event);
    CAPTURE(text);
    CHECK(log::from_text(text) == event);
    for (char c : text) CHECK_FALSE((static_cast<unsigned char>(c) < 0x20 || c == 0x7F));
  }
}

TEST_CASE("a text that is no event with values is the name of one") {
  for (const auto* text :
       {"", "plain words", "x a=\"open", "x a=\"1\"b", "a=1", "x =1", "x A=1", "x a=1 b", "x a=\"\\"}) {
    CAPTURE(text);
    CHECK(log::from_text(text) == log::Event{text, {}});
  }
}
