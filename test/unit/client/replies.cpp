#include "client/replies.hpp"

#include <doctest/doctest.h>

using namespace troupe::client;

namespace {

Event described(std::string_view line) { return describe_reply(*troupe::protocol::parse(line)); }

}  // namespace

TEST_CASE("replies are put into words") {
  CHECK(described(":s 322 me #lobby 3 :the topic").text == "#lobby (3) the topic");
  CHECK(described(":s 311 me bob user host * :Bob B").text == "bob (user@host): Bob B");
  CHECK(described(":s 301 me bob :at lunch").text == "bob is away: at lunch");
  CHECK(described(":s 332 me #lobby :be kind").text == "topic of #lobby: be kind");
}

TEST_CASE("an error says what it is about") {
  const auto event = described(":s 401 me bob :No such nick/channel");
  CHECK(event.kind == EventKind::error);
  CHECK(event.text == "bob: No such nick/channel");
  CHECK(described(":s 451 me :Not registered").text == "Not registered");
}

TEST_CASE("a FAIL is an error, a WARN and a NOTE are not") {
  CHECK(described("FAIL PRIVMSG NOT_STORED #a :could not be stored").text == "#a: could not be stored");
  CHECK(described("FAIL PRIVMSG NOT_STORED #a :could not be stored").kind == EventKind::error);
  CHECK(described("WARN * OLD :update").kind == EventKind::info);
  CHECK(described("NOTE * X :hello").text == "hello");
}

TEST_CASE("an unknown numeric is shown as it stands, an unknown command not at all") {
  CHECK(described(":s 799 me a b :c d").text == "a b: c d");
  CHECK(described(":s FROBNICATE a b").text.empty());
}

TEST_CASE("replies with too few parameters are taken as they are") {
  for (const auto* command : {"001", "317", "322", "333", "401", "799", "FAIL", "NOTE", "311"}) {
    CAPTURE(command);
    CHECK_NOTHROW(described(command));
    CHECK_NOTHROW(described(std::string(command) + " me"));
    CHECK_NOTHROW(described(std::string(command) + " me x"));
  }
}

TEST_CASE("refusals are error numerics and FAILs, but not the lack of a message of the day") {
  const auto refusal = [](std::string_view line) { return is_refusal(*troupe::protocol::parse(line)); };
  CHECK(refusal("404 me #a :no"));
  CHECK(refusal("502 me :no"));
  CHECK(refusal("FAIL X Y :z"));
  CHECK_FALSE(refusal("422 me :no motd"));
  CHECK_FALSE(refusal("332 me #a :topic"));
  CHECK_FALSE(refusal("PRIVMSG #a :404"));
}

TEST_CASE("numerics and standard replies are replies, what people do is none") {
  const auto reply = [](std::string_view line) { return is_reply(*troupe::protocol::parse(line)); };
  CHECK(reply(":s 001 me :Welcome"));
  CHECK(reply("NOTE * CODE :text"));
  CHECK_FALSE(reply(":bob!b@h PRIVMSG #a :hi"));
}
