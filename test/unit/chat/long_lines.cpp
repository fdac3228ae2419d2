// Nothing is ever cut: what is too long for a line is split, or refused.
#include "chat/cap.hpp"
#include "chat/command_table.hpp"
#include "protocol/text.hpp"
#include "test/unit/chat/fixture.hpp"
#include "test/unit/chat/session_fixture.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace troupe;
using namespace troupe::test;

namespace {

/// The longest names there may be, so that every line has the least room.
struct LongNames : RoomFixture {
  LongNames()
      : RoomFixture([](RoomConfig& config) {
          config.server_name = times(63, "s");
          config.network_name = times(63, "n");
          config.motd = {"short", times(400, "ü"), ""};
        }) {}

  ConnectionId enters_long(std::string_view nick, std::string_view names = {}) {
    const auto id =
        enters({std::string{nick}, times(20, "u"), times(150, "r"), times(63, "h"), {capabilities(names)}});
    settles();
    REQUIRE(standing(id) == Standing::entered);
    return id;
  }
};

/// A line that was too long, and so was cut, ends with "…" (see Line::write).
void check_whole(const Lines& lines) {
  for (const auto& line : lines.untagged()) {
    CAPTURE(line);
    CHECK(line.size() <= 510);
    CHECK_FALSE(line.ends_with("…"));
  }
}

/// A parameter of any length, with a taste for what commands understand.
std::string random_parameter(std::mt19937& random) {
  const auto pick = [&](std::size_t many) { return random() % many; };
  static const std::vector<std::string> starts = {
      "",    "#",      "#a",      "a",          times(30, "n"), times(30, "m"), "+b", "+k", "+ov",
      "-k",  "LATEST", "TARGETS", "timestamp=", "LS",           "REQ",          ":",  "0",  "*",
      "REQ", ">1",     "b",       "ü"};
  static const std::vector<std::string> fills = {"x", "ü", ",", "a,", "x ", "b", "#a,", "*", "bb!"};
  auto parameter = starts[pick(starts.size())];
  const auto& fill = fills[pick(fills.size())];
  for (auto size = pick(3) == 0 ? pick(500) : pick(8); parameter.size() < size;) parameter += fill;
  return parameter;
}

std::string random_line(std::mt19937& random, std::string_view command) {
  std::string line{command};
  const auto parameters = random() % 5;
  for (std::size_t i = 0; i < parameters && line.size() < 500; ++i) {
    const auto parameter = random_parameter(random);
    const bool last = i + 1 == parameters;
    line += last ? " :" : " ";
    for (const char c : parameter)
      if (last || c != ' ') line += c;
  }
  return std::string{protocol::cut(line, 510)};
}

}  // namespace

TEST_CASE("whatever parameters any command has, no line that comes of it is cut") {
  std::mt19937 random{2026};
  LongNames room;
  const std::string_view all = "labeled-response batch echo-message message-tags setname draft/chathistory";
  const auto nick = times(30, "n");
  const auto peer = times(30, "m");
  auto one = room.enters_long(nick, all);
  const auto two = room.enters_long(peer, "userhost-in-names multi-prefix standard-replies");
  check_whole(room.hears(one));
  const auto channel = "#" + times(63, "c");
  for (int round = 0; round < 150; ++round)
    for (const auto& command : command_table()) {
      if (command.name == "QUIT") continue;
      for (const auto who : {one, two}) {
        const auto line = random_line(random, command.name);
        CAPTURE(line);
        room.says(who, line);
        if (random() % 4 == 0) room.says(who, "JOIN " + channel + ",#a");
        if (random() % 8 == 0)
          room.says(who, std::string{command.name} + " " + channel + " :" + times(400, "x"));
        if (random() % 8 == 0) room.says(who, "AWAY :" + times(400, "x"));
        check_whole(room.hears(one));
        check_whole(room.hears(two));
      }
    }
}

TEST_CASE("whatever a client says before it is registered, no line that it is answered is cut") {
  std::mt19937 random{2027};
  for (int round = 0; round < 100; ++round) {
    SessionFixture client([](Rules& rules) {
      rules.server_name = times(63, "s");
      rules.rate = 0;
    });
    for (const auto& command : command_table()) {
      const auto line = random_line(random, command.name);
      CAPTURE(line);
      client.sends(line);
      check_whole(client.gets());
    }
  }
}

TEST_CASE("a long message of the day comes in as many lines as it needs") {
  LongNames room;
  const auto alice = room.enters_long("alice");
  room.forget();
  room.says(alice, "MOTD");
  std::string text;
  for (const auto& line : room.hears(alice).with(" 372 ")) text += line.substr(line.find(":- ") + 3);
  CHECK(text == "short" + times(400, "ü"));
}

TEST_CASE("ISON tells of everybody who is asked for, in as many lines as it needs") {
  LongNames room;
  Lines nicks;
  for (char c = 'a'; c < 'a' + 16; ++c) nicks.push_back(times(30, std::string{c}));
  ConnectionId last{};
  for (const auto& nick : nicks) last = room.enters_long(nick);
  room.forget();
  std::string asked;
  for (const auto& nick : nicks) asked += " " + nick;
  room.says(last, "ISON" + asked);
  std::string told;
  const auto lines = room.hears(last);
  CHECK(lines.size() == 2);
  check_whole(lines);
  for (const auto& line : lines) told += " " + line.substr(line.find(" :", 1) + 2);
  CHECK(told == asked);
}

TEST_CASE("a list of capabilities has several lines for who asked for version 302, and else one") {
  std::string all = "example.org/capability-0";
  for (int i = 1; i < 80; ++i) all += " example.org/capability-" + std::to_string(i);
  const auto listed = [&](bool cap_302) {
    Response response("irc.test", {});
    list_capabilities(response, Line("irc.test", "CAP").param("alice").param("LS"), all, cap_302);
    return lines_of(response.when_kept(Shape::plain, {}));
  };
  const auto lines = listed(true);
  check_whole(lines);
  CHECK(lines.size() > 3);
  std::string told;
  for (const auto& line : lines) {
    const std::string head =
        &line == &lines.back() ? ":irc.test CAP alice LS :" : ":irc.test CAP alice LS * :";
    CHECK(line.starts_with(head));
    told += (told.empty() ? "" : " ") + line.substr(head.size());
  }
  CHECK(told == all);

  const auto one = listed(false);
  CHECK(one.size() == 1);
  check_whole(one);
  CHECK(all.starts_with(one.front().substr(one.front().find(" :", 1) + 2) + " "));
}

TEST_CASE("a request for capabilities that is too long to be repeated changes nothing, and gets 417") {
  LongNames room;
  const auto alice = room.enters_long("alice");
  room.forget();
  room.says(alice, "CAP REQ :batch" + times(480, " "));
  room.says(alice, "CAP LIST");
  const auto lines = room.hears(alice);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].ends_with(" 417 alice :Request is too long"));
  CHECK(lines[1].ends_with(" CAP alice LIST :"));
}

TEST_CASE("a token of PING that is too long to be repeated gets 417") {
  LongNames room;
  const auto alice = room.enters_long("alice");
  room.forget();
  room.says(alice, "PING :" + times(500, "x"));
  CHECK(room.hears(alice).with(" 417 alice :").size() == 1);
}
