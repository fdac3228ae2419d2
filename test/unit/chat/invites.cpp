// INVITE and KICK.
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

using namespace troupe;
using namespace troupe::test;

namespace {

/// alice is operator of #a, bob is a member, carol is outside.
struct Party : RoomFixture {
  Party() { gathers("#a", {alice, bob}); }

  Lines answers(ConnectionId who, std::string_view line) {
    says(who, line);
    return hears(who);
  }

  ConnectionId alice = enters("alice");
  ConnectionId bob = enters("bob", "invite-notify");
  ConnectionId carol = enters("carol");
};

}  // namespace

// -- INVITE ------------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Party, "the invited user is told, the inviter gets 341, and other members hear nothing") {
  CHECK(answers(alice, "INVITE Carol #A") == Lines{":irc.test 341 alice carol #a"});
  CHECK(hears(carol) == Lines{":alice!alice@host INVITE carol #a"});
  CHECK(hears(bob) == Lines{});
}

TEST_CASE_FIXTURE(Party, "operators who negotiated invite-notify are told of an invitation, once") {
  says(alice, "MODE #a +o bob");
  forget();
  says(alice, "INVITE carol #a");
  CHECK(hears(bob) == Lines{":alice!alice@host INVITE carol #a"});
  CHECK(answers(bob, "INVITE carol #a") == Lines{":irc.test 341 bob carol #a"});
  CHECK(hears(alice) == Lines{":irc.test 341 alice carol #a"});
}

TEST_CASE_FIXTURE(Party, "an operator's invitation opens the channel whatever bars it, once") {
  for (const std::string bar : {"+i", "+b carol", "+k key", "+l 1"}) {
    CAPTURE(bar);
    says(alice, "MODE #a " + bar);
    says(alice, "INVITE carol #a");
    forget();
    CHECK(answers(carol, "JOIN #a").front() == ":carol!carol@host JOIN #a");
    says(carol, "PART #a");
    forget();
    CHECK(answers(carol, "JOIN #a").front().find("Cannot join channel") != std::string::npos);
    says(alice, "MODE #a -ilkb * carol");
    forget();
  }
}

TEST_CASE_FIXTURE(Party, "a member's invitation tells of the channel, but opens nothing") {
  CHECK(answers(bob, "INVITE carol #a") == Lines{":irc.test 341 bob carol #a"});
  CHECK(hears(carol) == Lines{":bob!bob@host INVITE carol #a"});
  says(alice, "MODE #a +i");
  CHECK(answers(carol, "JOIN #a") == Lines{":irc.test 473 carol #a :Cannot join channel (+i)"});
}

TEST_CASE_FIXTURE(Party, "into an invite-only channel only operators invite") {
  says(alice, "MODE #a +i");
  forget();
  CHECK(answers(bob, "INVITE carol #a") == Lines{":irc.test 482 bob #a :You're not channel operator"});
  CHECK(hears(carol) == Lines{});
}

TEST_CASE_FIXTURE(Party, "INVITE of nobody gets 401, to nowhere 403, from outside 442, of a member 443") {
  CHECK(answers(alice, "INVITE nobody #a") == Lines{":irc.test 401 alice nobody :No such nick"});
  CHECK(answers(alice, "INVITE carol #nowhere") == Lines{":irc.test 403 alice #nowhere :No such channel"});
  CHECK(answers(carol, "INVITE carol #a") == Lines{":irc.test 442 carol #a :You're not on that channel"});
  CHECK(answers(alice, "INVITE bob #a") == Lines{":irc.test 443 alice bob #a :is already on channel"});
  CHECK(hears(bob) == Lines{});
}

TEST_CASE_FIXTURE(Party, "whoever invites somebody who is away is told so") {
  says(carol, "AWAY :Lunch");
  CHECK(answers(alice, "INVITE carol #a") ==
        Lines{":irc.test 341 alice carol #a", ":irc.test 301 alice carol :Lunch"});
}

TEST_CASE_FIXTURE(Party, "INVITE alone lists the invitations that stand, in the order in which they came") {
  CHECK(answers(carol, "INVITE") == Lines{":irc.test 337 carol :End of /INVITE list"});
  gathers("#Z,#b", {alice});
  for (const auto channel : {"#z", "#a", "#b", "#z"})
    says(alice, std::string{"INVITE carol "}.append(channel));
  forget();
  CHECK(answers(carol, "INVITE") == Lines{":irc.test 336 carol #Z", ":irc.test 336 carol #a",
                                          ":irc.test 336 carol #b",
                                          ":irc.test 337 carol :End of /INVITE list"});
  says(carol, "JOIN #a");
  forget();
  CHECK(answers(carol, "INVITE") == Lines{":irc.test 336 carol #Z", ":irc.test 336 carol #b",
                                          ":irc.test 337 carol :End of /INVITE list"});
}

TEST_CASE_FIXTURE(Party, "an invitation ends with its channel: it opens no later one of the same name") {
  says(alice, "INVITE carol #a");
  says(alice, "PART #a");
  says(bob, "PART #a");
  says(bob, "JOIN #a");
  says(bob, "MODE #a +i");
  forget();
  CHECK(answers(carol, "INVITE") == Lines{":irc.test 337 carol :End of /INVITE list"});
  CHECK(answers(carol, "JOIN #a") == Lines{":irc.test 473 carol #a :Cannot join channel (+i)"});
}

TEST_CASE_FIXTURE(Party, "an invitation goes with the user, not with the nick") {
  says(alice, "MODE #a +i");
  says(alice, "INVITE carol #a");
  says(carol, "NICK caroline");
  const auto second = enters("carol");
  CHECK(answers(second, "JOIN #a") == Lines{":irc.test 473 carol #a :Cannot join channel (+i)"});
  leaves(second);
  forget();
  CHECK(answers(carol, "JOIN #a").front() == ":caroline!carol@host JOIN #a");
}

TEST_CASE_FIXTURE(Party, "an invited user may leave, and the channel end after it") {
  says(alice, "INVITE carol #a");
  leaves(carol);
  says(alice, "PART #a");
  says(bob, "PART #a");
  CHECK(hears(bob).back() == ":bob!bob@host PART #a");
}

TEST_CASE_FIXTURE(Party,
                  "strangers' invitations reach somebody a few at a time; the others' senders get 263") {
  std::size_t refused = 0;
  for (int i = 0; i < 20; ++i) {
    const auto nick = "stranger" + std::to_string(i);
    const auto stranger = enters(nick);
    says(stranger, "JOIN #s" + std::to_string(i));
    forget();
    for (int j = 0; j < 2; ++j)
      refused += !answers(stranger, "INVITE carol #s" + std::to_string(i)).with(" 263 ").empty();
  }
  CHECK(refused == 35);
  const auto last = enters("last");
  says(last, "JOIN #last");
  forget();
  CHECK(answers(last, "INVITE carol #last") ==
        Lines{":irc.test 263 last INVITE :carol has been invited too often, please try again later"});
  CHECK(hears(carol) == Lines{});
  now += std::chrono::seconds{30};
  CHECK(answers(last, "INVITE carol #last") == Lines{":irc.test 341 last carol #last"});
}

TEST_CASE_FIXTURE(Party, "who shares a channel with somebody is no stranger") {
  gathers("#b", {alice, carol});
  for (int i = 0; i < 20; ++i) CHECK(answers(alice, "INVITE carol #a").with(" 341 ").size() == 1);
}

TEST_CASE_FIXTURE(Party, "whoever shares a channel with somebody invites it twenty times at once, not more") {
  gathers("#b", {alice, carol});
  std::size_t refused = 0;
  for (int i = 0; i < 30; ++i) refused += !answers(alice, "INVITE carol #a").with(" 263 ").empty();
  CHECK(refused == 10);
  CHECK(hears(carol).size() == 20);
  // Strangers have their own share.
  says(bob, "JOIN #bobs");
  forget();
  CHECK(answers(bob, "INVITE carol #bobs").with(" 341 ").size() == 1);
  now += std::chrono::seconds{5};
  CHECK(answers(alice, "INVITE carol #a").with(" 341 ").size() == 1);
}

TEST_CASE_FIXTURE(Party, "of too many invitations that stand the oldest one ends") {
  gathers("#common", {alice, carol});
  says(alice, "MODE #a +i");
  says(alice, "INVITE carol #a");
  for (std::size_t i = 0; i < protocol::limits::invitations; ++i) {
    const auto name = "#" + std::to_string(i);
    says(alice, "JOIN " + name);
    now += std::chrono::seconds{5};
    says(alice, "INVITE carol " + name);
  }
  forget();
  CHECK(answers(carol, "INVITE").with(" 336 ").size() == protocol::limits::invitations);
  CHECK(answers(carol, "JOIN #a").with(" 473 ").size() == 1);
}

// -- KICK --------------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Party, "a kick is told to all members and to the one kicked, who is out then") {
  gathers("#a", {carol});
  says(alice, "KICK #A BOB :Be nice");
  const Lines told{":alice!alice@host KICK #a bob :Be nice"};
  CHECK(hears(alice) == told);
  CHECK(hears(bob) == told);
  CHECK(hears(carol) == told);
  CHECK(answers(bob, "PRIVMSG #a :but") == Lines{":irc.test 404 bob #a :Cannot send to channel"});
  CHECK(answers(bob, "JOIN #a").front() == ":bob!bob@host JOIN #a");
}

TEST_CASE_FIXTURE(Party, "a kick without a comment, or with an empty one, has the kicker's nick for one") {
  gathers("#a", {carol});
  CHECK(answers(alice, "KICK #a bob") == Lines{":alice!alice@host KICK #a bob :alice"});
  CHECK(answers(alice, "KICK #a carol :") == Lines{":alice!alice@host KICK #a carol :alice"});
}

TEST_CASE_FIXTURE(Party, "a kick's comment is cut to KICKLEN at a character") {
  CHECK(answers(alice, "KICK #a bob :" + times(249, "c") + "ü") ==
        Lines{":alice!alice@host KICK #a bob :" + times(249, "c")});
}

TEST_CASE_FIXTURE(
    Party, "several are kicked, each once, with a line and the comment for each; who is not there gets 441") {
  gathers("#a", {carol});
  CHECK(answers(alice, "KICK #a bob,nobody,BOB,carol :out") ==
        Lines{":alice!alice@host KICK #a bob :out",  //
              ":irc.test 441 alice nobody #a :They aren't on that channel",
              ":alice!alice@host KICK #a carol :out"});
  CHECK(hears(bob) == Lines{":alice!alice@host KICK #a bob :out"});
  CHECK(hears(carol) == Lines{":alice!alice@host KICK #a bob :out", ":alice!alice@host KICK #a carol :out"});
}

TEST_CASE_FIXTURE(Party, "whoever kicks itself kicks nobody after that") {
  CHECK(answers(alice, "KICK #a alice,bob") == Lines{":alice!alice@host KICK #a alice :alice"});
  CHECK(answers(bob, "NAMES #a").back() == ":irc.test 366 bob #a :End of /NAMES list");
  CHECK(answers(bob, "NAMES #a").front() == ":irc.test 353 bob = #a :bob");
}

TEST_CASE_FIXTURE(Party, "the last member may kick itself, and the channel ends") {
  gathers("#mine", {carol});
  CHECK(answers(carol, "KICK #mine carol,alice") == Lines{":carol!carol@host KICK #mine carol :carol"});
  CHECK(answers(carol, "MODE #mine") == Lines{":irc.test 403 carol #mine :No such channel"});
}

TEST_CASE_FIXTURE(Party, "KICK of a member gets 482, from outside 442, from nowhere 403") {
  CHECK(answers(bob, "KICK #a alice") == Lines{":irc.test 482 bob #a :You're not channel operator"});
  CHECK(answers(carol, "KICK #a alice") == Lines{":irc.test 442 carol #a :You're not on that channel"});
  CHECK(answers(carol, "KICK #nowhere alice") == Lines{":irc.test 403 carol #nowhere :No such channel"});
  CHECK(hears(alice) == Lines{});
}
