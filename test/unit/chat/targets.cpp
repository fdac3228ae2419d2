// Commands with several targets: how many, and each once.
#include "chat/command_table.hpp"
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

using namespace troupe;
using namespace troupe::test;

namespace {

struct Crowd : RoomFixture {
  Crowd() {
    for (std::size_t i = 0; i < 60; ++i) enters("user" + std::to_string(i));
    gathers("#a", {alice});
  }

  Lines answers(const std::string& line) {
    forget();
    says(alice, line);
    return hears(alice);
  }

  ConnectionId alice = enters("alice");
};

/// "x0,x1,…"
std::string list(std::string_view name, std::size_t count) {
  std::string names;
  for (std::size_t i = 0; i < count; ++i)
    names.append(i > 0 ? "," : "").append(name).append(std::to_string(i));
  return names;
}

}  // namespace

TEST_CASE_FIXTURE(Crowd,
                  "every command with a limit of targets serves as many, and says 407 to the next one") {
  std::size_t commands = 0;
  for (const auto& command : command_table()) {
    const std::size_t most = command.targets.most;
    if (most == 0) continue;
    ++commands;
    CAPTURE(command.name);
    const bool nicks = command.name == "WHOIS" || command.name == "KICK";
    const std::string before = command.targets.parameter == 1 ? " #a " : " ";
    const auto line = [&](std::size_t count) {
      return std::string{command.name} + before + list(nicks ? "user" : "#", count) +
             (command.name == "LIST" ? "" : " :x");
    };
    if (command.name == "WHOIS") continue;  // below
    if (command.name == "TAGMSG") says(alice, "CAP REQ message-tags");
    CHECK(answers(line(most)).with(" 407 ").empty());
    const auto refused = answers(line(most + 1)).with(" 407 ");
    if (command.name == "NOTICE")
      CHECK(refused.empty());  // never answered by an error
    else
      CHECK(refused.size() == 1);
  }
  CHECK(commands == 9);
}

TEST_CASE_FIXTURE(Crowd, "WHOIS of several gets 407") {
  CHECK(answers("WHOIS user1,user2") == Lines{":irc.test 407 alice user2 :Too many targets"});
}

TEST_CASE_FIXTURE(Crowd, "a target that is named twice is served once, whatever its case") {
  CHECK(answers("NAMES #a,#A,#a").with(" 366 ").size() == 1);
  CHECK(answers("JOIN #b,#B,#b").with(" JOIN ").size() == 1);
  CHECK(answers("PART #b,#B").size() == 1);
  CHECK(answers("NAMES " + times(160, "#a,") + "#a").size() == 2);
}

TEST_CASE_FIXTURE(Crowd, "keys of JOIN belong to the channels at their places, named twice or not") {
  const auto bob = enters("bob");
  says(bob, "JOIN #k");
  says(bob, "MODE #k +k two");
  CHECK(answers("JOIN #x,#x,#k one,one,two").with(" JOIN #k").size() == 1);
}

TEST_CASE_FIXTURE(Crowd,
                  "LIST with more masks than its limit is refused, with the same ones again it is not") {
  CHECK(answers("LIST *a*,*b*,*c*,*d*,*e*,*f*,*g*,*h*,*i*") ==
        Lines{":irc.test 407 alice *i* :Too many masks"});
  CHECK(answers("LIST " + times(40, "*a*,") + "*A*").with(" 322 ").size() == 1);
}
