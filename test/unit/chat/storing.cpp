// What a batch has for the store, and what is left of it if that can't be kept.
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace troupe;
using namespace troupe::test;

namespace {

constexpr auto not_stored = "Message could not be stored, and nobody has seen it";

/// The lines of a batch, whomever they are for.
std::vector<Batch::Said> said_in(const Batch& batch) {
  std::vector<Batch::Said> said;
  for (const auto& item : batch.items)
    if (const auto* line = std::get_if<Batch::Said>(&item)) said.push_back(*line);
  return said;
}

/// Four people are in #Cats.
struct Party : RoomFixture {
  using RoomFixture::RoomFixture;

  /// The store has failed: what has happened is delivered without its messages.
  void loses_messages() { delivers(takes_batch(), Batch::Outcome::refused); }

  ConnectionId alice = enters("alice", "message-tags");
  ConnectionId bob = enters("bob", "echo-message message-tags");
  ConnectionId carol = enters("carol");
  ConnectionId labeller = enters("labeller", "batch labeled-response standard-replies");
  bool ready = (gathers("#Cats", {alice, bob, carol, labeller}), true);
};

}  // namespace

// -- what is stored ----------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Party, "a channel's message is stored with all that history needs to show it as it was") {
  says(alice, "@+x=a\\sb;y=z PRIVMSG #cats :Hello,  ü");
  says(bob, "NOTICE #CATS :attention");
  const auto batch = takes_batch();
  REQUIRE(batch.messages.size() == 2);
  const auto heard = [&] {
    delivers(batch);
    return hears(alice);
  }();
  REQUIRE(heard.size() == 1);
  auto first = batch.messages[0];
  CHECK(first.id < batch.messages[1].id);
  CHECK(first.id.time() == now);
  first.id = {};
  CHECK(first ==
        db::Message{{}, "#cats", "alice", "alice", "host", db::Kind::privmsg, "Hello,  ü", "+x=a\\sb", now});
  auto second = batch.messages[1];
  CHECK(tag(heard[0], "msgid") == to_string(second.id));
  second.id = {};
  CHECK(second == db::Message{{}, "#cats", "bob", "bob", "host", db::Kind::notice, "attention", "", now});
}

TEST_CASE_FIXTURE(Party, "a message is stored once for each channel that it goes to, and for no user") {
  gathers("#dogs", {alice});
  says(alice, "PRIVMSG #cats,bob,#dogs,#cats :hi");
  const auto batch = takes_batch();
  REQUIRE(batch.messages.size() == 2);
  CHECK(batch.messages[0].channel == "#cats");
  CHECK(batch.messages[1].channel == "#dogs");
}

TEST_CASE_FIXTURE(Party, "nothing else is stored: no TAGMSG, no refused message, no other command") {
  says(alice, "@+typing=active TAGMSG #cats");
  says(alice, "PRIVMSG bob :hi");
  says(alice, "PRIVMSG #nowhere :hi");
  says(alice, "PRIVMSG #cats :" + times(490, "x"));
  says(alice, "MODE #cats +m");
  says(carol, "PRIVMSG #cats :hi");
  says(alice, "TOPIC #cats :Dogs");
  const auto batch = takes_batch();
  CHECK(batch.messages.empty());
}

// -- what is left without the messages ---------------------------------------------------------------------

TEST_CASE_FIXTURE(Party, "a message that can't be stored is shown to nobody, and its sender is told by 404") {
  says(alice, "PRIVMSG #cats :hi");
  loses_messages();
  CHECK(hears(bob) == Lines{});
  CHECK(hears(carol) == Lines{});
  CHECK(hears(labeller) == Lines{});
  CHECK(hears(alice) == Lines{std::string{":irc.test 404 alice #Cats :"} + not_stored});
}

TEST_CASE_FIXTURE(Party, "its echo is not shown either") {
  says(bob, "PRIVMSG #cats :hi");
  loses_messages();
  CHECK(hears(bob) == Lines{std::string{":irc.test 404 bob #Cats :"} + not_stored});
  CHECK(hears(alice) == Lines{});
}

TEST_CASE_FIXTURE(Party, "instead of ACK its label gets the error, by FAIL for those who understand it") {
  says(labeller, "@label=l1 PRIVMSG #cats :hi");
  says(labeller, "@label=l2 NOTICE #cats :hi");
  loses_messages();
  CHECK(hears(labeller) ==
        Lines{std::string{"@label=l1 :irc.test FAIL PRIVMSG MESSAGE_NOT_STORED #Cats :"} + not_stored,
              std::string{"@label=l2 :irc.test FAIL NOTICE MESSAGE_NOT_STORED #Cats :"} + not_stored});
}

TEST_CASE_FIXTURE(Party, "an error takes the time of its command, and a sender is told in its own shape") {
  const auto dave = enters("dave", "server-time echo-message");
  gathers("#cats", {dave});
  says(dave, "PRIVMSG #cats :hi");
  now += std::chrono::seconds{1};
  loses_messages();
  const auto told = std::string{"@time=2026-01-31T12:00:00.000Z :irc.test 404 dave #Cats :"} + not_stored;
  CHECK(hears(dave) == Lines{told});
}

TEST_CASE_FIXTURE(Party,
                  "of a message to several channels the sender is told once for each, under one label") {
  gathers("#dogs", {labeller, carol});
  says(labeller, "@label=l1 PRIVMSG #cats,#dogs :hi");
  loses_messages();
  const std::string fail = ":irc.test FAIL PRIVMSG MESSAGE_NOT_STORED ";
  CHECK(hears(labeller) == Lines{"@label=l1 :irc.test BATCH +reply labeled-response",  //
                                 "@batch=reply " + fail + "#Cats :" + not_stored,
                                 "@batch=reply " + fail + "#dogs :" + not_stored,  //
                                 ":irc.test BATCH -reply"});
  CHECK(hears(carol) == Lines{});
}

TEST_CASE_FIXTURE(Party, "what the same command told users, and answers to that, are kept") {
  says(carol, "AWAY :Lunch");
  forget();
  says(bob, "PRIVMSG carol,#cats,nobody :hi");
  loses_messages();
  CHECK(hears(carol) == Lines{":bob!bob@host PRIVMSG carol :hi"});
  CHECK(hears(bob).untagged() == Lines{":bob!bob@host PRIVMSG carol :hi",  //
                                       ":irc.test 301 bob carol :Lunch",
                                       std::string{":irc.test 404 bob #Cats :"} + not_stored,
                                       ":irc.test 401 bob nobody :No such nick"});
}

TEST_CASE_FIXTURE(Party, "all else is kept, in order, wherever the messages stood among it") {
  gathers("#dogs", {alice, carol});
  says(alice, "TOPIC #cats :one");
  says(alice, "PRIVMSG #cats :lost 1");
  says(alice, "PRIVMSG #dogs :lost 2");
  says(alice, "PRIVMSG carol :two");
  says(bob, "PRIVMSG #cats :lost 3");
  says(bob, "PRIVMSG #cats :lost 4");
  says(alice, "MODE #cats +m");
  says(carol, "PING three");
  says(alice, "PRIVMSG #cats :lost 5");
  loses_messages();
  CHECK(hears(carol) == Lines{":alice!alice@host TOPIC #Cats :one", ":alice!alice@host PRIVMSG carol :two",
                              ":alice!alice@host MODE #Cats +m", ":irc.test PONG irc.test :three"});
  CHECK(hears(labeller) == Lines{":alice!alice@host TOPIC #Cats :one", ":alice!alice@host MODE #Cats +m"});
}

TEST_CASE_FIXTURE(Party, "messages alone, and messages at both ends, are taken out as well") {
  says(alice, "PRIVMSG #cats :lost 1");
  says(bob, "PRIVMSG #cats :lost 2");
  loses_messages();
  CHECK(hears(carol) == Lines{});
  says(alice, "PRIVMSG #cats :lost 1");
  says(alice, "TOPIC #cats :kept");
  says(alice, "PRIVMSG #cats :lost 2");
  loses_messages();
  CHECK(hears(carol) == Lines{":alice!alice@host TOPIC #Cats :kept"});
}

TEST_CASE_FIXTURE(Party, "each sender is told of each of its messages once") {
  says(alice, "PRIVMSG #cats :lost");
  says(bob, "PRIVMSG #cats :lost");
  says(alice, "PRIVMSG #cats :lost");
  loses_messages();
  CHECK(hears(alice) == Lines(2, std::string{":irc.test 404 alice #Cats :"} + not_stored));
  CHECK(hears(bob) == Lines(1, std::string{":irc.test 404 bob #Cats :"} + not_stored));
}

TEST_CASE_FIXTURE(Party, "a sender's errors stand where its answers would have stood") {
  says(alice, "PRIVMSG #cats :lost");
  says(alice, "PING x");
  loses_messages();
  CHECK(hears(alice) == Lines{std::string{":irc.test 404 alice #Cats :"} + not_stored,  //
                              ":irc.test PONG irc.test :x"});
  says(bob, "PRIVMSG #cats :lost");
  says(bob, "PING x");
  loses_messages();
  CHECK(hears(bob) == Lines{std::string{":irc.test 404 bob #Cats :"} + not_stored,  //
                            ":irc.test PONG irc.test :x"});
}

TEST_CASE_FIXTURE(Party, "a member who joined, or left, in the same batch hears none of it either") {
  const auto dave = enters("dave");
  says(alice, "PRIVMSG #cats :lost");
  says(dave, "JOIN #cats");
  says(alice, "PRIVMSG #cats :lost");
  says(carol, "PART #cats");
  says(alice, "PRIVMSG #cats :lost");
  leaves(bob);
  loses_messages();
  CHECK(hears(dave).with("lost") == Lines{});
  CHECK(hears(dave).with("QUIT") == Lines{});
  CHECK(hears(carol).with("lost") == Lines{});
  CHECK(hears(bob).with("lost") == Lines{});
}

TEST_CASE_FIXTURE(Party, "commands are answered, and standings told, as if the messages were kept") {
  says(alice, "PRIVMSG #cats :lost");
  says(alice, "PING x");
  const auto dave = enters({"dave", "dave", "Dave", "host", {}});
  const auto second = enters({"alice", "alice", "Alice", "host", {}});
  loses_messages();
  CHECK(answered(alice) == 2);
  CHECK(standing(dave) == Standing::entered);
  CHECK(standing(second) == Standing::refused);
  CHECK(hears(dave).size() > 10);
}

TEST_CASE_FIXTURE(Party, "in a batch without messages nothing depends on whether they are kept") {
  says(alice, "TOPIC #cats :one");
  says(alice, "PRIVMSG bob :two");
  const auto batch = takes_batch();
  REQUIRE(said_in(batch).size() == 3);
  for (const auto& line : said_in(batch)) CHECK(line.when == Batch::Outcome::any);
}

TEST_CASE_FIXTURE(Party, "the room goes on after a loss, and the next message is as any other") {
  says(alice, "PRIVMSG #cats :lost");
  loses_messages();
  forget();
  says(alice, "PRIVMSG #cats :kept");
  CHECK(hears(carol) == Lines{":alice!alice@host PRIVMSG #Cats :kept"});
}

TEST_CASE("whatever happens, without the messages everybody hears all else, and each sender of its losses") {
  const std::vector<std::string> lines{
      "PRIVMSG #cats :text",
      "PRIVMSG #dogs :text",
      "NOTICE #cats :text",
      "PRIVMSG #cats,bob,#dogs :text",
      "PRIVMSG alice :text",
      "@+x=y TAGMSG #cats",
      "TOPIC #cats :text",
      "PART #cats",
      "JOIN #cats,#dogs",
      "MODE #dogs +m",
      "MODE #dogs -m",
      "PING text",
      "AWAY :text",
      "NAMES #cats",
      "PRIVMSG nobody,#cats :hi",
      "KICK #cats carol",
  };
  const auto is_message = [](const std::string& line) {
    return line.find(" PRIVMSG #") != std::string::npos || line.find(" NOTICE #") != std::string::npos;
  };
  const auto is_refusal = [](const std::string& line) { return line.ends_with(not_stored); };

  struct World : Party {
    std::vector<std::pair<std::string, ConnectionId>> people{
        {"alice", alice},
        {"bob", bob},
        {"carol", carol},
        {"timed", enters("timed", "server-time echo-message")}};
  };
  for (unsigned seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    // The same happens in two rooms; the store fails in one of them.
    World well;
    World failing;
    for (auto* room : {&well, &failing}) {
      std::mt19937 random(seed);
      for (int i = 0; i < 60; ++i)
        room->says(room->people[random() % room->people.size()].second, lines[random() % lines.size()]);
    }
    const auto batch = well.takes_batch();
    REQUIRE(failing.takes_batch() == batch);
    well.delivers(batch);
    failing.delivers(batch, Batch::Outcome::refused);
    for (const auto& [nick, who] : well.people) {
      auto before = well.hears(who);
      auto after = failing.hears(who);
      const auto losses = std::ranges::count(batch.messages, nick, &db::Message::nick);
      CHECK(std::erase_if(after, is_refusal) == static_cast<std::size_t>(losses));
      std::erase_if(before, is_message);
      CHECK(after == before);
    }
  }
}

// -- how it is written -------------------------------------------------------------------------------------

TEST_CASE("a line is written once for each shape, and a batch is no larger for those who receive it") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  room.gathers("#a", {alice});
  for (int i = 0; i < 100; ++i)
    room.gathers("#a", {room.enters("n" + std::to_string(i), i % 2 ? "server-time" : "")});
  room.says(alice, "PRIVMSG #a :one");
  room.says(alice, "PRIVMSG #a :two");
  const auto batch = room.takes_batch();
  const std::string one = ":alice!alice@host PRIVMSG #a :one\r\n";
  const std::string two = ":alice!alice@host PRIVMSG #a :two\r\n";
  const std::string time = "@time=2026-01-31T12:00:00.000Z ";
  CHECK(batch.texts[static_cast<std::size_t>(Shape::plain)] == one + two);
  CHECK(batch.texts[static_cast<std::size_t>(Shape::timed)] == time + one + time + two);
  CHECK(batch.texts[static_cast<std::size_t>(Shape::tagged)] == "");
  CHECK(batch.items.size() ==
        6);  // of each message: its line, what its sender is told if it is lost, its answer
}

TEST_CASE("slices of two texts are two, even if one begins where the other ends") {
  RoomFixture room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.enters("carol");
  room.says(alice, "PING 12345");             // answered by as many bytes for alice alone,
  room.says(bob, "PRIVMSG carol :1");         // as this has for carol,
  room.says(bob, "PRIVMSG alice :and this");  // behind which this stands
  const auto batch = room.takes_batch();
  const auto said = said_in(batch);
  REQUIRE(said.size() == 3);
  REQUIRE(said[0].slices[0].end == said[2].slices[0].begin);
  room.delivers(batch);
  CHECK(room.hears(alice) ==
        Lines{":irc.test PONG irc.test :12345", ":bob!bob@host PRIVMSG alice :and this"});
}
