#include "client/input.hpp"

#include <doctest/doctest.h>

using namespace troupe::client;

namespace {

Input understood(std::string_view line) {
  const auto input = parse_input(line);
  REQUIRE_MESSAGE(input, line);
  return *input;
}

std::string refused(std::string_view line) {
  const auto input = parse_input(line);
  REQUIRE_MESSAGE(!input, line);
  return input.error().text;
}

}  // namespace

TEST_CASE("a plain line is said as it stands") {
  CHECK(understood("hello there ") == Input{Verb::say, "", "hello there "});
  CHECK(understood("  indented") == Input{Verb::say, "", "  indented"});
  CHECK(understood("leave me alone") == Input{Verb::say, "", "leave me alone"});
  CHECK(understood("sending") == Input{Verb::say, "", "sending"});
}

TEST_CASE("send says what follows it") {
  CHECK(understood("send hi") == Input{Verb::say, "", "hi"});
  CHECK(understood("send /nick is a command") == Input{Verb::say, "", "/nick is a command"});
  CHECK(refused("send") == "usage: send <message>");
  CHECK(refused(" send  ") == "usage: send <message>");
}

TEST_CASE("leave, /quit and /exit leave") {
  CHECK(understood("leave") == Input{Verb::quit, "", ""});
  CHECK(understood(" leave ") == Input{Verb::quit, "", ""});
  CHECK(understood("/quit see you") == Input{Verb::quit, "", "see you"});
  CHECK(understood("/EXIT") == Input{Verb::quit, "", ""});
}

TEST_CASE("two slashes say one") {
  CHECK(understood("//etc/passwd") == Input{Verb::say, "", "/etc/passwd"});
  CHECK(understood("//") == Input{Verb::say, "", "/"});
}

TEST_CASE("an empty line is nothing") {
  CHECK(understood("").verb == Verb::nothing);
  CHECK(understood(" \t ").verb == Verb::nothing);
}

TEST_CASE("commands take what they need") {
  CHECK(understood("/nick ann") == Input{Verb::nick, "ann", ""});
  CHECK(understood("/list") == Input{Verb::list, "", ""});
  CHECK(understood("/list #a*") == Input{Verb::list, "#a*", ""});
  CHECK(understood("/msg bob  hi there") == Input{Verb::msg, "bob", "hi there"});
  CHECK(understood("/me waves") == Input{Verb::me, "", "waves"});
  CHECK(understood("/whois bob") == Input{Verb::whois, "bob", ""});
  CHECK(understood("/away") == Input{Verb::away, "", ""});
  CHECK(understood("/away out to lunch") == Input{Verb::away, "", "out to lunch"});
  CHECK(understood("/history") == Input{Verb::history, "", "", 50});
  CHECK(understood("/history 7 ") == Input{Verb::history, "", "", 7});
  CHECK(understood("/help") == Input{Verb::help, "", ""});
}

TEST_CASE("rooms get their # where it is clear that a room is meant") {
  CHECK(understood("/join den") == Input{Verb::join, "#den", ""});
  CHECK(understood("/join #den key") == Input{Verb::join, "#den", "key"});
  CHECK(understood("/part") == Input{Verb::part, "", ""});
  CHECK(understood("/part #den bye all") == Input{Verb::part, "#den", "bye all"});
  CHECK(understood("/part bye all") == Input{Verb::part, "", "bye all"});
  CHECK(understood("/topic #den new") == Input{Verb::topic, "#den", "new"});
  CHECK(understood("/topic quiet please") == Input{Verb::topic, "", "quiet please"});
}

TEST_CASE("a command that lacks something, or has too much, says how it is used") {
  CHECK(refused("/nick") == "usage: /nick <name>");
  CHECK(refused("/nick ann bob") == "usage: /nick <name>");
  CHECK(refused("/msg bob") == "usage: /msg <name> <text>");
  CHECK(refused("/me") == "usage: /me <text>");
  CHECK(refused("/join") == "usage: /join <room> [key]");
  CHECK(refused("/join #a b c") == "usage: /join <room> [key]");
  CHECK(refused("/help me") == "usage: /help");
  for (const auto* line : {"/history 0", "/history -1", "/history ten", "/history 10001", "/history 5 6"})
    CHECK(refused(line) == "usage: /history [N]");
}

TEST_CASE("a word that would become a text on the wire is refused") {
  CHECK(refused("/msg :bob hi") == "usage: /msg <name> <text>");
  CHECK(refused("/nick :ann") == "usage: /nick <name>");
  CHECK(refused("/join #a :k") == "usage: /join <room> [key]");
}

TEST_CASE("an unknown command is not said aloud") {
  CHECK(refused("/oper x y") == "there is no command /oper; /help lists them");
  CHECK(refused("/") == "there is no command /; /help lists them");
}
