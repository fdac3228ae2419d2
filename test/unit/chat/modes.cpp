// MODE, and what modes and bans do to joining. (What they do to speaking: messages.cpp.)
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

using namespace troupe;
using namespace troupe::test;

namespace {

/// alice is operator of #a, bob is a member, carol is outside.
struct Party : RoomFixture {
  Party() { gathers("#a", {alice, bob}); }

  /// Says a line, and what comes of it for the one who said it.
  Lines answers(ConnectionId who, std::string_view line) {
    says(who, line);
    return hears(who);
  }

  /// alice changes modes, and all have heard of it.
  void sets(std::string_view modes) {
    says(alice, std::string{"MODE #a "}.append(modes));
    forget();
  }

  ConnectionId alice = enters("alice");
  ConnectionId bob = enters("bob");
  ConnectionId carol = enters("carol");
};

}  // namespace

// -- asking ------------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Party, "MODE of a channel shows its modes and when it was created") {
  CHECK(answers(carol, "MODE #A") ==
        Lines{":irc.test 324 carol #a +nt", ":irc.test 329 carol #a 1769860800"});
  sets("-nt");
  CHECK(answers(bob, "MODE #a").front() == ":irc.test 324 bob #a +");
}

TEST_CASE_FIXTURE(Party, "key and limit are shown to members only") {
  sets("+imkl key 7");
  CHECK(answers(bob, "MODE #a").front() == ":irc.test 324 bob #a +imntkl key 7");
  CHECK(answers(carol, "MODE #a").front() == ":irc.test 324 carol #a +imntkl");
}

TEST_CASE_FIXTURE(Party, "MODE of a channel that is not there gets 403") {
  CHECK(answers(bob, "MODE #nowhere") == Lines{":irc.test 403 bob #nowhere :No such channel"});
  CHECK(answers(bob, "MODE #nowhere +m") == Lines{":irc.test 403 bob #nowhere :No such channel"});
}

// -- changing ----------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Party, "all members are told what changed, in one line") {
  says(alice, "MODE #a +imk-n+l key 7");
  const Lines told{":alice!alice@host MODE #a +imk-n+l key 7"};
  CHECK(hears(alice) == told);
  CHECK(hears(bob) == told);
  CHECK(hears(carol) == Lines{});
}

TEST_CASE_FIXTURE(Party, "what changes nothing is not told") {
  CHECK(answers(alice, "MODE #a +nt-imkl *") == Lines{});
  CHECK(answers(alice, "MODE #a +nm") == Lines{":alice!alice@host MODE #a +m"});
  CHECK(answers(alice, "MODE #a +k key") == Lines{":alice!alice@host MODE #a +k key"});
  CHECK(answers(alice, "MODE #a +k key") == Lines{});
  CHECK(answers(alice, "MODE #a +l 7") == Lines{":alice!alice@host MODE #a +l 7"});
  CHECK(answers(alice, "MODE #a +l 7") == Lines{});
  CHECK(answers(alice, "MODE #a +") == Lines{});
}

TEST_CASE_FIXTURE(Party, "only operators change modes: members get 482, others 442, and nothing is changed") {
  for (const std::string modes :
       {"+m", "-n", "+k key", "+k", "+l x", "+k :not good", "+o bob", "+b x", "-b x"}) {
    CAPTURE(modes);
    CHECK(answers(bob, "MODE #a " + modes) == Lines{":irc.test 482 bob #a :You're not channel operator"});
    CHECK(answers(carol, "MODE #a " + modes) == Lines{":irc.test 442 carol #a :You're not on that channel"});
  }
  CHECK(answers(alice, "MODE #a").front() == ":irc.test 324 alice #a +nt");
}

TEST_CASE_FIXTURE(Party, "an unknown mode gets 472, once, and the others are changed") {
  CHECK(answers(alice, "MODE #a +xmxZ") == Lines{":irc.test 472 alice x :is unknown mode char to me",
                                                 ":irc.test 472 alice Z :is unknown mode char to me",
                                                 ":alice!alice@host MODE #a +m"});
}

TEST_CASE_FIXTURE(Party, "a mode without the parameter that it needs gets 696, and the others are changed") {
  CHECK(
      answers(alice, "MODE #a +mkl key") ==
      Lines{":irc.test 696 alice #a l * :You must specify a parameter", ":alice!alice@host MODE #a +mk key"});
  CHECK(answers(alice, "MODE #a +o") == Lines{":irc.test 696 alice #a o * :You must specify a parameter"});
}

TEST_CASE_FIXTURE(Party, "an invalid key gets 525, an invalid limit or mask 696") {
  CHECK(answers(alice, "MODE #a +k a,b") == Lines{":irc.test 525 alice #a :Key is not well-formed"});
  CHECK(answers(alice, "MODE #a +l 0") ==
        Lines{":irc.test 696 alice #a l * :The limit must be a positive number"});
  CHECK(answers(alice, "MODE #a +l many") ==
        Lines{":irc.test 696 alice #a l * :The limit must be a positive number"});
  CHECK(answers(alice, "MODE #a +b :a b") == Lines{":irc.test 696 alice #a b * :The mask is not valid"});
}

TEST_CASE_FIXTURE(Party,
                  "changes that do not fit into one line are told in several, each of at most 512 bytes") {
  std::string masks;
  for (int i = 0; i < 8; ++i) masks += " " + times(59, std::to_string(i));
  says(alice, "MODE #a +bbbbbbbbm" + masks);
  const auto told = hears(bob);
  CHECK(told.size() == 2);
  for (const auto& line : told) CHECK(line.size() <= 510);
  CHECK(told == hears(alice));
  CHECK(answers(alice, "MODE #a b").size() == 9);
}

TEST_CASE_FIXTURE(Party, "of more changes with a parameter than MODES the first ones are made") {
  CHECK(answers(alice, "MODE #a +bbbbbbbbbm 1 2 3 4 5 6 7 8 9").front() ==
        ":alice!alice@host MODE #a +bbbbbbbbm 1!*@* 2!*@* 3!*@* 4!*@* 5!*@* 6!*@* 7!*@* 8!*@*");
}

// -- ranks -------------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Party, "an operator gives and takes ranks, and the nick is told as its user writes it") {
  CHECK(answers(alice, "MODE #a +ov BOB bob") == Lines{":alice!alice@host MODE #a +ov bob bob"});
  CHECK(answers(bob, "MODE #a -o alice").back() == ":bob!bob@host MODE #a -o alice");
  CHECK(answers(alice, "MODE #a +m").back() == ":irc.test 482 alice #a :You're not channel operator");
}

TEST_CASE_FIXTURE(Party, "a rank for somebody who is not in the channel gets 441, for nobody 401") {
  CHECK(answers(alice, "MODE #a +v carol") ==
        Lines{":irc.test 441 alice carol #a :They aren't on that channel"});
  CHECK(answers(alice, "MODE #a +o-v nobody bob") == Lines{":irc.test 401 alice nobody :No such nick"});
}

TEST_CASE_FIXTURE(Party,
                  "an operator who gives up its rank in the middle of a line still makes the rest of it") {
  CHECK(answers(alice, "MODE #a -o+m alice") == Lines{":alice!alice@host MODE #a -o+m alice"});
}

// -- joining -----------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Party, "a key is needed to join a channel with +k, until it is removed") {
  sets("+k key");
  CHECK(answers(carol, "JOIN #a") == Lines{":irc.test 475 carol #a :Cannot join channel (+k)"});
  CHECK(answers(carol, "JOIN #a KEY") == Lines{":irc.test 475 carol #a :Cannot join channel (+k)"});
  CHECK(answers(carol, "JOIN #a key").front() == ":carol!carol@host JOIN #a");
  says(carol, "PART #a");
  says(alice, "MODE #a -k whatever");
  CHECK(hears(alice).back() == ":alice!alice@host MODE #a -k *");
  forget();
  CHECK(answers(carol, "JOIN #a wrong").front() == ":carol!carol@host JOIN #a");
}

TEST_CASE_FIXTURE(Party, "nobody joins a channel that has as many members as +l says") {
  sets("+l 2");
  CHECK(answers(carol, "JOIN #a") == Lines{":irc.test 471 carol #a :Cannot join channel (+l)"});
  sets("+l 3");
  CHECK(answers(carol, "JOIN #a").front() == ":carol!carol@host JOIN #a");
  CHECK(answers(enters("dave"), "JOIN #a") == Lines{":irc.test 471 dave #a :Cannot join channel (+l)"});
  sets("-l");
  CHECK(answers(enters("erin"), "JOIN #a").front() == ":erin!erin@host JOIN #a");
}

TEST_CASE_FIXTURE(Party, "a limit below the number of members puts nobody out") {
  sets("+l 1");
  CHECK(answers(bob, "PRIVMSG #a :still here") == Lines{});
}

TEST_CASE_FIXTURE(Party, "nobody joins a channel with +i without an invitation") {
  sets("+i");
  CHECK(answers(carol, "JOIN #a") == Lines{":irc.test 473 carol #a :Cannot join channel (+i)"});
}

// -- bans --------------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Party, "the banned do not join") {
  for (const std::string mask : {"carol", "CAROL!*@*", "*@host", "carol!c?rol@h*", "*"}) {
    CAPTURE(mask);
    sets("+b " + mask);
    CHECK(answers(carol, "JOIN #a") == Lines{":irc.test 474 carol #a :Cannot join channel (+b)"});
    sets("-b " + mask);
  }
  sets("+b carol@host");  // a user name and host, with whatever nick
  CHECK(answers(carol, "JOIN #a").front() == ":irc.test 474 carol #a :Cannot join channel (+b)");
  sets("-b+b carol@host car");
  CHECK(answers(carol, "JOIN #a").front() == ":carol!carol@host JOIN #a");
}

TEST_CASE_FIXTURE(Party, "bans are listed in order, with who set them and when, to anybody who asks") {
  sets("+b x");
  now += std::chrono::seconds{10};
  sets("+b *@y");
  const auto list = [](const std::string& nick) {
    return Lines{":irc.test 367 " + nick + " #a x!*@* alice!alice@host 1769860800",
                 ":irc.test 367 " + nick + " #a *!*@y alice!alice@host 1769860810",
                 ":irc.test 368 " + nick + " #a :End of channel ban list"};
  };
  CHECK(answers(alice, "MODE #a +b") == list("alice"));
  CHECK(answers(bob, "MODE #a b") == list("bob"));
  CHECK(answers(carol, "MODE #a -b") == list("carol"));
}

TEST_CASE_FIXTURE(Party, "a ban stands once, in any case, and is removed by its mask, in any case") {
  CHECK(answers(alice, "MODE #a +b Spam!*@*") == Lines{":alice!alice@host MODE #a +b Spam!*@*"});
  CHECK(answers(alice, "MODE #a +b spam") == Lines{});
  CHECK(answers(alice, "MODE #a -b other") == Lines{});
  CHECK(answers(alice, "MODE #a -b SPAM") == Lines{":alice!alice@host MODE #a -b SPAM!*@*"});
  CHECK(answers(alice, "MODE #a b") == Lines{":irc.test 368 alice #a :End of channel ban list"});
}

TEST_CASE_FIXTURE(Party, "with MAXLIST bans one more gets 478") {
  for (int i = 0; i < 100; ++i) sets("+b n" + std::to_string(i));
  CHECK(answers(alice, "MODE #a +b one-more") ==
        Lines{":irc.test 478 alice #a one-more!*@* :Channel ban list is full"});
  CHECK(answers(alice, "MODE #a -b+b n0 one-more") ==
        Lines{":alice!alice@host MODE #a -b+b n0!*@* one-more!*@*"});
}

TEST_CASE_FIXTURE(Party, "a ban puts nobody out who is in the channel already") {
  sets("+b bob");
  CHECK(answers(bob, "NAMES #a").front() == ":irc.test 353 bob = #a :@alice bob");
}

// -- users -------------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Party, "a user asks for and changes its own modes") {
  CHECK(answers(bob, "MODE bob") == Lines{":irc.test 221 bob +"});
  CHECK(answers(bob, "MODE BOB +i") == Lines{":bob!bob@host MODE bob +i"});
  CHECK(answers(bob, "MODE bob +i") == Lines{});
  CHECK(answers(bob, "MODE bob") == Lines{":irc.test 221 bob +i"});
  CHECK(answers(bob, "MODE bob -i") == Lines{":bob!bob@host MODE bob -i"});
  CHECK(answers(bob, "MODE bob") == Lines{":irc.test 221 bob +"});
  CHECK(hears(alice) == Lines{});
}

TEST_CASE_FIXTURE(Party, "nobody asks for or changes another user's modes") {
  CHECK(answers(bob, "MODE alice") == Lines{":irc.test 502 bob :Can't change mode for other users"});
  CHECK(answers(bob, "MODE alice +i") == Lines{":irc.test 502 bob :Can't change mode for other users"});
  CHECK(answers(bob, "MODE nobody +i") == Lines{":irc.test 401 bob nobody :No such nick"});
}

TEST_CASE_FIXTURE(Party, "known user modes are changed, then 501 tells of the unknown ones") {
  CHECK(answers(bob, "MODE bob +xiy") ==
        Lines{":bob!bob@host MODE bob +i", ":irc.test 501 bob :Unknown MODE flag"});
}
