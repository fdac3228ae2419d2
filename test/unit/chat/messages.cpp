// PRIVMSG, NOTICE and TAGMSG.
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

// -- to a channel ------------------------------------------------------------------------------------------

TEST_CASE("a message goes to everybody in the channel but its sender") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol");
  const auto stranger = room.enters("stranger");
  room.gathers("#a", {alice, bob, carol});
  room.says(bob, "PRIVMSG #a :hello, all");
  CHECK(room.hears(alice) == Lines{":bob!bob@host PRIVMSG #a :hello, all"});
  CHECK(room.hears(carol) == Lines{":bob!bob@host PRIVMSG #a :hello, all"});
  CHECK(room.hears(bob) == Lines{});
  CHECK(room.hears(stranger) == Lines{});
}

TEST_CASE("a notice goes the same way") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice, bob});
  room.says(bob, "NOTICE #A :attention");
  CHECK(room.hears(alice) == Lines{":bob!bob@host NOTICE #a :attention"});
  CHECK(room.hears(bob) == Lines{});
}

TEST_CASE("all members hear a channel's messages in the same order") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol");
  room.gathers("#a", {alice, bob, carol});
  for (int i = 0; i < 10; ++i) room.says(i % 2 ? alice : bob, "PRIVMSG #a :" + std::to_string(i));
  const auto heard = room.hears(carol);
  REQUIRE(heard.size() == 10);
  for (int i = 0; i < 10; ++i) CHECK(heard[i].ends_with(":" + std::to_string(i)));
  CHECK(room.hears(alice) == heard.with(":bob!"));
  CHECK(room.hears(bob) == heard.with(":alice!"));
}

TEST_CASE("with echo-message the sender hears its message too, as the others do") {
  RoomFixture room;
  const auto alice = room.enters("alice", "message-tags server-time echo-message");
  const auto bob = room.enters("bob", "message-tags server-time");
  room.gathers("#a", {alice, bob});
  for (const auto command : {"@+x=1 PRIVMSG #a :hi", "@+x=1 NOTICE #a :hi", "@+x=1 TAGMSG #a"}) {
    room.now += std::chrono::milliseconds{1};
    room.says(alice, command);
    const auto echo = room.hears(alice);
    REQUIRE(echo.size() == 1);
    CHECK(echo == room.hears(bob));
    CHECK(tag(echo[0], "msgid") != "");
    CHECK(tag(echo[0], "time") == protocol::to_timestamp(room.now));
  }
}

TEST_CASE("every message has an id of its own, and ids grow in the room's order") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob", "message-tags");
  room.gathers("#a", {alice, bob});
  for (int i = 0; i < 5; ++i) room.says(alice, "PRIVMSG #a :hi");
  room.now -= std::chrono::hours{1};
  room.says(alice, "NOTICE #a,bob :hi");
  const auto heard = room.hears(bob);
  REQUIRE(heard.size() == 7);
  for (std::size_t i = 1; i < heard.size(); ++i) CHECK(tag(heard[i - 1], "msgid") < tag(heard[i], "msgid"));
}

TEST_CASE("ids come after the last one of the store") {
  RoomFixture room;
  const auto newest = protocol::parse_message_id("ffffffff-0000-7000-8000-000000000000");
  REQUIRE(newest);
  room.chat.continue_after(*newest);
  const auto alice = room.enters("alice", "message-tags echo-message");
  room.says(alice, "PRIVMSG alice :hi");
  CHECK(tag(room.hears(alice)[0], "msgid") > to_string(*newest));
}

TEST_CASE("a message's time is its id's, not that of its delivery") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob", "message-tags server-time");
  room.gathers("#a", {alice, bob});
  room.says(alice, "PRIVMSG #a :hi");
  room.now -= std::chrono::seconds{1};
  room.says(alice, "PRIVMSG #a :hi");
  for (const auto& line : room.hears(bob)) {
    const auto id = protocol::parse_message_id(tag(line, "msgid"));
    REQUIRE(id);
    CHECK(tag(line, "time") == protocol::to_timestamp(id->time()));
  }
}

TEST_CASE("a message to a channel that is not there gets 403") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.says(alice, "PRIVMSG #nowhere :hi");
  CHECK(room.hears(alice) == Lines{":irc.test 403 alice #nowhere :No such channel"});
}

// -- who may speak -----------------------------------------------------------------------------------------

TEST_CASE("from outside nobody speaks into a channel with +n, anybody into one without") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice});
  room.says(bob, "PRIVMSG #a :hi");
  CHECK(room.hears(bob) == Lines{":irc.test 404 bob #a :Cannot send to channel"});
  CHECK(room.hears(alice) == Lines{});
  room.says(alice, "MODE #a -n");
  room.forget();
  room.says(bob, "PRIVMSG #a :hi");
  CHECK(room.hears(alice) == Lines{":bob!bob@host PRIVMSG #a :hi"});
  CHECK(room.hears(bob) == Lines{});
}

TEST_CASE("in a moderated channel operators and voiced members speak, and nobody else") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol");
  const auto dave = room.enters("dave");
  room.gathers("#a", {alice, bob, carol});
  room.says(alice, "MODE #a +m-n+v bob");
  room.forget();
  room.says(alice, "PRIVMSG #a :operator");
  room.says(bob, "PRIVMSG #a :voiced");
  room.says(carol, "PRIVMSG #a :member");
  room.says(dave, "PRIVMSG #a :stranger");
  CHECK(room.hears(carol) == Lines{":alice!alice@host PRIVMSG #a :operator",
                                   ":bob!bob@host PRIVMSG #a :voiced",
                                   ":irc.test 404 carol #a :Cannot send to channel"});
  CHECK(room.hears(dave) == Lines{":irc.test 404 dave #a :Cannot send to channel"});
}

TEST_CASE("the banned do not speak, within the channel or without, but with a rank they do") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol");
  room.gathers("#a", {alice, bob});
  room.says(alice, "MODE #a -n+bb bob carol");
  room.forget();
  room.says(bob, "PRIVMSG #a :hi");
  room.says(carol, "PRIVMSG #a :hi");
  CHECK(room.hears(bob) == Lines{":irc.test 404 bob #a :Cannot send to channel"});
  CHECK(room.hears(carol) == Lines{":irc.test 404 carol #a :Cannot send to channel"});
  CHECK(room.hears(alice) == Lines{});
  room.says(alice, "MODE #a +v bob");
  room.forget();
  room.says(bob, "PRIVMSG #a :hi");
  CHECK(room.hears(alice) == Lines{":bob!bob@host PRIVMSG #a :hi"});
}

// -- to a user ---------------------------------------------------------------------------------------------

TEST_CASE("a message to a nick, in any case, goes to that user alone, under its nick as it writes it") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("Bob");
  const auto carol = room.enters("carol");
  room.gathers("#a", {alice, bob, carol});
  room.says(alice, "PRIVMSG bOB :psst");
  CHECK(room.hears(bob) == Lines{":alice!alice@host PRIVMSG Bob :psst"});
  CHECK(room.hears(alice) == Lines{});
  CHECK(room.hears(carol) == Lines{});
}

TEST_CASE("a message to a nick that nobody has gets 401") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.says(alice, "PRIVMSG nobody :hi");
  CHECK(room.hears(alice) == Lines{":irc.test 401 alice nobody :No such nick"});
}

TEST_CASE("a message to somebody who is away arrives, and its sender is told; a notice's is not") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice, bob});
  room.says(bob, "AWAY :Lunch");
  room.forget();
  room.says(alice, "PRIVMSG bob :hi");
  CHECK(room.hears(alice) == Lines{":irc.test 301 alice bob :Lunch"});
  CHECK(room.hears(bob) == Lines{":alice!alice@host PRIVMSG bob :hi"});
  room.says(alice, "NOTICE bob :hi");
  room.says(alice, "PRIVMSG #a :hi");
  CHECK(room.hears(alice) == Lines{});
}

TEST_CASE("a message to oneself is delivered, and echoed besides with echo-message") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto echo = room.enters("echo", "echo-message");
  room.says(alice, "PRIVMSG alice :note");
  CHECK(room.hears(alice) == Lines{":alice!alice@host PRIVMSG alice :note"});
  room.says(echo, "PRIVMSG echo :note");
  CHECK(room.hears(echo) == Lines(2, ":echo!echo@host PRIVMSG echo :note"));
}

// -- several targets, none, and texts that are none --------------------------------------------------------

TEST_CASE("a message goes to each of several targets once, and errors for the others come besides") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol");
  room.gathers("#a", {alice, bob});
  room.says(alice, "PRIVMSG #a,nobody,carol,,#A,bob :hi");
  CHECK(room.hears(bob) == Lines{":alice!alice@host PRIVMSG #a :hi"});
  CHECK(room.hears(carol) == Lines{":alice!alice@host PRIVMSG carol :hi"});
  CHECK(room.hears(alice) == Lines{":irc.test 401 alice nobody :No such nick",  //
                                   ":irc.test 401 alice * :No such nick",
                                   ":irc.test 407 alice bob :Too many targets"});
}

TEST_CASE("of more targets than TARGMAX the first ones are served") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  std::vector<ConnectionId> others;
  for (const auto nick : {"a", "b", "c", "d", "e", "f"}) others.push_back(room.enters(nick));
  room.says(alice, "PRIVMSG a,b,c,d,e,f :hi");
  for (std::size_t i = 0; i < others.size(); ++i) CHECK(room.hears(others[i]).size() == (i < 4 ? 1 : 0));
  CHECK(room.hears(alice) == Lines{":irc.test 407 alice e :Too many targets"});
}

TEST_CASE("a message without target gets 411, without text 412") {
  RoomFixture room;
  const auto alice = room.enters("alice", "message-tags");
  room.says(alice, "PRIVMSG");
  room.says(alice, "TAGMSG");
  room.says(alice, "PRIVMSG alice");
  room.says(alice, "PRIVMSG alice :");
  CHECK(room.hears(alice) == Lines{":irc.test 411 alice :No recipient given (PRIVMSG)",
                                   ":irc.test 411 alice :No recipient given (TAGMSG)",
                                   ":irc.test 412 alice :No text to send",
                                   ":irc.test 412 alice :No text to send"});
}

TEST_CASE("a notice is never answered by an error") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {bob});
  for (const auto line : {"NOTICE", "NOTICE :", "NOTICE bob", "NOTICE bob :", "NOTICE nobody :hi",
                          "NOTICE #nowhere :hi", "NOTICE #a :hi", "NOTICE a,b,c,d,e :hi"})
    room.says(alice, line);
  room.says(alice, "NOTICE bob :" + times(495, "x"));
  CHECK(room.hears(alice) == Lines{});
  CHECK(room.hears(bob) == Lines{});
  CHECK(room.answered(alice) == 9);
}

TEST_CASE("a text of spaces is a text") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.says(alice, "PRIVMSG bob :  ");
  CHECK(room.hears(bob) == Lines{":alice!alice@host PRIVMSG bob :  "});
}

TEST_CASE("a message that with its source would not fit into a line gets 417 and reaches nobody") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.gathers("#a", {alice, bob});
  // ":alice!alice@host PRIVMSG bob :" has 31 bytes, CR LF two.
  room.says(alice, "PRIVMSG bob :" + times(479, "x"));
  CHECK(room.hears(bob) == Lines{":alice!alice@host PRIVMSG bob :" + times(479, "x")});
  room.says(alice, "PRIVMSG bob :" + times(480, "x"));
  room.says(alice, "PRIVMSG #a :" + times(482, "x"));
  CHECK(room.hears(bob) == Lines{});
  CHECK(room.hears(alice) == Lines(2, ":irc.test 417 alice :Message is too long to be relayed"));
}

// -- tags --------------------------------------------------------------------------------------------------

TEST_CASE("client-only tags are relayed, all others are dropped") {
  RoomFixture room;
  const auto alice = room.enters("alice", "message-tags");
  const auto bob = room.enters("bob", "message-tags");
  room.says(alice,
            "@+x=a\\sb\\:c;time=2000-01-01T00:00:00.000Z;msgid=1;y=2;+draft/z;label=l PRIVMSG bob :hi");
  const auto heard = room.hears(bob);
  REQUIRE(heard.size() == 1);
  CHECK(heard[0] ==
        "@msgid=" + tag(heard[0], "msgid") + ";+x=a\\sb\\:c;+draft/z :alice!alice@host PRIVMSG bob :hi");
  CHECK(tag(heard[0], "msgid") != "1");
}

TEST_CASE("client-only tags of a client that did not negotiate message-tags are dropped") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob", "message-tags");
  room.says(alice, "@+x=1 PRIVMSG bob :hi");
  const auto heard = room.hears(bob);
  REQUIRE(heard.size() == 1);
  CHECK(tag(heard[0], "+x") == "");
}

TEST_CASE("TAGMSG reaches those who negotiated message-tags, and nobody else") {
  RoomFixture room;
  const auto alice = room.enters("alice", "message-tags");
  const auto bob = room.enters("bob", "message-tags");
  const auto carol = room.enters("carol", "server-time");
  room.gathers("#a", {alice, bob, carol});
  room.says(alice, "@+typing=active TAGMSG #a");
  room.says(alice, "@+typing=done TAGMSG bob,carol");
  CHECK(room.hears(bob).untagged() == Lines{":alice!alice@host TAGMSG #a", ":alice!alice@host TAGMSG bob"});
  CHECK(room.hears(carol) == Lines{});
  CHECK(room.hears(alice) == Lines{});
}

TEST_CASE("TAGMSG obeys the channel's modes as a message does") {
  RoomFixture room;
  const auto alice = room.enters("alice", "message-tags");
  const auto bob = room.enters("bob", "message-tags");
  room.gathers("#a", {alice});
  room.says(bob, "@+typing=active TAGMSG #a");
  room.says(bob, "@+typing=active TAGMSG nobody");
  CHECK(room.hears(bob) ==
        Lines{":irc.test 404 bob #a :Cannot send to channel", ":irc.test 401 bob nobody :No such nick"});
  CHECK(room.hears(alice) == Lines{});
}

TEST_CASE("TAGMSG of a client that did not negotiate message-tags is an unknown command") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob", "message-tags");
  room.says(alice, "@+typing=active TAGMSG bob");
  CHECK(room.hears(alice) == Lines{":irc.test 421 alice TAGMSG :Unknown command"});
  CHECK(room.hears(bob) == Lines{});
}

TEST_CASE(
    "after a clock that ran ahead messages keep their order and bear the clock's time, and one warning is "
    "given") {
  RoomFixture room;
  const auto alice = room.enters("alice", "echo-message message-tags server-time");
  const auto noon = room.now;
  room.gathers("#cats", {alice});
  const auto said = [&](protocol::Time now, const std::string& how = "PRIVMSG #cats :hello") {
    room.now = now;
    room.says(alice, how);
    return tag(room.hears(alice)[0], "time");
  };
  const auto warnings = [&] {
    const auto lines = room.chat.take_log();
    return std::ranges::count(lines, log::Level::warn, &log::Line::level);
  };
  const auto at = [](protocol::Time time) { return protocol::to_timestamp(time); };
  const auto in_20_years = noon + std::chrono::days{7305};
  CHECK(said(in_20_years) == at(in_20_years));
  CHECK(warnings() == 0);
  CHECK(said(noon) == at(noon));
  CHECK(warnings() == 1);
  CHECK(said(noon + 1s) == at(noon + 1s));
  CHECK(said(noon + 2s, "PRIVMSG alice :to myself") == at(noon + 2s));
  CHECK(warnings() == 0);
  REQUIRE(room.stored.size() == 3);
  CHECK(std::ranges::is_sorted(room.stored, {}, &db::Message::id));
  CHECK(room.stored[2].time == noon + 1s);
  CHECK(said(in_20_years + 1s) == at(in_20_years + 1s));
  CHECK(said(in_20_years - 4min) == at(in_20_years + 1s));  // a small step back: times go on growing
  CHECK(warnings() == 0);
}
