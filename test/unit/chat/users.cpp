// NICK, AWAY, SETNAME, WHO, WHOIS, USERHOST and ISON.
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// alice and bob share #a, carol is a stranger.
struct Party : RoomFixture {
  Party() { gathers("#a", {alice, bob}); }

  Lines answers(ConnectionId who, std::string_view line) {
    says(who, line);
    return hears(who);
  }

  ConnectionId alice = enters("alice");
  ConnectionId bob = enters("bob", "away-notify setname");
  ConnectionId carol = enters("carol", "away-notify setname");
};

}  // namespace

// -- a nick at registration --------------------------------------------------------------------------------

TEST_CASE("a nick that is taken, in any ASCII case, is refused at registration with 433") {
  RoomFixture room;
  room.enters("alice");
  const auto second = room.enters({"ALICE", "al", "Alice", "host", {}});
  CHECK(room.standing(second) == Standing::refused);
  CHECK(room.answered(second) == 1);
  CHECK(room.hears(second) == Lines{":irc.test 433 * ALICE :Nickname is already in use"});
  CHECK(room.chat.users().size() == 1);
}

TEST_CASE("of two who want one nick at once the first one gets it") {
  RoomFixture room;
  const auto first = room.enters({"alice", "a", "A", "host", {}});
  const auto second = room.enters({"alice", "b", "B", "host", {}});
  CHECK(room.standing(first) == Standing::entered);
  CHECK(room.standing(second) == Standing::refused);
}

TEST_CASE("whoever was refused may enter under another nick, and others by the nick that it gave up") {
  RoomFixture room;
  room.enters("alice");
  Registration who{"alice", "al", "Alice", "host", {}};
  const auto second = room.enters(who);
  room.forget();
  who.nick = "alice_";
  room.chat.enter(second, who, room.now);
  CHECK(room.standing(second) == Standing::entered);
}

TEST_CASE("nicks that differ in more than ASCII case are different") {
  RoomFixture room;
  room.enters("[a]|^");
  room.enters("{a}|^");
  room.enters("[a]\\^");
  CHECK(room.chat.users().size() == 3);
}

// -- NICK --------------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Party, "a new nick is told by its old source to each person who shares a channel, once") {
  gathers("#b", {bob, alice});
  CHECK(answers(alice, "NICK Alicia") == Lines{":alice!alice@host NICK Alicia"});
  CHECK(hears(bob) == Lines{":alice!alice@host NICK Alicia"});
  CHECK(hears(carol) == Lines{});
  CHECK(answers(bob, "PRIVMSG alicia :hi") == Lines{});
  CHECK(hears(alice) == Lines{":bob!bob@host PRIVMSG Alicia :hi"});
  CHECK(answers(bob, "PRIVMSG alice :hi") == Lines{":irc.test 401 bob alice :No such nick"});
}

TEST_CASE_FIXTURE(Party, "a nick in use is refused with 433 and the old one kept") {
  CHECK(answers(alice, "NICK BOB") == Lines{":irc.test 433 alice BOB :Nickname is already in use"});
  CHECK(hears(bob) == Lines{});
  CHECK(answers(alice, "PING x") == Lines{":irc.test PONG irc.test :x"});
  CHECK(answers(bob, "PRIVMSG alice :hi") == Lines{});
  CHECK(hears(alice) == Lines{":bob!bob@host PRIVMSG alice :hi"});
}

TEST_CASE_FIXTURE(Party, "a nick's case may be changed, and the same nick again is nothing") {
  CHECK(answers(alice, "NICK ALICE") == Lines{":alice!alice@host NICK ALICE"});
  CHECK(hears(bob) == Lines{":alice!alice@host NICK ALICE"});
  CHECK(answers(alice, "NICK ALICE") == Lines{});
  CHECK(hears(bob) == Lines{});
}

TEST_CASE_FIXTURE(Party, "a nick that was given up is free at once") {
  says(alice, "NICK alicia");
  forget();
  CHECK(answers(carol, "NICK alice") == Lines{":carol!carol@host NICK alice"});
}

TEST_CASE_FIXTURE(Party, "NICK without a nick gets 431, with an invalid one 432") {
  CHECK(answers(alice, "NICK") == Lines{":irc.test 431 alice :No nickname given"});
  CHECK(answers(alice, "NICK :") == Lines{":irc.test 431 alice :No nickname given"});
  CHECK(answers(alice, "NICK #a") == Lines{":irc.test 432 alice #a :Erroneous nickname"});
  CHECK(answers(alice, "NICK :a b") == Lines{":irc.test 432 alice * :Erroneous nickname"});
  CHECK(answers(alice, "NICK " + times(31, "a")).front().starts_with(":irc.test 432 alice aaa"));
  CHECK(hears(bob) == Lines{});
}

// -- AWAY --------------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Party, "going away and coming back are acknowledged by 306 and 305") {
  CHECK(answers(alice, "AWAY :Lunch") == Lines{":irc.test 306 alice :You have been marked as being away"});
  CHECK(answers(alice, "AWAY") == Lines{":irc.test 305 alice :You are no longer marked as being away"});
  CHECK(answers(alice, "AWAY :") == Lines{":irc.test 305 alice :You are no longer marked as being away"});
}

TEST_CASE_FIXTURE(Party,
                  "those who share a channel and negotiated away-notify are told, once, of each change") {
  gathers("#b", {alice, bob});
  gathers("#c", {alice, enters("dave")});
  says(alice, "AWAY :Lunch");
  CHECK(hears(bob) == Lines{":alice!alice@host AWAY :Lunch"});
  says(alice, "AWAY :Lunch");
  CHECK(hears(bob) == Lines{});
  says(alice, "AWAY :Dinner");
  CHECK(hears(bob) == Lines{":alice!alice@host AWAY :Dinner"});
  says(alice, "AWAY");
  CHECK(hears(bob) == Lines{":alice!alice@host AWAY"});
  says(alice, "AWAY");
  CHECK(hears(bob) == Lines{});
  CHECK(hears(carol) == Lines{});
  says(bob, "AWAY :Lunch");
  CHECK(hears(bob) == Lines{":irc.test 306 bob :You have been marked as being away"});
}

TEST_CASE_FIXTURE(Party, "an away message is cut to AWAYLEN at a character") {
  says(alice, "AWAY :" + times(299, "z") + "ü");
  CHECK(hears(bob) == Lines{":alice!alice@host AWAY :" + times(299, "z")});
}

// -- SETNAME -----------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Party,
                  "a new real name is told to those who negotiated setname, the one who set it included") {
  gathers("#b", {alice, bob});
  gathers("#c", {bob, carol});
  CHECK(answers(bob, "SETNAME :Bob the Builder") == Lines{":bob!bob@host SETNAME :Bob the Builder"});
  CHECK(hears(carol) == Lines{":bob!bob@host SETNAME :Bob the Builder"});
  CHECK(hears(alice) == Lines{});
  CHECK(answers(alice, "WHOIS bob").front() == ":irc.test 311 alice bob bob host * :Bob the Builder");
}

TEST_CASE_FIXTURE(Party, "who did not negotiate setname may use it, and is told nothing") {
  CHECK(answers(alice, "SETNAME :Alice B.") == Lines{});
  CHECK(hears(bob) == Lines{":alice!alice@host SETNAME :Alice B."});
  CHECK(hears(carol) == Lines{});
}

TEST_CASE_FIXTURE(Party, "an empty real name, or one longer than NAMELEN, is refused by FAIL") {
  const Lines fail{":irc.test FAIL SETNAME INVALID_REALNAME :Realname is not valid"};
  CHECK(answers(bob, "SETNAME :" + times(151, "r")) == fail);
  CHECK(answers(bob, "SETNAME :") == fail);
  CHECK(answers(enters("dave", "standard-replies"), "SETNAME :") == fail);
  CHECK(answers(alice, "SETNAME :") == Lines{});
  CHECK(hears(alice) == Lines{});
  CHECK(answers(alice, "WHOIS bob").front() == ":irc.test 311 alice bob bob host * :bob's name");
  CHECK(answers(bob, "SETNAME :" + times(150, "r")) == Lines{":bob!bob@host SETNAME :" + times(150, "r")});
}

// -- WHO ---------------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Party, "WHO of a channel shows its members with rank and whether they are here or gone") {
  says(alice, "MODE #a +v alice");
  says(alice, "MODE #a +v bob");
  says(bob, "AWAY :Lunch");
  forget();
  CHECK(answers(carol, "WHO #A") ==
        Lines{":irc.test 352 carol #a alice host irc.test alice H@ :0 alice's name",
              ":irc.test 352 carol #a bob host irc.test bob G+ :0 bob's name",
              ":irc.test 315 carol #A :End of WHO list"});
}

TEST_CASE_FIXTURE(Party, "with multi-prefix WHO shows all ranks") {
  const auto dave = enters("dave", "multi-prefix");
  says(alice, "MODE #a +v alice");
  CHECK(answers(dave, "WHO #a").front() ==
        ":irc.test 352 dave #a alice host irc.test alice H@+ :0 alice's name");
}

TEST_CASE_FIXTURE(Party, "WHO of a nick shows that user, with a shared channel or *") {
  CHECK(answers(bob, "WHO ALICE") ==
        Lines{":irc.test 352 bob #a alice host irc.test alice H@ :0 alice's name",
              ":irc.test 315 bob ALICE :End of WHO list"});
  CHECK(answers(carol, "WHO alice").front() ==
        ":irc.test 352 carol * alice host irc.test alice H :0 alice's name");
}

TEST_CASE_FIXTURE(Party, "WHO of a mask shows those whose nick or host matches") {
  enters({"zed", "z", "Zed", "elsewhere", {}});
  forget();
  CHECK(answers(alice, "WHO *O*").sorted() ==
        Lines{":irc.test 315 alice *O* :End of WHO list",
              ":irc.test 352 alice #a alice host irc.test alice H@ :0 alice's name",
              ":irc.test 352 alice #a bob host irc.test bob H :0 bob's name",
              ":irc.test 352 alice * carol host irc.test carol H :0 carol's name"}
            .sorted());
  CHECK(answers(alice, "WHO z?d").front() == ":irc.test 352 alice * z elsewhere irc.test zed H :0 Zed");
  CHECK(answers(alice, "WHO else*").front() == ":irc.test 352 alice * z elsewhere irc.test zed H :0 Zed");
}

TEST_CASE_FIXTURE(Party, "WHO of everybody, in each of its spellings") {
  CHECK(answers(alice, "WHO").size() == 4);
  CHECK(answers(alice, "WHO 0").size() == 4);
  CHECK(answers(alice, "WHO *").back() == ":irc.test 315 alice * :End of WHO list");
}

TEST_CASE_FIXTURE(Party, "WHO of what is not there is an empty list") {
  CHECK(answers(alice, "WHO nobody") == Lines{":irc.test 315 alice nobody :End of WHO list"});
  CHECK(answers(alice, "WHO #nowhere") == Lines{":irc.test 315 alice #nowhere :End of WHO list"});
}

TEST_CASE_FIXTURE(Party,
                  "WHO hides invisible users from those who share no channel, except by their very nick") {
  says(bob, "MODE bob +i");
  forget();
  CHECK(answers(carol, "WHO *").with(" bob ") == Lines{});
  CHECK(answers(carol, "WHO #a").with(" bob ") == Lines{});
  CHECK(answers(carol, "WHO bob").with(" bob ").size() == 2);
  CHECK(answers(alice, "WHO *").with(" bob ").size() == 1);
  CHECK(answers(alice, "WHO #a").with(" bob ").size() == 1);
  CHECK(answers(bob, "WHO *").with(" bob H").size() == 1);
}

// -- WHOIS -------------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Party, "WHOIS shows who it is, where, on which channels, and for how long it was silent") {
  gathers("#B", {bob, alice});
  now += std::chrono::seconds{10};
  says(alice, "PRIVMSG #a :hi");
  now += std::chrono::seconds{7};
  forget();
  CHECK(answers(carol, "WHOIS Alice") ==
        Lines{":irc.test 311 carol alice alice host * :alice's name", ":irc.test 319 carol alice :@#a #B",
              ":irc.test 312 carol alice irc.test :Testnet",
              ":irc.test 317 carol alice 7 1769860800 :seconds idle, signon time",
              ":irc.test 318 carol Alice :End of /WHOIS list"});
}

TEST_CASE_FIXTURE(
    Party, "WHOIS tells who is away, with multi-prefix all ranks, and takes a server before the nick") {
  const auto dave = enters("dave", "multi-prefix");
  says(alice, "MODE #a +v alice");
  says(alice, "AWAY :Lunch");
  const auto told = answers(dave, "WHOIS alice alice");
  CHECK(told.with(" 319 ") == Lines{":irc.test 319 dave alice :@+#a"});
  CHECK(told.with(" 301 ") == Lines{":irc.test 301 dave alice :Lunch"});
  CHECK(told.back() == ":irc.test 318 dave alice :End of /WHOIS list");
}

TEST_CASE_FIXTURE(Party, "WHOIS of nobody gets 401 and the end, without a nick 431") {
  CHECK(answers(alice, "WHOIS nobody") ==
        Lines{":irc.test 401 alice nobody :No such nick", ":irc.test 318 alice nobody :End of /WHOIS list"});
  CHECK(answers(alice, "WHOIS") == Lines{":irc.test 431 alice :No nickname given"});
}

TEST_CASE_FIXTURE(Party, "WHOIS shows of an invisible user only the channels that one shares") {
  gathers("#b", {bob, carol});
  says(bob, "MODE bob +i");
  forget();
  CHECK(answers(carol, "WHOIS bob").with(" 319 ") == Lines{":irc.test 319 carol bob :@#b"});
  CHECK(answers(bob, "WHOIS bob").with(" 319 ") == Lines{":irc.test 319 bob bob :#a @#b"});
  CHECK(answers(enters("dave"), "WHOIS bob").with(" 319 ") == Lines{});
}

TEST_CASE_FIXTURE(Party, "channels that do not fit into one line of WHOIS fill several") {
  for (int i = 0; i < 20; ++i) gathers("#" + std::to_string(i) + times(60, "x"), {carol});
  const auto told = answers(alice, "WHOIS carol").with(" 319 ");
  CHECK(told.size() == 3);
  std::size_t channels = 0;
  for (const auto& line : told) {
    CHECK(line.size() <= 510);
    channels += static_cast<std::size_t>(std::ranges::count(line, '#'));
  }
  CHECK(channels == 20);
}

// -- USERHOST and ISON -------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Party, "USERHOST shows at most five users, and whether they are away") {
  says(bob, "AWAY :Lunch");
  forget();
  CHECK(answers(alice, "USERHOST Alice nobody bob") ==
        Lines{":irc.test 302 alice :alice=+alice@host bob=-bob@host"});
  CHECK(answers(alice, "USERHOST nobody") == Lines{":irc.test 302 alice :"});
  CHECK(answers(alice, "USERHOST x x x x carol bob") == Lines{":irc.test 302 alice :carol=+carol@host"});
}

TEST_CASE_FIXTURE(Party, "users that do not fit into one line of USERHOST fill several") {
  std::string all;
  for (const auto digit : {"1", "2", "3", "4", "5"}) {
    const auto nick = "n" + times(29, digit);
    enters({nick, times(20, "u"), "U", times(63, "h"), {}});
    all += " " + nick;
  }
  const auto told = answers(alice, "USERHOST" + all);
  CHECK(told.size() == 2);
  std::size_t users = 0;
  for (const auto& line : told) {
    CHECK(line.size() <= 510);
    users += static_cast<std::size_t>(std::ranges::count(line, '='));
  }
  CHECK(users == 5);
}

TEST_CASE_FIXTURE(Party, "ISON shows those of the nicks that are here, as they write them") {
  says(bob, "NICK Bob");
  forget();
  CHECK(answers(alice, "ISON BOB nobody carol") == Lines{":irc.test 303 alice :Bob carol"});
  CHECK(answers(alice, "ISON :bob  alice") == Lines{":irc.test 303 alice :Bob alice"});
  CHECK(answers(alice, "ISON nobody") == Lines{":irc.test 303 alice :"});
}

TEST_CASE("no numeric tells a negative time, also if the clock is set back") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.now += 1h;
  const auto bob = room.enters("bob");
  room.now -= 1h;
  room.says(alice, "WHOIS bob");
  CHECK(room.hears(alice).with(" 317 alice bob 0 ").size() == 1);
  room.now = protocol::Time{} - 1h;
  room.says(bob, "JOIN #cats");
  room.says(bob, "TOPIC #cats :A topic");
  room.says(bob, "MODE #cats +b x");
  room.forget();
  room.says(bob, "TOPIC #cats");
  room.says(bob, "MODE #cats");
  room.says(bob, "MODE #cats b");
  const auto heard = room.hears(bob);
  CHECK(heard.with(" 333 bob #cats bob!bob@host 0").size() == 1);
  CHECK(heard.with(" 329 bob #cats 0").size() == 1);
  CHECK(heard.with(" 367 bob #cats x!*@* bob!bob@host 0").size() == 1);
}
