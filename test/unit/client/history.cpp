#include "client/history.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace troupe::client;
using Lines = std::vector<std::string>;

namespace {

// The question that History asks now, without "CHATHISTORY"; empty if none.
std::string asked(History& history) {
  const auto question = history.question();
  if (!question) return {};
  std::string text;
  for (const auto& param : question->params) text += (text.empty() ? "" : " ") + param;
  return text;
}

Event message(std::string text) {
  return {EventKind::message, std::move(text), "bob", {}, false, std::nullopt};
}

Lines texts(const std::vector<Event>& events) {
  Lines lines;
  for (const auto& event : events) lines.push_back(event.text);
  return lines;
}

// What is shown once messages with these ids, whose texts are their ids, have been the answer.
Lines answer(History& history, std::initializer_list<const char*> ids) {
  for (const std::string id : ids) history.add(id, message(id));
  return texts(history.answered());
}

troupe::protocol::Time at(std::string_view text) { return *troupe::protocol::parse_timestamp(text); }

const std::string line = "new messages in #lobby begin here";

}  // namespace

TEST_CASE("at the first time in a room its latest messages are asked for, and a line ends them") {
  History history;
  CHECK_FALSE(history.catching_up());
  history.catch_up("#lobby", {});
  CHECK(history.catching_up());
  CHECK(asked(history) == "LATEST #lobby * 50");
  CHECK(asked(history).empty());
  CHECK(answer(history, {"a", "b"}) == Lines{"a", "b", line});
  CHECK_FALSE(history.catching_up());
  CHECK(asked(history).empty());
}

TEST_CASE("no line is drawn under nothing") {
  History history;
  history.catch_up("#lobby", {});
  asked(history);
  CHECK(answer(history, {}).empty());
  CHECK_FALSE(history.catching_up());
}

TEST_CASE("what is heard while the latest messages are on their way is not shown as one of them") {
  History history;
  history.catch_up("#lobby", {});
  asked(history);
  CHECK(history.hear("#lobby", "b"));
  CHECK(answer(history, {"a", "b", "c"}) == Lines{"a", "c", line});
  CHECK_FALSE(history.hear("#lobby", "c"));
  CHECK(history.hear("#other", "c"));
}

TEST_CASE("later what was missed is asked for, until an answer is empty") {
  History history;
  history.hear("#lobby", "a");
  history.limit(2);
  history.catch_up("#LOBBY", {});
  CHECK(asked(history) == "AFTER #LOBBY msgid=a 2");
  CHECK(answer(history, {"b", "c"}) == Lines{"b", "c"});
  CHECK(history.catching_up());
  CHECK(asked(history) == "AFTER #LOBBY msgid=c 2");
  CHECK(answer(history, {"d"}) == Lines{"d"});
  CHECK(asked(history) == "AFTER #LOBBY msgid=d 2");
  CHECK(answer(history, {}) == Lines{"new messages in #LOBBY begin here"});
  CHECK_FALSE(history.catching_up());
}

TEST_CASE("what was missed is asked for only up to what has been heard since, however much that is") {
  History history;
  history.hear("#lobby", "a");
  history.catch_up("#lobby", {});
  asked(history);
  history.hear("#lobby", "c");
  history.hear("#lobby", "d");
  CHECK(answer(history, {"b", "c"}) == Lines{"b", line});
  CHECK_FALSE(history.catching_up());
  history.catch_up("#lobby", {});
  CHECK(asked(history).starts_with("AFTER #lobby msgid=d "));
}

TEST_CASE("what is held back is shown after the answer, and what has no place in the order at once") {
  History history;
  history.catch_up("#lobby", {});
  asked(history);
  history.hear("#lobby", "b");
  CHECK(history.hold("#lobby", "b", message("b")).empty());
  CHECK(history.hold("", "", message("bob left")).empty());
  CHECK(answer(history, {"a", "b"}) == Lines{"a", line, "b", "bob left"});
  CHECK(texts(history.abandon()).empty());
}

TEST_CASE("nothing is missed, doubled or out of order if the connection breaks meanwhile") {
  History history;
  history.hear("#lobby", "a");
  history.catch_up("#lobby", {});
  asked(history);
  answer(history, {"b", "c"});
  asked(history);
  history.hear("#lobby", "e");
  history.hold("#lobby", "e", message("e"));
  history.hold("", "", message("bob left"));
  CHECK(texts(history.abandon()) == Lines{"bob left"});
  CHECK_FALSE(history.catching_up());
  history.catch_up("#lobby", {});
  CHECK(asked(history).starts_with("AFTER #lobby msgid=c "));
  CHECK(answer(history, {"d", "e", "f"}) == Lines{"d", "e", "f"});
  asked(history);
  CHECK(answer(history, {}) == Lines{line});
  CHECK(history.left_over().empty());
}

TEST_CASE("what was held back is shown at last also if no later answer has it") {
  const auto broken = [] {
    History history;
    history.catch_up("#lobby", {});
    asked(history);
    history.hear("#lobby", "a");
    history.hold("#lobby", "a", message("a"));
    CHECK(history.abandon().empty());
    return history;
  };
  auto forgotten = broken();
  forgotten.catch_up("#lobby", {});
  asked(forgotten);
  CHECK(answer(forgotten, {"b"}) == Lines{"a", "b", line});

  auto unasked = broken();
  CHECK(texts(unasked.left_over("#lobby")) == Lines{"a"});
  CHECK(unasked.left_over().empty());
  CHECK(texts(broken().left_over()) == Lines{"a"});
}

TEST_CASE("what was held back for another room's sake is shown when the connection breaks") {
  History history;
  history.catch_up("#a", {});
  history.catch_up("#b", {});
  asked(history);
  history.hear("#a", "x");
  history.hold("#a", "x", message("x"));
  answer(history, {});
  CHECK(texts(history.abandon()) == Lines{"x"});
}

TEST_CASE("in a room where nothing had been said, everything since it was entered has been missed") {
  History history;
  history.catch_up("#lobby", at("2026-01-31T12:00:00.000Z"));
  asked(history);
  answer(history, {});
  history.catch_up("#lobby", at("2026-01-31T13:00:00.000Z"));
  CHECK(asked(history).starts_with("AFTER #lobby timestamp=2026-01-31T11:59:59.999Z "));
}

TEST_CASE("a server that does not know the last message any more is asked for the latest ones") {
  History history;
  history.hear("#lobby", "a");
  history.catch_up("#lobby", {});
  asked(history);
  CHECK(history.refuse());
  CHECK(answer(history, {}).empty());
  CHECK(asked(history) == "LATEST #lobby * 50");
  CHECK(answer(history, {"a", "x"}) == Lines{"x", line});

  history.catch_up("#lobby", {});
  asked(history);
  CHECK(history.refuse());
  answer(history, {});
  asked(history);
  CHECK_FALSE(history.refuse());
  answer(history, {});
  CHECK_FALSE(history.catching_up());
}

TEST_CASE("rooms are asked about one after the other") {
  History history;
  history.catch_up("#a", {});
  history.catch_up("#b", {});
  CHECK(asked(history) == "LATEST #a * 50");
  answer(history, {"x"});
  CHECK(history.catching_up());
  CHECK(asked(history) == "LATEST #b * 50");
  CHECK(answer(history, {"x"}) == Lines{"x", "new messages in #b begin here"});
}

TEST_CASE("older messages are asked for page by page, and shown together in their order") {
  History history;
  history.hear("#lobby", "e");
  history.limit(2);
  history.look_back("#lobby", 3);
  CHECK_FALSE(history.catching_up());
  CHECK(asked(history) == "BEFORE #lobby msgid=e 2");
  CHECK(answer(history, {"c", "d"}).empty());
  CHECK(asked(history) == "BEFORE #lobby msgid=c 1");
  CHECK(answer(history, {"b"}) ==
        Lines{"3 older messages in #lobby", "b", "c", "d", "the older messages end here"});

  history.look_back("#lobby", 9);
  CHECK(asked(history) == "BEFORE #lobby msgid=b 2");
  CHECK(answer(history, {"a"}).empty());
  CHECK(asked(history) == "BEFORE #lobby msgid=a 2");
  CHECK(answer(history, {}) ==
        Lines{"1 older message in #lobby", "a", "there are no older messages in #lobby"});

  history.look_back("#lobby", 9);
  CHECK(asked(history) == "BEFORE #lobby msgid=a 2");
  CHECK(answer(history, {}) == Lines{"there are no older messages in #lobby"});
}

TEST_CASE("older messages begin before the oldest of those that were shown on entering") {
  History history;
  history.catch_up("#lobby", {});
  asked(history);
  history.hear("#lobby", "c");
  answer(history, {"a", "b", "c"});
  history.look_back("#lobby", 5);
  CHECK(asked(history) == "BEFORE #lobby msgid=a 5");
}

TEST_CASE("where nothing was shown yet, the latest messages are the older ones") {
  History history;
  history.look_back("#lobby", 2);
  CHECK(asked(history) == "LATEST #lobby * 2");
  CHECK(answer(history, {"a", "b"}).size() == 4);
  CHECK(history.hear("#lobby", "c"));
  history.look_back("#lobby", 2);
  CHECK(asked(history) == "BEFORE #lobby msgid=a 2");
}

TEST_CASE("older messages that were on their way when the connection broke are found again") {
  History history;
  history.hear("#lobby", "c");
  history.limit(1);
  history.look_back("#lobby", 2);
  asked(history);
  answer(history, {"b"});
  history.abandon();
  history.look_back("#lobby", 2);
  CHECK(asked(history) == "BEFORE #lobby msgid=c 1");
}

TEST_CASE("a refusal on the way back leaves what was found") {
  History history;
  history.hear("#lobby", "c");
  history.limit(1);
  history.look_back("#lobby", 2);
  asked(history);
  answer(history, {"b"});
  asked(history);
  CHECK_FALSE(history.refuse());
  CHECK(answer(history, {}) == Lines{"1 older message in #lobby", "b", "the older messages end here"});
}

TEST_CASE("a server that gives the same page again and again is not asked for ever") {
  History history;
  history.hear("#lobby", "a");
  history.catch_up("#lobby", {});
  asked(history);
  answer(history, {"b"});
  asked(history);
  answer(history, {"b"});
  CHECK_FALSE(history.catching_up());
  history.look_back("#lobby", 9);
  asked(history);
  answer(history, {"x"});
  asked(history);
  CHECK(answer(history, {"x"}).back() == "there are no older messages in #lobby");
  CHECK(asked(history).empty());
}

TEST_CASE("messages without a usable id are shown, and end what could only go on from an id") {
  History history;
  history.catch_up("#lobby", {});
  asked(history);
  CHECK(answer(history, {"", ""}) == Lines{"", "", line});
  history.look_back("#lobby", 5);
  asked(history);
  CHECK(answer(history, {""}).size() == 3);
  CHECK(History::id_of({{{"msgid", "a b"}}, "srv", "PRIVMSG", {}}).empty());
  CHECK(History::id_of({{{"msgid", std::string(300, 'x')}}, "srv", "PRIVMSG", {}}).empty());
  CHECK(History::id_of({{{"msgid", "a"}}, "srv", "PRIVMSG", {}}) == "a");
}

TEST_CASE("a page is no larger than the server allows, nor than is good") {
  History history;
  history.limit(20);
  history.look_back("#lobby", 100);
  CHECK(asked(history) == "LATEST #lobby * 20");
  answer(history, {});
  for (const std::size_t limit : {0, 100'000}) {
    history.limit(limit);
    history.look_back("#lobby", 10'000);
    CHECK(asked(history) == "LATEST #lobby * 500");
    answer(history, {});
  }
}

TEST_CASE("of the ids the oldest are forgotten first") {
  IdSet ids;
  CHECK(ids.insert("first"));
  CHECK_FALSE(ids.insert("first"));
  for (std::size_t i = 1; i < IdSet::capacity; ++i) ids.insert(std::to_string(i));
  CHECK(ids.contains("first"));
  ids.insert("one more");
  CHECK_FALSE(ids.contains("first"));
  CHECK(ids.contains("1"));
}
