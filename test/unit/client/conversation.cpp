#include "protocol/limits.hpp"
#include "test/unit/client/talk.hpp"

#include <doctest/doctest.h>

using namespace troupe::client;
using namespace std::string_literals;

TEST_CASE("it registers with capabilities first, then password, name and user") {
  Talk talk({"ann", "secret", {}});
  CHECK(talk.lines == Lines{"CAP LS 302\r\n", "PASS secret\r\n", "NICK ann\r\n", "USER ann 0 * ann\r\n"});
  talk.hear(":srv CAP * LS :batch unknown echo-message");
  CHECK(talk.lines == Lines{"CAP REQ :batch echo-message\r\n"});
  talk.hear(":srv CAP ann ACK :batch echo-message");
  CHECK(talk.lines == Lines{"CAP END\r\n"});
  CHECK_FALSE(talk.conversation.registered());
  talk.hear(":srv 001 ann :Welcome");
  CHECK(talk.conversation.registered());
}

TEST_CASE("it answers PING at any time") {
  Talk talk;
  talk.hear("PING :to ken");
  CHECK(talk.lines == Lines{"PONG :to ken\r\n"});
}

TEST_CASE("what is typed early waits until the room is entered") {
  Talk talk;
  talk.type("hello");
  CHECK(talk.lines.empty());
  talk.hear(":srv 001 ann :Welcome");
  CHECK(talk.lines == Lines{"JOIN #lobby\r\n", "PING troupe-1\r\n"});
  talk.hear(":ann!ann@host JOIN #lobby");
  CHECK(talk.lines.empty());
  CHECK_FALSE(talk.conversation.idle());
  talk.hear(":srv PONG srv troupe-1");
  CHECK(talk.lines == Lines{"PRIVMSG #lobby hello\r\n", "PING troupe-2\r\n"});
  CHECK_FALSE(talk.conversation.idle());
  talk.hear(":srv PONG srv troupe-2");
  CHECK(talk.conversation.idle());
}

TEST_CASE("the name is the one that the server welcomes") {
  Talk talk({"a_very_long_name", "", {}});
  talk.hear(":srv 001 a_very :Welcome");
  CHECK(talk.conversation.nick() == "a_very");
}

TEST_CASE("with echo-message the own text is shown when the server has passed it on") {
  auto talk = in_lobby();
  talk.type("hello there");
  CHECK(talk.lines == Lines{"@label=2 PRIVMSG #lobby :hello there\r\n"});
  CHECK(talk.events.empty());
  talk.hear("@label=2;time=2026-01-31T12:34:56.789Z :ann!ann@host PRIVMSG #lobby :hello there");
  REQUIRE(talk.events.size() == 1);
  CHECK(talk.events[0].own);
  CHECK(talk.events[0].nick == "ann");
  CHECK(talk.events[0].time == troupe::protocol::parse_timestamp("2026-01-31T12:34:56.789Z"));
  CHECK(talk.conversation.idle());
}

TEST_CASE("without echo-message the own text is shown at once") {
  auto talk = in_plain_lobby();
  talk.type("/me waves");
  CHECK(talk.lines.front() ==
        "PRIVMSG #lobby :\x01"
        "ACTION waves\x01\r\n");
  REQUIRE(talk.events.size() == 1);
  CHECK(talk.events[0] == Event{EventKind::action, "waves", "ann", "", true, std::nullopt});
}

TEST_CASE("texts of others are shown with where they belong") {
  auto talk = in_lobby();
  talk.hear(":bob!b@h PRIVMSG #LOBBY :hi");
  CHECK(talk.events[0] == Event{EventKind::message, "hi", "bob", "", false, std::nullopt});
  talk.hear(":bob!b@h PRIVMSG #other :hi");
  CHECK(talk.events[0].context == "#other");
  talk.hear(":bob!b@h PRIVMSG ann :psst");
  CHECK(talk.events[0].context == "private");
  talk.hear(":ann!ann@host PRIVMSG bob :psst");
  CHECK(talk.events[0].context == "to bob");
  talk.hear(":bob!b@h NOTICE ann :beep");
  CHECK(talk.events[0].kind == EventKind::notice);
  talk.hear(
      ":bob!b@h PRIVMSG #lobby :\x01"
      "ACTION jumps\x01");
  CHECK(talk.events[0] == Event{EventKind::action, "jumps", "bob", "", false, std::nullopt});
  talk.hear(":bob!b@h PRIVMSG ann :\x01VERSION\x01");
  CHECK(talk.events.empty());
  CHECK(talk.lines.empty());
}

TEST_CASE("who comes, goes and changes is told") {
  auto talk = in_lobby();
  const auto told = [&](std::string_view line) {
    talk.hear(line);
    REQUIRE(talk.events.size() == 1);
    CHECK(talk.events[0].kind == EventKind::presence);
    return talk.events[0].text;
  };
  CHECK(told(":bob!b@h JOIN #lobby") == "bob joined #lobby");
  CHECK(told(":bob!b@h PART #lobby :bye") == "bob left #lobby (bye)");
  CHECK(told(":bob!b@h PART #lobby") == "bob left #lobby");
  CHECK(told(":bob!b@h QUIT :timeout") == "bob quit (timeout)");
  CHECK(told(":bob!b@h NICK bert") == "bob is now known as bert");
  CHECK(told(":bob!b@h TOPIC #lobby :be kind") == "bob set the topic of #lobby: be kind");
  CHECK(told(":bob!b@h TOPIC #lobby :") == "bob cleared the topic of #lobby");
  CHECK(told(":bob!b@h MODE #lobby +o carl") == "#lobby: bob set mode +o carl");
  CHECK(told(":bob!b@h KICK #lobby carl :rude") == "carl was kicked from #lobby by bob (rude)");
  CHECK(told(":bob!b@h AWAY :lunch") == "bob is away (lunch)");
  CHECK(told(":bob!b@h AWAY") == "bob is back");
}

TEST_CASE("the names in a room are told once, as names") {
  auto talk = in_lobby();
  talk.hear(":srv 353 ann = #lobby :@ann!ann@host +bob!b@h");
  CHECK(talk.events.empty());
  talk.hear(":srv 353 ann = #lobby :carl");
  talk.hear(":srv 366 ann #lobby :End of /NAMES list");
  CHECK(talk.shown() == Lines{"in #lobby (3): @ann, +bob, carl"});
  CHECK(talk.events[0].kind == EventKind::server);
}

TEST_CASE("the names of a crowd are cut short, and their number is not") {
  auto talk = in_lobby();
  for (int i = 0; i < 500; ++i) talk.hear(":srv 353 ann = #lobby :person" + std::to_string(i));
  talk.hear(":srv 366 ann #lobby :End");
  REQUIRE(talk.events.size() == 1);
  CHECK(talk.events[0].text.starts_with("in #lobby (500): person0, person1, "));
  CHECK(talk.events[0].text.ends_with(", …"));
  CHECK(talk.events[0].text.size() < 500);
}

TEST_CASE("the room entered last is the current one, and one left gives way to another") {
  auto talk = in_lobby();
  talk.type("/join den key");
  CHECK(talk.lines == Lines{"@label=2 JOIN #den key\r\n"});
  talk.type("in the den");
  CHECK(talk.lines.empty());
  talk.hear("@label=2 :ann!ann@host JOIN #den");
  CHECK(talk.lines == Lines{"@label=3 PRIVMSG #den :in the den\r\n"});
  CHECK(talk.conversation.rooms() == std::vector<Room>{{"#lobby", ""}, {"#den", "key"}});
  talk.hear("@label=3 ACK");
  talk.type("/part");
  CHECK(talk.lines == Lines{"@label=4 PART #den\r\n"});
  talk.hear("@label=4 :ann!ann@host PART #den");
  CHECK(talk.conversation.current_room() == "#lobby");
  talk.hear(":op!o@h KICK #lobby ann :out");
  CHECK(talk.conversation.current_room().empty());
  talk.type("anybody?");
  CHECK(talk.lines.empty());
  CHECK(talk.events[0].kind == EventKind::error);
  CHECK(talk.conversation.failures() == 1);
}

TEST_CASE("the own name follows NICK, also where a labelled answer has the new name as its source") {
  auto talk = in_lobby();
  talk.hear(":ann!ann@host NICK anna");
  CHECK(talk.conversation.nick() == "anna");
  talk.type("/nick annie");
  talk.hear("@label=2 :annie!ann@host NICK annie");
  CHECK(talk.shown() == Lines{"anna is now known as annie"});
  CHECK(talk.conversation.nick() == "annie");
}

TEST_CASE("commands become what the server understands") {
  const auto sent = [](std::string_view line) {
    auto talk = in_lobby();
    talk.type(line);
    REQUIRE(talk.lines.size() == 1);
    return talk.lines[0];
  };
  CHECK(sent("/msg bob hi there") == "@label=2 PRIVMSG bob :hi there\r\n");
  CHECK(sent("/list") == "@label=2 LIST\r\n");
  CHECK(sent("/list #a*") == "@label=2 LIST #a*\r\n");
  CHECK(sent("/whois bob") == "@label=2 WHOIS bob\r\n");
  CHECK(sent("/topic") == "@label=2 TOPIC #lobby\r\n");
  CHECK(sent("/topic be kind") == "@label=2 TOPIC #lobby :be kind\r\n");
  CHECK(sent("/away") == "@label=2 AWAY\r\n");
  CHECK(sent("/part so long") == "@label=2 PART #lobby :so long\r\n");
}

TEST_CASE("nothing typed can smuggle in a second line") {
  auto talk = in_lobby();
  talk.take(talk.conversation.submit({Verb::say, "", "hi\r\nQUIT :x"}));
  CHECK(talk.lines == Lines{"@label=2 PRIVMSG #lobby :hiQUIT :x\r\n"});
  talk.hear("@label=2 ACK");
  talk.take(talk.conversation.submit({Verb::topic, "", "t\nQUIT"}));
  CHECK(talk.lines == Lines{"@label=3 TOPIC #lobby tQUIT\r\n"});
}

TEST_CASE("a text that is no UTF-8 is not sent") {
  auto talk = in_lobby();
  talk.take(talk.conversation.submit({Verb::say, "", "caf\xE9"}));
  CHECK(talk.lines.empty());
  CHECK(talk.conversation.failures() == 1);
}

TEST_CASE("a long text is split so that no line exceeds the limit with our name before it") {
  auto talk = in_lobby();
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "é";
  talk.type(text);
  REQUIRE(talk.lines.size() > 3);
  std::string whole;
  for (const auto& line : talk.lines) {
    const auto passed_on = ":ann!ann@host " + line.substr(line.find(' ') + 1);
    CHECK(passed_on.size() <= troupe::protocol::limits::line);
    const auto begin = line.find("é");
    whole += line.substr(begin, line.size() - begin - 2);
  }
  CHECK(whole == text);
  CHECK(talk.lines[0].size() > troupe::protocol::limits::line - 20);
}

TEST_CASE("before the own address is known the longest one is assumed") {
  Talk talk({"ann", "", {}});
  talk.hear(":srv 001 ann :Welcome");
  talk.type("/msg bob " + std::string(600, 'x'));
  REQUIRE(talk.lines.size() == 3);
  namespace limits = troupe::protocol::limits;
  CHECK(talk.lines[0].size() + 1 + 3 + 1 + limits::user + 1 + limits::host + 1 <= limits::line);
}

TEST_CASE("a topic that is too long is cut at a character") {
  auto talk = in_lobby();
  std::string topic;
  for (int i = 0; i < 400; ++i) topic += "é";
  talk.type("/topic " + topic);
  REQUIRE(talk.lines.size() == 1);
  CHECK(talk.lines[0].size() - "@label=2 "s.size() <= troupe::protocol::limits::line);
  CHECK(talk.lines[0].ends_with("é\r\n"));
}

TEST_CASE("a refused text is told with the text, and counted") {
  auto talk = in_lobby();
  talk.type("/msg nobody are you there");
  talk.hear("@label=2 :srv 401 ann nobody :No such nick/channel");
  CHECK(talk.shown() == Lines{"nobody: No such nick/channel - not delivered: are you there"});
  CHECK(talk.conversation.failures() == 1);
  CHECK(talk.conversation.idle());

  talk.type("lost");
  talk.hear("@label=3 FAIL PRIVMSG COULD_NOT_STORE #lobby :The message could not be stored");
  CHECK(talk.shown() == Lines{"#lobby: The message could not be stored - not delivered: lost"});
  CHECK(talk.conversation.failures() == 2);
}

TEST_CASE("a refused text is counted without labels as well") {
  auto talk = in_plain_lobby();
  talk.type("hi");
  talk.hear(":srv 404 ann #lobby :Cannot send to channel");
  CHECK(talk.shown() == Lines{"#lobby: Cannot send to channel - not delivered: hi"});
  CHECK(talk.conversation.failures() == 1);
  talk.hear(":srv PONG srv troupe-2");
  talk.hear(":srv 404 ann #lobby :unasked");
  CHECK(talk.conversation.failures() == 1);
}

TEST_CASE("a first room that cannot be entered is remembered, a later one only told") {
  Talk talk;
  talk.hear(":srv 001 ann :Welcome");
  talk.hear(":srv 474 ann #lobby :Cannot join channel (+b)");
  CHECK(talk.conversation.refused_room() == "#lobby: Cannot join channel (+b)");
  CHECK(talk.conversation.rooms().empty());

  auto later = in_lobby();
  later.type("/join #den");
  later.hear("@label=2 :srv 475 ann #den :Cannot join channel (+k)");
  CHECK(later.shown() == Lines{"#den: Cannot join channel (+k)"});
  CHECK_FALSE(later.conversation.refused_room());
}

TEST_CASE("a refused registration says why, with the status that it leads to") {
  const auto refusal = [](std::string_view line) {
    Talk talk({"ann", "secret", {}});
    talk.hear(line);
    REQUIRE(talk.conversation.refusal());
    CHECK(talk.events.empty());
    return *talk.conversation.refusal();
  };
  CHECK(refusal(":srv 433 * ann :Nickname is already in use").status == Status::name);
  CHECK(refusal(":srv 433 * ann :Nickname is already in use").text == "the name 'ann' is already taken");
  CHECK(refusal(":srv 432 * ann :Erroneous nickname").status == Status::name);
  CHECK(refusal(":srv 464 * :Password incorrect").status == Status::password);
  CHECK(refusal(":srv 465 * :You are banned").status == Status::lost);
}

TEST_CASE("a name that is taken later is only told") {
  auto talk = in_lobby();
  talk.type("/nick bob");
  talk.hear("@label=2 :srv 433 ann bob :Nickname is already in use");
  CHECK(talk.shown() == Lines{"bob: Nickname is already in use"});
  CHECK_FALSE(talk.conversation.refusal());
  CHECK(talk.conversation.nick() == "ann");
}

TEST_CASE("after QUIT nothing more is said") {
  auto talk = in_lobby();
  talk.take(talk.conversation.quit("so long"));
  CHECK(talk.lines == Lines{"QUIT :so long\r\n"});
  talk.type("wait");
  CHECK(talk.lines.empty());
  CHECK(talk.conversation.unsettled_texts() == Lines{"wait"});
  talk.hear("ERROR :Closing link");
  CHECK(talk.conversation.last_error() == "Closing link");
}

TEST_CASE("rooms that could not be entered yet when the connection breaks are not forgotten") {
  Talk talk({"ann", "", {{"#a", "k"}, {"#b", ""}}});
  talk.hear(":srv 001 ann :Welcome");
  talk.hear(":ann!ann@host JOIN #a");
  CHECK(talk.conversation.rooms() == std::vector<Room>{{"#b", ""}, {"#a", "k"}});
}

TEST_CASE("lines from other servers that break the rules are read as well as can be") {
  auto talk = in_lobby();
  talk.hear(":bob!b@h PRIVMSG #lobby :caf\xE9");
  CHECK(talk.shown() == Lines{"caf\uFFFD"});
  talk.hear(":bob!b@h PRIVMSG #lobby :" + std::string(2000, 'x'));
  REQUIRE(talk.events.size() == 1);
  CHECK(talk.events[0].text.size() > 450);
  talk.hear("@t=" + std::string(6000, 'y') + " :bob!b@h PRIVMSG #lobby :tagged");
  CHECK(talk.shown() == Lines{"tagged"});
}

TEST_CASE("messages with parameters missing do no harm") {
  for (const auto* command :
       {"001",  "353",    "366",  "433",  "AWAY",    "CAP",  "ERROR", "INVITE", "JOIN", "KICK", "MODE",
        "NICK", "NOTICE", "PART", "PING", "PRIVMSG", "QUIT", "TOPIC", "BATCH",  "PONG", "FAIL"}) {
    CAPTURE(command);
    auto talk = in_lobby();
    CHECK_NOTHROW(talk.hear(command));
    CHECK_NOTHROW(talk.hear(":x!y@z "s + command));
    CHECK_NOTHROW(talk.hear("@label=9;batch=q :x!y@z "s + command + " a"));
    Talk early;
    CHECK_NOTHROW(early.hear(command));
  }
  auto talk = in_lobby();
  talk.hear("");
  talk.hear(" ");
  talk.hear(":only-a-source");
  CHECK(talk.events.empty());
}
