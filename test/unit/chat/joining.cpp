// JOIN, PART and leaving the room, and who is told of them.
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

using namespace troupe;
using namespace troupe::test;

// -- JOIN --------------------------------------------------------------------------------------------------

TEST_CASE("whoever joins hears it, then the names; the first one is operator") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.says(alice, "JOIN #a");
  CHECK(room.hears(alice) == Lines{":alice!alice@host JOIN #a",  //
                                   ":irc.test 353 alice = #a :@alice",
                                   ":irc.test 366 alice #a :End of /NAMES list"});
}

TEST_CASE("whoever joins later is shown the topic between JOIN and names, and is no operator") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice});
  room.says(alice, "TOPIC #a :Cats");
  room.now += std::chrono::seconds{5};
  room.says(bob, "JOIN #a");
  CHECK(room.hears(bob) ==
        Lines{":bob!bob@host JOIN #a",  //
              ":irc.test 332 bob #a :Cats", ":irc.test 333 bob #a alice!alice@host 1769860800",
              ":irc.test 353 bob = #a :@alice bob", ":irc.test 366 bob #a :End of /NAMES list"});
}

TEST_CASE("the members hear of a join once each, and nobody else does") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol");
  room.gathers("#a", {alice, bob});
  room.gathers("#b", {alice, carol});
  const auto dave = room.enters("dave");
  room.says(dave, "JOIN #a");
  CHECK(room.hears(alice) == Lines{":dave!dave@host JOIN #a"});
  CHECK(room.hears(bob) == Lines{":dave!dave@host JOIN #a"});
  CHECK(room.hears(carol) == Lines{});
}

TEST_CASE("joining a channel twice says nothing the second time") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice, bob});
  room.says(bob, "JOIN #A");
  CHECK(room.hears(alice) == Lines{});
  CHECK(room.hears(bob) == Lines{});
}

TEST_CASE("channels are the same in any ASCII case, and are shown as the first member wrote them") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#Cats[]", {alice});
  room.says(bob, "JOIN #cATS[]");
  CHECK(room.hears(bob).front() == ":bob!bob@host JOIN #Cats[]");
  room.says(bob, "JOIN #cats{}");
  CHECK(room.hears(bob).front() == ":bob!bob@host JOIN #cats{}");
}

TEST_CASE("several channels are joined in turn, each with a line of its own, and each refusal by itself") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.says(alice, "JOIN #a,b,#c,,#a");
  CHECK(room.hears(alice) ==
        Lines{":alice!alice@host JOIN #a",  //
              ":irc.test 353 alice = #a :@alice", ":irc.test 366 alice #a :End of /NAMES list",
              ":irc.test 403 alice b :Invalid channel name",
              ":alice!alice@host JOIN #c",  //
              ":irc.test 353 alice = #c :@alice", ":irc.test 366 alice #c :End of /NAMES list",
              ":irc.test 403 alice * :Invalid channel name"});
}

TEST_CASE("keys belong to channels by their place in the list") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.gathers("#a,#b,#c", {alice});
  room.says(alice, "MODE #a +k one");
  room.says(alice, "MODE #c +k three");
  const auto bob = room.enters("bob");
  room.says(bob, "JOIN #a,#b,#c one,,three");
  CHECK(room.hears(bob).with(" JOIN ").size() == 3);
  const auto carol = room.enters("carol");
  room.says(carol, "JOIN #c,#b,#a one,three");
  CHECK(room.hears(carol) == Lines{":irc.test 475 carol #c :Cannot join channel (+k)",  //
                                   ":carol!carol@host JOIN #b", ":irc.test 353 carol = #b :@alice bob carol",
                                   ":irc.test 366 carol #b :End of /NAMES list",
                                   ":irc.test 475 carol #a :Cannot join channel (+k)"});
}

TEST_CASE("an invalid channel name gets 403") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  for (const auto& name :
       std::initializer_list<std::string>{"a", "&a", "#a:b", "#a\x07", "##" + times(63, "x")}) {
    room.says(alice, "JOIN " + name);
    CHECK(room.hears(alice) == Lines{":irc.test 403 alice " + name + " :Invalid channel name"});
  }
  room.says(alice, "JOIN :#a b");
  CHECK(room.hears(alice) == Lines{":irc.test 403 alice * :Invalid channel name"});
}

TEST_CASE("with CHANLIMIT channels joined one more gets 405, be it new or not, and parting makes place") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#there", {bob});
  for (int i = 0; i < 100; ++i) room.says(alice, "JOIN #" + std::to_string(i));
  CHECK(room.hears(alice).with(" JOIN ").size() == 100);
  room.says(alice, "JOIN #new,#there");
  CHECK(room.hears(alice) == Lines{":irc.test 405 alice #new :You have joined too many channels",
                                   ":irc.test 405 alice #there :You have joined too many channels"});
  CHECK(room.hears(bob) == Lines{});
  room.says(alice, "PART #0");
  room.forget();
  room.says(alice, "JOIN #there");
  CHECK(room.hears(alice).front() == ":alice!alice@host JOIN #there");
}

TEST_CASE("JOIN 0 parts from all channels") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice, bob});
  room.gathers("#b", {alice});
  room.says(alice, "JOIN 0");
  CHECK(room.hears(alice).sorted() == Lines{":alice!alice@host PART #a", ":alice!alice@host PART #b"});
  CHECK(room.hears(bob) == Lines{":alice!alice@host PART #a"});
  room.says(alice, "PART #a");
  CHECK(room.hears(alice) == Lines{":irc.test 442 alice #a :You're not on that channel"});
}

TEST_CASE("a channel ends with its last member, and begins anew with the next one") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#A", {alice});
  room.says(alice, "MODE #a +mk key");
  room.says(alice, "TOPIC #a :Cats");
  room.says(alice, "PART #a");
  room.forget();
  room.says(bob, "JOIN #a");
  CHECK(room.hears(bob) == Lines{":bob!bob@host JOIN #a",  //
                                 ":irc.test 353 bob = #a :@bob", ":irc.test 366 bob #a :End of /NAMES list"});
  room.says(bob, "MODE #a");
  CHECK(room.hears(bob).front() == ":irc.test 324 bob #a +nt");
}

TEST_CASE("of somebody who is away those who negotiated away-notify are told when it joins") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob", "away-notify");
  room.gathers("#a", {alice, bob});
  const auto carol = room.enters("carol", "away-notify");
  room.says(carol, "AWAY :Lunch");
  room.forget();
  room.says(carol, "JOIN #a");
  CHECK(room.hears(alice) == Lines{":carol!carol@host JOIN #a"});
  CHECK(room.hears(bob) == Lines{":carol!carol@host JOIN #a", ":carol!carol@host AWAY :Lunch"});
  CHECK(room.hears(carol).with("AWAY") == Lines{});
}

// -- PART --------------------------------------------------------------------------------------------------

TEST_CASE("whoever parts is heard by all members and by itself, with the reason") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice, bob});
  room.says(alice, "PART #a :Lunch time");
  CHECK(room.hears(alice) == Lines{":alice!alice@host PART #a :Lunch time"});
  CHECK(room.hears(bob) == Lines{":alice!alice@host PART #a :Lunch time"});
  room.says(bob, "PRIVMSG #a :hi");
  CHECK(room.hears(alice) == Lines{});
}

TEST_CASE("PART of several channels is a line for each, with the reason on each, and errors for the others") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice});
  room.gathers("#b", {bob});
  room.gathers("#c", {alice});
  room.says(alice, "PART #a,#b,#nowhere,#C :bye");
  CHECK(room.hears(alice) ==
        Lines{":alice!alice@host PART #a :bye", ":irc.test 442 alice #b :You're not on that channel",
              ":irc.test 403 alice #nowhere :No such channel", ":alice!alice@host PART #c :bye"});
  CHECK(room.hears(bob) == Lines{});
}

TEST_CASE("PART without a reason, or with an empty one, is told without one; a long one is cut") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.gathers("#a,#b,#c", {alice});
  room.says(alice, "PART #a");
  room.says(alice, "PART #b :");
  room.says(alice, "PART #c :" + times(299, "r") + "ü");
  CHECK(room.hears(alice) == Lines{":alice!alice@host PART #a", ":alice!alice@host PART #b",
                                   ":alice!alice@host PART #c :" + times(299, "r")});
}

TEST_CASE("members keep their ranks whoever leaves before and after them") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol");
  const auto dave = room.enters("dave");
  room.gathers("#a", {alice, bob, carol, dave});
  room.gathers("#b", {dave, carol, bob, alice});
  room.says(alice, "MODE #a +vv bob dave");
  room.says(alice, "PART #a");
  room.says(carol, "PART #a");
  room.leaves(dave);
  room.forget();
  room.says(bob, "NAMES #a,#b");
  CHECK(room.hears(bob) == Lines{":irc.test 353 bob = #a :+bob",  //
                                 ":irc.test 366 bob #a :End of /NAMES list",
                                 ":irc.test 353 bob = #b :carol bob alice",
                                 ":irc.test 366 bob #b :End of /NAMES list"});
}

// -- leaving the room --------------------------------------------------------------------------------------

TEST_CASE("of somebody who leaves each person who shares a channel is told once") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol");
  const auto stranger = room.enters("stranger");
  room.gathers("#a", {alice, bob, carol});
  room.gathers("#b", {alice, bob});
  room.gathers("#c", {alice});
  room.gathers("#d", {stranger});
  room.leaves(alice, "Quit: bye");
  CHECK(room.hears(bob) == Lines{":alice!alice@host QUIT :Quit: bye"});
  CHECK(room.hears(carol) == Lines{":alice!alice@host QUIT :Quit: bye"});
  CHECK(room.hears(stranger) == Lines{});
  CHECK(room.hears(alice) == Lines{});
  CHECK(room.chat.users().size() == 3);
}

TEST_CASE("leaving frees the nick and the channels at once") {
  RoomFixture room;
  const auto alice = room.enters("Alice");
  room.gathers("#a", {alice});
  room.leaves(alice);
  const auto second = room.enters("aLICE");
  room.says(second, "JOIN #a");
  CHECK(room.hears(second).with("353") == Lines{":irc.test 353 aLICE = #a :@aLICE"});
}

TEST_CASE("leaving twice, or a command after leaving, is nothing") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice, bob});
  room.leaves(alice);
  room.forget();
  room.leaves(alice);
  room.says(alice, "PRIVMSG #a :still here?");
  CHECK_FALSE(room.chat.has_output());
}

TEST_CASE("once the room is closed nobody is told who leaves") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice, bob});
  room.chat.close();
  room.leaves(alice);
  CHECK_FALSE(room.chat.has_output());
  CHECK(room.chat.users().size() == 1);
}

TEST_CASE("what happened before somebody left still comes to it") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice, bob});
  room.says(bob, "PRIVMSG #a :hi");
  room.leaves(alice);
  CHECK(room.hears(alice) == Lines{":bob!bob@host PRIVMSG #a :hi"});
}

TEST_CASE("the journal says who came, was where, and left under which nick, and nothing of what was said") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice, bob});
  room.says(alice, "PRIVMSG #a :secret");
  room.says(alice, "KICK #a bob :secret");
  room.says(alice, "PART #a :secret");
  room.says(alice, "NICK alicia");
  room.leaves(alice, "Ping timeout");
  std::string journal;
  for (const auto& line : room.chat.take_log()) {
    const bool often = line.event.name == "joined" || line.event.name == "parted";
    CHECK(line.level == (often ? log::Level::debug : log::Level::info));
    journal += log::to_text(line.event) + "\n";
  }
  CHECK(journal ==
        "registered connection=1 nick=alice address=host\n"
        "registered connection=2 nick=bob address=host\n"
        "joined connection=1 nick=alice channel=#a\n"
        "joined connection=2 nick=bob channel=#a\n"
        "kicked connection=2 nick=bob channel=#a by=alice\n"
        "parted connection=1 nick=alice channel=#a\n"
        "nick changed connection=1 nick=alicia before=alice\n"
        "left connection=1 nick=alicia reason=\"Ping timeout\"\n");
  CHECK(room.chat.take_log().empty());
}

TEST_CASE(
    "from one address so many channels are made at once; others' may be joined, and an end makes room") {
  RoomFixture room([](RoomConfig& config) { config.channels_per_address = 3; });
  const auto from = [&](const std::string& nick, const std::string& host, const std::string& network = {}) {
    return room.enters({nick, nick, nick, host, {}, network});
  };
  const auto alice = from("alice", "10.0.0.1");
  const auto bob = from("bob", "10.0.0.1");
  const auto carol = from("carol", "10.0.0.2");
  room.says(carol, "JOIN #theirs");
  room.says(alice, "JOIN #1,#2,#3");
  room.forget();
  const auto refused = Lines{":irc.test 405 bob #4 :Too many channels were made from your address"};
  room.says(bob, "JOIN #4");
  CHECK(room.hears(bob) == refused);
  room.says(bob, "JOIN #1,#theirs");
  CHECK(room.hears(bob).with(" 366 ").size() == 2);
  room.says(alice, "PART #1");  // bob is still there
  room.forget();
  room.says(bob, "JOIN #4");
  CHECK(room.hears(bob) == refused);
  room.leaves(alice);
  room.forget();
  room.says(bob, "JOIN #4");
  CHECK(room.hears(bob).with(" 366 ").size() == 1);

  const auto one = from("one", "0::1", "net");
  const auto two = from("two", "0::2", "net");
  room.says(one, "JOIN #a,#b,#c");
  room.forget();
  room.says(two, "JOIN #d");
  CHECK(room.hears(two).with(" 405 ").size() == 1);
}
