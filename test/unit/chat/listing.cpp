// LIST.
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

using namespace troupe;
using namespace troupe::test;

namespace {

/// Three channels: #one with a member and a topic, #two with two, #three with three.
struct Channels : RoomFixture {
  Channels() {
    gathers("#one", {alice});
    gathers("#Two", {alice, bob});
    gathers("#three", {alice, bob, carol});
    says(alice, "TOPIC #one :One and only");
    forget();
  }

  /// What alice is shown between 321 and 323, without ":irc.test 322 alice ".
  Lines lists(std::string_view what) {
    says(alice, std::string{"LIST "}.append(what));
    auto lines = hears(alice);
    REQUIRE(lines.size() >= 2);
    CHECK(lines.front() == ":irc.test 321 alice Channel :Users  Name");
    CHECK(lines.back() == ":irc.test 323 alice :End of /LIST");
    Lines shown;
    for (auto& line : Lines(lines.begin() + 1, lines.end() - 1)) {
      CHECK(line.starts_with(":irc.test 322 alice "));
      shown.push_back(line.substr(20));
    }
    return shown.sorted();
  }

  ConnectionId alice = enters("alice");
  ConnectionId bob = enters("bob");
  ConnectionId carol = enters("carol");
};

const std::string one = "#one 1 :One and only";
const std::string two = "#Two 2 :";
const std::string three = "#three 3 :";

}  // namespace

TEST_CASE_FIXTURE(Channels, "LIST shows all channels with their numbers of members and topics") {
  CHECK(lists("") == Lines{two, one, three});
}

TEST_CASE_FIXTURE(Channels,
                  "LIST shows the channels that are asked for, in any case, and is silent of others") {
  CHECK(lists("#TWO") == Lines{two});
  CHECK(lists("#one,#two,#nowhere,x") == Lines{two, one});
}

TEST_CASE_FIXTURE(Channels, "LIST with masks shows the channels that match one of them, each once") {
  CHECK(lists("#t*") == Lines{two, three});
  CHECK(lists("#???") == Lines{two, one});
  CHECK(lists("*e,#o*,#one") == Lines{one, three});
  CHECK(lists("nothing*") == Lines{});
}

TEST_CASE_FIXTURE(Channels, "LIST with >n or <n shows the channels with more or fewer members") {
  CHECK(lists(">1") == Lines{two, three});
  CHECK(lists("<2") == Lines{one});
  CHECK(lists(">3") == Lines{});
}

TEST_CASE_FIXTURE(Channels, "LIST with several conditions shows the channels for which all hold, each once") {
  CHECK(lists(">1,<3") == Lines{two});
  CHECK(lists(">0,<9") == Lines{two, one, three});
  CHECK(lists("#t*,>2") == Lines{three});
}

TEST_CASE_FIXTURE(Channels, "LIST with channels and conditions filters the channels by the conditions") {
  CHECK(lists("#one,#two >1") == Lines{two});
  CHECK(lists("#t* <3") == Lines{two});
}

TEST_CASE_FIXTURE(Channels, "LIST's second parameter says how many members, and names no channels") {
  CHECK(lists("#t* x,>2,#one") == Lines{three});
  CHECK(lists("* irc.test") == Lines{two, one, three});
}

TEST_CASE_FIXTURE(Channels, "long masks take more turns than short ones: comparing them takes longer") {
  for (int i = 0; i < 90; ++i)
    for (const auto who : {alice, bob, carol})
      says(who, "JOIN #" + std::to_string(static_cast<std::uint64_t>(who)) + "abcdefghijklmnopqrstuvwxyz" +
                    std::to_string(i));
  forget();
  const auto turns = [&](std::size_t length) {
    std::string masks;
    for (char letter = 's'; letter <= 'z'; ++letter)
      masks.append(masks.empty() ? "" : ",").append("*").append(length, letter);
    says(alice, "LIST " + masks);
    std::size_t count = 0;
    for (; chat.has_more(); ++count) chat.go_on(now);
    forget();
    return count;
  };
  CHECK(turns(50) > 3 * turns(1));
}
