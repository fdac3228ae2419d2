// What of a channel is shown to whom, and what even an error must not tell.
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

using namespace troupe;
using namespace troupe::test;

namespace {

enum class Kind { open, invite_only, key, secret };

/// mallory is outside of #c, where olga is operator and mia a member. It has a topic, a ban and a past.
struct House : RoomFixture {
  explicit House(Kind kind) {
    gathers("#c", {olga, mia});
    says(olga, "TOPIC #c :the plan");
    says(olga, "MODE #c +b bad!*@secret.example");
    says(olga, "PRIVMSG #c :hello");
    static const std::map<Kind, std::string> modes = {
        {Kind::open, "+n"}, {Kind::invite_only, "+i"}, {Kind::key, "+k key"}, {Kind::secret, "+s"}};
    says(olga, "MODE #c " + modes.at(kind));
    forget();
  }

  Lines answers(ConnectionId who, const std::string& line) {
    forget();
    says(who, line);
    return hears(who).untagged();
  }
  bool shows(ConnectionId who, const std::string& line, std::string_view what) {
    return !answers(who, line).with(what).empty();
  }

  ConnectionId olga = enters("olga", "draft/chathistory batch");
  ConnectionId mia = enters("mia", "draft/chathistory batch");
  ConnectionId mallory = enters("mallory", "draft/chathistory batch multi-prefix userhost-in-names");
};

constexpr std::initializer_list<Kind> kinds = {Kind::open, Kind::invite_only, Kind::key, Kind::secret};

/// A question, and what is in its answer if it tells what it asks for.
struct Question {
  std::string line;
  std::string told;
};

/// What lies open in a channel that anybody may join.
const std::vector<Question> inside = {
    {"LIST", "the plan"},   {"LIST #c", "the plan"}, {"LIST >1", "the plan"},
    {"NAMES #c", " 353 "},  {"WHO #c", " 352 "},     {"WHOIS mia", " 319 "},
    {"MODE #c b", " 367 "}, {"MODE #c +b", " 367 "}, {"WHOIS olga", "@#c"},
};
/// What tells that there is a channel.
const std::vector<Question> existence = {
    {"LIST", " 322 "},         {"LIST #*", " 322 "},         {"MODE #c", " 324 "},
    {"MODE #c", " 329 "},      {"TOPIC #c", " 442 "},        {"TOPIC #c :mine", " 442 "},
    {"MODE #c +m", " 442 "},   {"MODE #c +ov mia", " 442 "}, {"KICK #c mia", " 442 "},
    {"PART #c :bye", " 442 "}, {"INVITE nina #c", " 442 "},  {"PRIVMSG #c :psst", " 404 "},
};

}  // namespace

TEST_CASE("outsiders see into a channel that is open, and into no other") {
  for (const auto kind : kinds) {
    House house(kind);
    for (const auto& question : inside) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(question.line);
      CHECK(house.shows(house.mallory, question.line, question.told) == (kind == Kind::open));
    }
  }
}

TEST_CASE("outsiders are told that there is a channel, unless it is secret") {
  for (const auto kind : kinds) {
    House house(kind);
    house.enters("nina");
    for (const auto& question : existence) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(question.line);
      CHECK(house.shows(house.mallory, question.line, question.told) == (kind != Kind::secret));
    }
  }
}

TEST_CASE("members and operators see all of every channel") {
  for (const auto kind : kinds) {
    House house(kind);
    for (const auto who : {house.mia, house.olga})
      for (const auto& question : inside) {
        CAPTURE(static_cast<int>(kind));
        CAPTURE(question.line);
        CHECK(house.shows(who, question.line, question.told));
      }
    CHECK(house.shows(house.mia, "TOPIC #c", "the plan"));
    CHECK(house.shows(house.mia, "MODE #c", " 324 "));
    CHECK(house.shows(house.mia, "CHATHISTORY LATEST #c * 10", "hello"));
  }
}

TEST_CASE("to outsiders a secret channel answers in everything as one that does not exist") {
  House house(Kind::secret);
  house.enters("nina");
  for (const std::string command : {"LIST #c",
                                    "LIST #c* <5",
                                    "NAMES #c",
                                    "NAMES #C",
                                    "WHO #c",
                                    "TOPIC #c",
                                    "TOPIC #c :x",
                                    "MODE #c",
                                    "MODE #c b",
                                    "MODE #c +k x",
                                    "MODE #c -s+xyz",
                                    "KICK #c mia :x",
                                    "KICK #C nobody",
                                    "PART #c",
                                    "PART #C :x",
                                    "INVITE nina #c",
                                    "INVITE mia #c",
                                    "PRIVMSG #c :x",
                                    "PRIVMSG #C :x",
                                    "NOTICE #c :x",
                                    "CHATHISTORY LATEST #c * 10",
                                    "CHATHISTORY BEFORE #c timestamp=2026-01-01T00:00:00.000Z 10"}) {
    CAPTURE(command);
    auto of_none = command;
    of_none.replace(of_none.find("#") + 1, 1, "x");
    auto expected = house.answers(house.mallory, of_none);
    for (auto& line : expected)
      if (const auto at = line.find("#x"); at != std::string::npos)
        line.replace(at, 2, command.substr(command.find('#'), 2));
    CHECK(house.answers(house.mallory, command) == expected);
  }
}

TEST_CASE("a secret channel's names are marked with @, and shared members see each other") {
  House house(Kind::secret);
  CHECK(house.shows(house.mia, "NAMES #c", ":irc.test 353 mia @ #c :"));
  CHECK(house.shows(house.mia, "WHO olga", ":irc.test 352 mia #c "));
  CHECK(house.shows(house.mallory, "WHO olga", ":irc.test 352 mallory * "));
}

TEST_CASE("a secret channel without +n takes what outsiders say, since its operators want that") {
  House house(Kind::secret);
  house.says(house.olga, "MODE #c -n");
  CHECK(house.answers(house.mallory, "PRIVMSG #c :hi") == Lines{});
  CHECK(house.hears(house.mia) == Lines{":mallory!mallory@host PRIVMSG #c :hi"});
}

TEST_CASE("a banned member reads nothing of the past, unless it has a rank") {
  House house(Kind::open);
  house.says(house.olga, "MODE #c +b mia");
  CHECK(house.answers(house.mia, "CHATHISTORY LATEST #c * 10") ==
        Lines{":irc.test FAIL CHATHISTORY INVALID_TARGET LATEST #c :Messages could not be retrieved"});
  const std::string targets =
      "CHATHISTORY TARGETS timestamp=2020-01-01T00:00:00.000Z timestamp=2030-01-01T00:00:00.000Z 10";
  CHECK_FALSE(house.shows(house.mia, targets, "#c"));
  house.says(house.olga, "MODE #c +v mia");
  CHECK(house.shows(house.mia, "CHATHISTORY LATEST #c * 10", "hello"));
  CHECK(house.shows(house.mia, targets, "#c"));
}

TEST_CASE("who is banned and invited all the same is replayed nothing") {
  House house(Kind::open);
  const auto nina = house.enters("nina", "server-time");
  house.says(house.olga, "MODE #c +b nina");
  house.says(house.olga, "INVITE nina #c");
  CHECK_FALSE(house.shows(nina, "JOIN #c", "hello"));
  const auto rita = house.enters("rita", "server-time");
  CHECK(house.shows(rita, "JOIN #c", "hello"));
}

TEST_CASE("a banned member keeps its nick until it has left or is let speak") {
  House house(Kind::open);
  house.says(house.olga, "MODE #c +b mia");
  CHECK(house.answers(house.mia, "NICK mimi") ==
        Lines{":irc.test 435 mia mimi #c :Cannot change nickname while banned on channel"});
  house.says(house.olga, "MODE #c +v mia");
  CHECK(house.shows(house.mia, "NICK mimi", " NICK mimi"));
  house.says(house.olga, "MODE #c -v+b mimi mimi");
  CHECK(house.shows(house.mia, "NICK mia", " 435 "));
  house.says(house.mia, "PART #c");
  CHECK(house.shows(house.mia, "NICK mia", " NICK mia"));
}
