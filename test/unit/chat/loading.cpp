// Joining a channel whose past is not in memory.
#include "test/unit/chat/archive.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace troupe;
using namespace troupe::test;

// -- joining a channel whose past is not in memory ---------------------------------------------------------

TEST_CASE("who joins a channel that comes to life is in it at once, and shown its past when it arrives") {
  Archive room;
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol", "server-time");
  room.joins(bob, "#cats");
  for (const auto& text : range(0, 19)) room.posts(bob, text);
  room.says(bob, "PART #cats");
  room.forget();

  room.says(carol, "JOIN #Cats");
  room.says(carol, "PING after");
  const auto at_once = room.hears(carol).untagged();
  CHECK(at_once.front() == ":carol!carol@host JOIN #Cats");
  CHECK(at_once.back() == ":irc.test PONG irc.test :after");
  CHECK(texts(at_once) == Texts{});
  CHECK(room.answered(carol) == 2);
  const auto asked = room.recall();
  REQUIRE(asked.queries.size() == 1);
  CHECK(asked.queries[0].channel == "#cats");
  CHECK(asked.queries[0].limit == Recent::capacity);
  CHECK(asked.queries[0].from == db::Query::Direction::newest_first);
  room.chat.recalled(asked.number, room.finds(asked), room.now);
  CHECK(texts(room.hears(carol)) == range(10, 19));
  CHECK(room.answered(carol) == 0);
}

TEST_CASE("whose past is in memory is joined at once, and what can't be joined is asked nobody about") {
  Archive room;
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol");
  room.joins(bob, "#cats");
  room.says(carol, "JOIN #cats,nochannel,#bad\aname");
  room.says(carol, "JOIN 0");
  room.says(carol, "JOIN");
  CHECK(room.chat.take_recalls().empty());
  CHECK(room.hears(carol).with(" JOIN #cats").size() == 1);
}

TEST_CASE("a JOIN of several channels is answered at once, and asks about few of them at a time") {
  Archive room;
  const auto bob = room.enters("bob");
  room.says(bob, "JOIN #a,#b,#a,#c,#d,#e");
  CHECK(room.hears(bob).with(" JOIN #").size() == 5);
  auto asked = room.chat.take_recalls();
  REQUIRE(asked.size() == Recalls::most);
  CHECK(room.chat.take_recalls().empty());
  CHECK(asked[0].queries[0].channel == "#a");
  room.chat.recalled(asked[1].number, room.finds(asked[1]), room.now);
  asked = room.chat.take_recalls();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].queries[0].channel == "#c");
}

TEST_CASE("a JOIN of more channels than anybody may be in asks about no more than that") {
  Archive room;
  const auto bob = room.enters("bob");
  const std::string letters = "0123456789abcdefghijklmnopqrstuvwxyz!$%&()*+-./;<=>?@_~";
  const auto name = [&](std::size_t i) {
    return "#" + std::string(1 + i / letters.size(), letters[i % letters.size()]);
  };
  for (std::size_t i = 0; i < 2 * letters.size() + 10; i += 10) {
    auto names = name(i);
    for (auto j = i + 1; j < i + 10; ++j) names += "," + name(j);
    room.says(bob, "JOIN " + names);
  }
  const auto heard = room.hears(bob);
  CHECK(heard.with(" JOIN #").size() == 100);
  CHECK(heard.with(" 405 bob #").size() == 2 * letters.size() + 10 - 100);
  CHECK(room.recalls() == 100);
}

TEST_CASE("who asks about many channels delays nobody else's answer by more than one") {
  Archive room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.says(bob, "JOIN #a,#b,#c,#d,#e,#f");
  const auto of_bob = room.chat.take_recalls();
  room.says(alice, "JOIN #x,#y");
  std::vector<std::string> order;
  for (auto pending = of_bob; !pending.empty(); pending = room.chat.take_recalls())
    for (const auto& recall : pending) {
      order.push_back(recall.queries[0].channel);
      room.chat.recalled(recall.number, room.finds(recall), room.now);
    }
  CHECK(order == std::vector<std::string>{"#a", "#b", "#c", "#x", "#d", "#y", "#e", "#f"});
}

TEST_CASE("what is joined and left before its turn comes is not asked about") {
  Archive room;
  const auto bob = room.enters("bob");
  room.says(bob, "JOIN #a,#b");
  REQUIRE(room.chat.take_recalls().size() == 2);
  for (int i = 0; i < 100; ++i) {
    room.says(bob, "JOIN #" + std::to_string(i));
    room.says(bob, "PART #" + std::to_string(i));
  }
  room.forget();
  room.says(bob, "JOIN #last");
  room.leaves(bob);
  CHECK(room.recalls() == 0);
}

TEST_CASE("two who join a channel while it is being loaded wait for one answer") {
  Archive room;
  const auto alice = room.enters("alice", "server-time");
  const auto bob = room.enters("bob", "server-time");
  const auto carol = room.enters("carol");
  room.joins(carol, "#a");
  room.posts(carol, "past", "#a");
  room.leaves(carol);
  room.says(bob, "JOIN #a");
  room.says(alice, "JOIN #a");
  CHECK(room.hears(alice).untagged().with(" 353 ") == Lines{":irc.test 353 alice = #a :@bob alice"});
  CHECK(room.recalls() == 1);
  CHECK(texts(room.hears(alice)) == Texts{"past"});
  CHECK(texts(room.hears(bob)) == Texts{"past"});
}

TEST_CASE("who joins a channel whose past can't be read is told so, and the next one's JOIN asks again") {
  Archive room;
  const auto bob = room.enters("bob", "server-time");
  const auto carol = room.enters("carol");
  room.joins(carol, "#cats");
  for (const auto& text : range(0, 4)) room.posts(carol, text);
  room.says(carol, "PART #cats");
  room.forget();
  room.says(bob, "JOIN #Cats");
  room.says(carol, "JOIN #cats");
  room.forget();
  const auto first = room.recall();
  room.posts(carol, "5");
  CHECK(texts(room.hears(bob)) == range(5, 5));
  room.chat.recalled(first.number, std::nullopt, room.now);
  CHECK(room.hears(bob).untagged() ==
        Lines{":irc.test NOTICE bob :Earlier messages of #Cats are not available now"});
  CHECK(room.hears(carol) == Lines{});  // she would not have been shown them either

  const auto dora = room.enters("dora", "server-time");
  room.says(dora, "JOIN #cats");
  CHECK(texts(room.hears(dora)) == Texts{});
  CHECK(room.recalls() == 1);
  CHECK(texts(room.hears(dora)) == range(0, 5));
  CHECK(texts(room.hears(bob)) == Texts{});
}

TEST_CASE("a question about a channel whose past is being read waits for that, and then needs no other one") {
  Archive room;
  const auto alice = room.enters("alice", with_history);
  const auto bob = room.enters("bob");
  room.joins(bob, "#cats");
  for (const auto& text : range(0, 4)) room.posts(bob, text);
  room.says(bob, "PART #cats");
  room.forget();
  room.says(alice, "JOIN #cats");
  room.says(alice, "CHATHISTORY LATEST #cats * 10");
  room.says(alice,
            "CHATHISTORY TARGETS " + timestamp(room.now - 1h) + " " + timestamp(room.now + 1h) + " 10");
  CHECK(texts(room.hears(alice)) == Texts{});
  CHECK(room.recalls() == 1);
  const auto heard = room.hears(alice);
  CHECK(texts(heard) == range(0, 4));
  CHECK(heard.with(" CHATHISTORY TARGETS #cats ").size() == 1);
}

TEST_CASE(
    "of a channel whose past could not be read TARGETS asks the store, and fails if that does not answer") {
  Archive room;
  const auto alice = room.enters("alice", with_history);
  const auto bob = room.enters("bob");
  for (const auto* channel : {"#a", "#b", "#c"}) {
    room.joins(bob, channel);
    room.posts(bob, "text", channel);
  }
  room.leaves(bob);
  room.says(alice, "JOIN #a,#b,#silent");
  for (auto pending = room.chat.take_recalls(); !pending.empty(); pending = room.chat.take_recalls())
    for (const auto& recall : pending) room.chat.recalled(recall.number, std::nullopt, room.now);
  room.posts(alice, "more", "#b");
  const auto question = "TARGETS " + timestamp(room.now - 1h) + " " + timestamp(room.now + 1h) + " 10";
  CHECK(room.asks(alice, question) == Lines{});
  room.chat.recalled(room.recall().number, std::nullopt, room.now);
  CHECK(room.hears(alice) == fails("MESSAGE_ERROR TARGETS :Messages could not be retrieved"));
  room.asks(alice, question);
  CHECK(room.recalls() == 1);
  const auto heard = room.hears(alice).with(" CHATHISTORY TARGETS ");
  REQUIRE(heard.size() == 2);
  CHECK(heard[0].find(" TARGETS #a ") != std::string::npos);
  CHECK(heard[1].find(" TARGETS #b ") != std::string::npos);
}

TEST_CASE("a client that leaves while a channel is being loaded leaves nothing behind") {
  Archive room;
  const auto alice = room.enters("alice");
  const auto bob = room.enters("bob");
  room.says(bob, "JOIN #a,#b");
  const auto asked = room.chat.take_recalls();
  REQUIRE(asked.size() == 2);
  room.chat.recalled(asked[0].number, room.finds(asked[0]), room.now);
  room.leaves(bob);
  room.chat.recalled(asked[1].number, room.finds(asked[1]), room.now);
  room.forget();
  room.says(alice, "LIST");
  CHECK(room.hears(alice).with(" 322 ") == Lines{});
  room.says(alice, "JOIN #a,#b");
  CHECK(room.recalls() == 2);  // nobody knows what has been said meanwhile
  CHECK(room.hears(alice).with(" JOIN #").size() == 2);
}

TEST_CASE("of two who wait for a channel one may leave") {
  Archive room;
  const auto alice = room.enters("alice", "server-time");
  const auto bob = room.enters("bob", "server-time");
  const auto carol = room.enters("carol");
  room.joins(carol, "#a");
  room.posts(carol, "past", "#a");
  room.leaves(carol);
  for (const auto& who : {bob, alice}) room.says(who, "JOIN #a");
  const auto asked = room.recall();
  room.leaves(bob);
  room.forget();
  room.chat.recalled(asked.number, room.finds(asked), room.now);
  CHECK(texts(room.hears(alice)) == Texts{"past"});
}

TEST_CASE("while the store is asked a channel can be told more than memory holds") {
  Archive room;
  const auto bob = room.enters("bob", "server-time");
  const auto carol = room.enters("carol", "server-time");
  room.joins(bob, "#cats");
  room.posts(bob, "long ago");
  room.leaves(bob);
  const auto dora = room.enters("dora");
  room.says(carol, "JOIN #cats");
  room.says(dora, "JOIN #cats");
  room.forget();
  const auto asked = room.recall();
  const auto found = room.finds(asked);
  std::size_t notices = 0;
  for (int i = 0; i < 1000; ++i) {
    room.posts(dora, std::to_string(i));
    notices += room.hears(carol).with(" NOTICE carol ").size();
  }
  CHECK(notices == 1);
  room.chat.recalled(asked.number, found, room.now);
  CHECK(room.hears(carol) == Lines{});
  const auto erin = room.enters("erin", "server-time");
  room.says(erin, "JOIN #cats");
  CHECK(texts(room.hears(erin)) == range(990, 999));
}

TEST_CASE("a message kept while its channel is being loaded is neither lost nor doubled") {
  for (const bool store_had_it : {false, true}) {
    for (const bool told_before : {false, true}) {
      CAPTURE(store_had_it);
      CAPTURE(told_before);
      Archive room;
      const auto bob = room.enters("bob");
      const auto dora = room.enters("dora", "server-time");
      room.joins(bob, "#cats");
      room.posts(bob, "one");
      room.leaves(bob);
      room.forget();
      const auto erin = room.enters("erin");
      room.says(erin, "JOIN #cats");
      room.forget();
      const auto asked = room.recall();
      room.says(erin, "PRIVMSG #cats :two");
      const auto committing = room.takes_batch();
      room.says(dora, "JOIN #cats");
      CHECK(texts(room.hears(dora)) == Texts{});
      if (store_had_it) room.stored.push_back(committing.messages[0]);
      const auto found = room.finds(asked);
      if (told_before) room.chat.kept(committing.messages, room.now);
      room.chat.recalled(asked.number, found, room.now);
      if (!told_before) room.chat.kept(committing.messages, room.now);
      CHECK(texts(room.hears(dora)) == Texts{"one", "two"});
      const auto carol = room.enters("carol", "server-time");
      room.says(carol, "JOIN #cats");
      CHECK(texts(room.hears(carol)) == Texts{"one", "two"});
    }
  }
}

TEST_CASE("what a channel without members was last told is not lost when it comes back to life") {
  Archive room;
  const auto bob = room.enters("bob", "server-time");
  const auto carol = room.enters("carol", "server-time");
  room.joins(bob, "#cats");
  room.posts(bob, "one");
  room.says(bob, "PRIVMSG #cats :two");
  room.says(bob, "PART #cats");
  SUBCASE("after it is kept") {
    room.settles();
    room.says(carol, "JOIN #cats");
    CHECK(room.recalls() == 1);
    CHECK(texts(room.hears(carol)) == Texts{"one", "two"});
  }
  SUBCASE("before it is kept") {
    room.says(carol, "JOIN #cats");
    CHECK(room.recalls() == 0);
    CHECK(texts(room.hears(carol)) == Texts{"one", "two"});
  }
  SUBCASE("and refused") {
    const auto batch = room.takes_batch();
    room.says(carol, "JOIN #cats");
    room.chat.refused(batch.messages, room.now);
    CHECK(texts(room.hears(carol)) == Texts{"one"});
  }
}
