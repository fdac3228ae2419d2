#include "test/unit/client/talk.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace troupe::client;

namespace {

constexpr std::string_view with_history =
    "batch draft/chathistory echo-message labeled-response message-tags server-time";

// A conversation with a server that has a history, from the JOIN of #lobby on, which has label 1.
Talk entering(bool catch_up = true, History history = {}) {
  Talk talk({"ann", "", {{"#lobby", ""}}, catch_up}, std::move(history));
  talk.hear(":srv CAP * LS :" + std::string(with_history));
  talk.hear(":srv CAP ann ACK :" + std::string(with_history));
  talk.hear(":srv 001 ann :Welcome");
  talk.hear(":srv 005 ann NETWORK=Test CHATHISTORY=500 :are supported by this server");
  talk.hear("@label=1;time=2026-01-31T12:00:00.000Z :ann!ann@host JOIN #lobby");
  return talk;
}

std::string said(const std::string& id, std::string_view tags = {}) {
  return "@msgid=" + id + ";time=2026-01-30T12:00:00.000Z" + std::string(tags) +
         " :bob!b@h PRIVMSG #lobby :" + id;
}

// Answers the request with this label by messages that have these ids and say them; then what was shown.
Lines answer(Talk& talk, int label, std::initializer_list<const char*> ids) {
  talk.hear("@label=" + std::to_string(label) + " :srv BATCH +reply chathistory #lobby");
  for (const auto* id : ids) {
    talk.hear(said(id, ";batch=reply"));
    CHECK(talk.events.empty());
  }
  talk.hear(":srv BATCH -reply");
  return talk.shown();
}

const std::string line = "new messages in #lobby begin here";

}  // namespace

TEST_CASE("on entering a room the latest messages are asked for first of all, and shown with their times") {
  Talk talk({"ann", "", {{"#lobby", ""}, {"#den", ""}}, true});
  talk.hear(":srv CAP * LS :" + std::string(with_history));
  talk.hear(":srv CAP ann ACK :" + std::string(with_history));
  talk.type("hello");
  talk.hear(":srv 001 ann :Welcome");
  talk.hear("@label=1 :ann!ann@host JOIN #lobby");
  CHECK(talk.shown() == Lines{"ann joined #lobby"});
  CHECK(talk.lines == Lines{"@label=2 CHATHISTORY LATEST #lobby * 50\r\n"});
  CHECK(answer(talk, 2, {"a"}) == Lines{"a", line});
  CHECK(talk.events[0].past);
  CHECK(talk.events[0].time == troupe::protocol::parse_timestamp("2026-01-30T12:00:00.000Z"));
  CHECK(talk.events[1].kind == EventKind::server);
  CHECK(talk.lines == Lines{"@label=3 JOIN #den\r\n"});
}

TEST_CASE("what happens before the history has come is shown after it, once") {
  auto talk = entering();
  talk.hear(said("b"));
  CHECK(talk.events.empty());
  talk.hear(":carl!c@h JOIN #lobby");
  CHECK(talk.events.empty());
  talk.hear(":srv 353 ann = #lobby :@ann bob");
  talk.hear(":srv 366 ann #lobby :End");
  CHECK(talk.shown() == Lines{"in #lobby (2): @ann, bob"});
  CHECK(answer(talk, 2, {"a", "b"}) == Lines{"a", line, "b", "carl joined #lobby"});
  CHECK_FALSE(talk.events[2].past);
  talk.hear(said("b"));
  CHECK(talk.events.empty());
  talk.hear(said("c"));
  CHECK(talk.shown() == Lines{"c"});
}

TEST_CASE("the next conversation shows what was missed, and nothing again") {
  auto talk = entering();
  answer(talk, 2, {"a"});
  talk.hear(said("b"));
  CHECK(talk.conversation.lost().events.empty());
  auto next = entering(true, std::move(talk.conversation).history());
  CHECK(next.lines == Lines{"@label=2 CHATHISTORY AFTER #lobby msgid=b 500\r\n"});
  next.hear(said("d"));
  CHECK(answer(next, 2, {"c", "d"}) == Lines{"c", line, "d"});
  CHECK(next.conversation.idle());
}

TEST_CASE("what was held back when the connection broke is shown in its place by the next conversation") {
  auto talk = entering();
  talk.hear(said("b"));
  talk.hear(":bob!b@h PRIVMSG ann :psst");
  talk.take(talk.conversation.lost());
  CHECK(talk.shown() == Lines{"psst"});
  auto next = entering(true, std::move(talk.conversation).history());
  CHECK(next.lines == Lines{"@label=2 CHATHISTORY LATEST #lobby * 50\r\n"});
  CHECK(answer(next, 2, {"a", "b"}) == Lines{"a", "b", line});
}

TEST_CASE("what was held back is shown if there is no next conversation, or one without a history") {
  auto last = entering();
  last.hear(said("b"));
  last.take(last.conversation.end());
  CHECK(last.shown() == Lines{"b"});

  auto talk = entering();
  talk.hear(said("b"));
  CHECK(talk.conversation.lost().events.empty());
  Talk plain({"ann", "", {}, true}, std::move(talk.conversation).history());
  plain.hear(":srv 001 ann :Welcome");
  plain.hear(":ann!ann@host JOIN #lobby");
  CHECK(plain.shown() == Lines{"ann joined #lobby", "b"});
}

TEST_CASE("not more is held back than fits") {
  auto talk = entering();
  std::size_t count = 0;
  do talk.hear(said("id" + std::to_string(++count)));
  while (talk.events.empty() && count < 100'000);
  CHECK(count == 10'000);
  CHECK(talk.events.size() == count);
  CHECK(answer(talk, 2, {"a", "id1"}) == Lines{"a", line});
}

TEST_CASE("a history that is refused delays nothing further") {
  auto talk = entering();
  talk.hear(said("a"));
  talk.hear("@label=2 FAIL CHATHISTORY MESSAGE_ERROR LATEST #lobby :Messages could not be retrieved");
  CHECK(talk.shown() == Lines{"the history of #lobby cannot be had: Messages could not be retrieved",

                              "a"});
  CHECK(talk.conversation.idle());
}

TEST_CASE("nothing is asked for where nothing is to be shown, or the server has nothing") {
  CHECK(entering(false).lines.empty());
  CHECK(in_lobby().lines.empty());
  auto talk = in_lobby();
  talk.type("/history");
  CHECK(talk.lines.empty());
  CHECK(talk.shown() == Lines{"the server has no history that could be asked for"});
  CHECK(talk.conversation.failures() == 1);
}

TEST_CASE("/history shows older messages of the current room, one's own included, when its turn comes") {
  auto talk = entering(false);
  talk.type("hi");
  talk.type("/history 3");
  talk.type("bye");
  CHECK(talk.lines.empty());
  talk.hear("@label=2;msgid=c :ann!ann@host PRIVMSG #lobby hi");
  CHECK(talk.lines == Lines{"@label=3 CHATHISTORY LATEST #lobby * 3\r\n"});
  talk.hear("@label=3 :srv BATCH +1 chathistory #lobby");
  talk.hear("@batch=1;msgid=a :ann!ann@host PRIVMSG #lobby :older");
  talk.hear("@batch=1;msgid=b :ann!ann@host PRIVMSG #lobby :\x01VERSION\x01");
  talk.hear("@batch=1;msgid=c :ann!ann@host PRIVMSG #lobby hi");
  talk.hear("@batch=1 :ann!ann@host PART #lobby");
  CHECK(talk.conversation.current_room() == "#lobby");
  talk.hear("BATCH -1");
  CHECK(talk.lines == Lines{"@label=4 CHATHISTORY BEFORE #lobby msgid=a 2\r\n"});
  CHECK(answer(talk, 4, {}) ==
        Lines{"1 older message in #lobby", "older", "there are no older messages in #lobby"});
  CHECK(talk.events[1].own);
  CHECK(talk.events[1].past);
  CHECK(talk.lines == Lines{"@label=5 PRIVMSG #lobby bye\r\n"});
}

TEST_CASE("/history in no room says so") {
  auto talk = entering(false);
  talk.hear(":op!o@h KICK #lobby ann");
  talk.type("/history");
  CHECK(talk.lines.empty());
  CHECK(talk.events[0].kind == EventKind::error);
}

TEST_CASE("an answer inside a labelled batch, or without labels, is understood as well") {
  auto talk = entering(false);
  talk.type("/history 1");
  talk.hear("@label=2 :srv BATCH +out labeled-response");
  talk.hear("@batch=out :srv BATCH +in chathistory #LOBBY");
  talk.hear(said("a", ";batch=in"));
  talk.hear(":srv BATCH -in");
  CHECK(talk.events.empty());
  talk.hear(":srv BATCH -out");
  CHECK(talk.shown() == Lines{"1 older message in #lobby", "a", "the older messages end here"});

  constexpr std::string_view no_labels = "batch draft/chathistory echo-message message-tags server-time";
  Talk plain({"ann", "", {{"#lobby", ""}}, true});
  plain.hear(":srv CAP * LS :" + std::string(no_labels));
  plain.hear(":srv CAP ann ACK :" + std::string(no_labels));
  plain.hear(":srv 001 ann :Welcome");
  plain.hear(":ann!ann@host JOIN #lobby");
  plain.hear("PONG srv troupe-1");
  CHECK(plain.lines == Lines{"CHATHISTORY LATEST #lobby * 50\r\n", "PING troupe-2\r\n"});
  plain.hear(":srv BATCH +1 chathistory #lobby");
  plain.hear(said("a", ";batch=1"));
  plain.hear(":srv BATCH -1");
  CHECK(plain.events.empty());
  plain.hear("PONG srv troupe-2");
  CHECK(plain.shown() == Lines{"a", line});
}

TEST_CASE("a history that nobody asked for is shown like anything else") {
  auto talk = entering(false);
  talk.hear(":srv BATCH +1 chathistory #lobby");
  talk.hear(said("a", ";batch=1"));
  CHECK(talk.shown() == Lines{"a"});
}
