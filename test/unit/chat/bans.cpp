// MODE +b: whom it holds, and what it costs to find that out.
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

using namespace troupe;
using namespace troupe::test;

namespace {

/// alice is operator wherever bob is a member.
struct Bans : RoomFixture {
  Bans() { gathers("#a", {alice, bob}); }

  bool may_speak(ConnectionId who) {
    forget();
    says(who, "PRIVMSG #a :hi");
    return hears(who).with(" 404 ").empty();
  }

  /// A hundred channels with a hundred bans each, none of which holds anybody.
  void bans_everywhere() {
    says(alice, "PART #a");
    says(bob, "PART #a");
    for (std::size_t i = 0; i < protocol::limits::channels; ++i) {
      const auto channel = "#" + std::to_string(i);
      for (const auto who : {alice, bob}) says(who, "JOIN " + channel);
      for (std::size_t j = 0; j < protocol::limits::bans; ++j)
        says(alice, "MODE " + channel + " +b *x" + std::to_string(j));
      forget();
    }
  }

  /// In how many portions more somebody's command is carried out.
  std::size_t portions(ConnectionId who, std::string_view line) {
    says(who, line);
    std::size_t count = 0;
    for (; chat.has_more(); ++count) chat.go_on(now);
    return count;
  }

  ConnectionId alice = enters("alice");
  ConnectionId bob = enters("bob", "draft/chathistory");
};

// A portion ends behind the channel whose masks make it full.
constexpr auto at_a_time = Turn::most_work / protocol::limits::bans + 1;
constexpr auto all = protocol::limits::channels / at_a_time;

}  // namespace

TEST_CASE_FIXTURE(Bans, "a member is held by any ban that stands, and by none that is gone") {
  CHECK(may_speak(bob));
  says(alice, "MODE #a +b carol");
  CHECK(may_speak(bob));
  says(alice, "MODE #a +b bob");
  CHECK_FALSE(may_speak(bob));
  says(alice, "MODE #a +b *!*@host");
  says(alice, "MODE #a -b bob");
  CHECK_FALSE(may_speak(bob));
  says(alice, "MODE #a -b carol");
  CHECK_FALSE(may_speak(bob));
  says(alice, "MODE #a -b *!*@host");
  CHECK(may_speak(bob));
  says(alice, "MODE #a +b b*");
  CHECK_FALSE(may_speak(bob));
  says(alice, "MODE #a +v bob");
  CHECK(may_speak(bob));
}

TEST_CASE_FIXTURE(Bans, "another nick may be held by a ban, or set free by its being gone") {
  says(alice, "MODE #a +b robert");
  CHECK(may_speak(bob));
  says(bob, "NICK robert");
  CHECK_FALSE(may_speak(bob));
  says(bob, "NICK rob");
  CHECK(hears(bob).with(" 435 ").size() == 1);
  says(alice, "MODE #a +v robert");
  says(bob, "NICK rob");
  says(alice, "MODE #a -v rob");
  CHECK(may_speak(bob));
}

TEST_CASE_FIXTURE(Bans, "NICK looks at the bans of a hundred channels in portions") {
  bans_everywhere();
  CHECK(portions(bob, "NICK robert") >= all);
  CHECK(hears(bob) == Lines{":bob!bob@host NICK robert"});
  CHECK(portions(bob, "NICK bob") >= all);
}

TEST_CASE_FIXTURE(Bans, "CHATHISTORY TARGETS does so as well, and once") {
  bans_everywhere();
  const std::string targets =
      "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z "
      "timestamp=2100-01-01T00:00:00.000Z 9";
  CHECK(portions(bob, targets) >= all);
  CHECK(portions(bob, targets) == 0);
  says(alice, "MODE #7 +b more");
  says(alice, "MODE #7 -b *x7");
  says(alice, "MODE #7 +b more");
  CHECK(portions(bob, targets) == 0);
}

TEST_CASE_FIXTURE(Bans, "a nick that somebody took meanwhile is not taken twice") {
  bans_everywhere();
  says(bob, "NICK carol");
  const auto carol = enters("carol");
  CHECK(hears(bob) == Lines{":irc.test 433 bob carol :Nickname is already in use"});
  says(carol, "PING x");
  CHECK(hears(carol).size() == 1);
}

TEST_CASE_FIXTURE(Bans, "who may not speak says nothing by a reason for leaving, nor by a topic") {
  const auto parts = [&] {
    forget();
    says(bob, "PART #a :spam");
    const auto heard = hears(alice);
    says(bob, "JOIN #a");
    return heard;
  };
  CHECK(parts() == Lines{":bob!bob@host PART #a :spam"});
  says(alice, "MODE #a -t+m");
  CHECK(parts() == Lines{":bob!bob@host PART #a"});
  says(alice, "MODE #a -m");
  says(alice, "MODE #a +b bob");
  forget();
  says(bob, "TOPIC #a :spam");
  CHECK(hears(bob) == Lines{":irc.test 404 bob #a :Cannot send to channel"});
  CHECK(hears(alice) == Lines{});
  CHECK(parts() == Lines{":bob!bob@host PART #a"});
}
