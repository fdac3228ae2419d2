// Whose turn it is: behind long answers, and while a batch is full.
#include "chat/turns.hpp"

#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace troupe;
using namespace troupe::test;

namespace {

/// A room where MOTD is long, and a channel with so many members that few messages fill a batch.
struct Crowd : RoomFixture {
  static constexpr std::size_t members = 500;
  static constexpr std::size_t text = 400;

  Crowd() : RoomFixture([](RoomConfig& config) { config.motd.assign(600, std::string(60, 'm')); }) {
    for (std::size_t i = 0; i < members; ++i) says(comes("m" + std::to_string(i)), "JOIN #crowd");
    gathers("#crowd", {alice, carol});
  }

  /// Somebody of a network, by default one of its own.
  ConnectionId comes(const std::string& nick, const std::string& network = {}) {
    Registration who{nick, nick, nick, "host", {}};
    who.network = network.empty() ? nick : network;
    const auto id = enters(std::move(who));
    settles();
    forget(id);
    return id;
  }

  /// Says one of its messages, numbered as they follow on each other, to all of the channel.
  void speaks(ConnectionId who, std::size_t number) {
    says(who, "PRIVMSG #crowd :" + std::to_string(number) + " " + std::string(text, 'x'));
  }

  /// How many of somebody's messages a batch holds.
  static std::size_t spoken(const Batch& batch, std::string_view nick) {
    std::size_t count = 0;
    for (const auto& message : batch.messages) count += message.nick.starts_with(nick);
    return count;
  }

  ConnectionId alice = comes("alice");
  ConnectionId carol = comes("carol");
  ConnectionId bob = comes("bob");
};

}  // namespace

TEST_CASE("networks take turns, and the clients of each among themselves") {
  Turns turns;
  CHECK(turns.empty());
  for (unsigned i = 1; i <= 3; ++i) turns.add("many", ConnectionId{i});
  turns.add("one", ConnectionId{9});
  CHECK(turns.has("one"));
  std::vector<ConnectionId> order;
  for (int i = 0; i < 3; ++i) order.push_back(turns.take());
  CHECK(order == std::vector{ConnectionId{1}, ConnectionId{9}, ConnectionId{2}});
  CHECK_FALSE(turns.has("one"));
  turns.add("one", ConnectionId{9});
  CHECK(turns.take() == ConnectionId{3});
  CHECK(turns.take() == ConnectionId{9});
  CHECK(turns.empty());
}

TEST_CASE_FIXTURE(Crowd, "commands that waited for a long answer are carried out one by one") {
  stops_taking(alice);
  says(alice, "MOTD");
  for (int i = 0; i < 20; ++i) says(alice, "PRIVMSG bob :x");
  settles();
  const auto size = std::string_view{":alice!alice@host PRIVMSG bob :x\r\n"}.size();
  std::size_t heard = 0;
  for (int i = 0; i < 100; ++i) {
    const auto before = unheard(bob);
    chat.taken(alice, now);
    if (chat.has_more()) chat.go_on(now);
    if (chat.has_output()) delivers(takes_batch());
    CHECK(unheard(bob) - before <= size);
    heard += unheard(bob) > before;
  }
  CHECK(heard == 20);
}

TEST_CASE_FIXTURE(Crowd, "WHOIS of somebody in a hundred channels is told in portions, complete") {
  for (std::size_t i = 0; i < 99; ++i) {
    const auto name = "#" + std::to_string(i + 100) + std::string(56, 'n');
    says(carol, "JOIN " + name);
  }
  forget();
  stops_taking(alice);
  for (int i = 0; i < 4; ++i) says(alice, "WHOIS carol");
  settles();
  CHECK(unheard(alice) <= Client::most_owed + 512);
  takes(alice);
  const auto heard = hears(alice);
  CHECK(heard.with(" 311 ").size() == 4);
  CHECK(heard.with(" 318 ").size() == 4);
  CHECK(heard.with(" 319 ").size() * 400 > 4 * 99 * 60);
  CHECK(heard.size() % 4 == 0);
  CHECK(Lines(heard.begin(), heard.begin() + heard.size() / 4) ==
        Lines(heard.end() - heard.size() / 4, heard.end()));
}

TEST_CASE_FIXTURE(Crowd, "what is said beyond a full batch waits, and who has said nothing yet does not") {
  constexpr std::size_t each = 100;
  for (std::size_t i = 0; i < each; ++i)
    for (const auto who : {alice, carol}) speaks(who, i);
  says(bob, "PING 1");
  says(bob, "PING 2");
  CHECK_FALSE(chat.has_more());  // not until the batch has been taken
  const auto batch = takes_batch();
  CHECK(batch.messages.size() * members * text <= Outbox::heavy + 2 * members * (text + 100));
  CHECK(batch.messages.size() * members * (text + 100) >= Outbox::heavy);
  chat.kept(batch.messages, now);
  delivers(batch);
  CHECK(answered(bob) == 2);  // which settles all
  CHECK(hears(bob) == Lines{":irc.test PONG irc.test :1", ":irc.test PONG irc.test :2"});

  // Each one's in their order, and none left out.
  std::size_t next[2] = {spoken(batch, "alice"), spoken(batch, "carol")};
  for (const auto& message : stored) {
    auto& number = next[message.nick.starts_with("alice") ? 0 : 1];
    CHECK(message.text.starts_with(std::to_string(number) + " "));
    ++number;
  }
  CHECK(next[0] + next[1] == 2 * each);
}

TEST_CASE_FIXTURE(Crowd, "while batches are full clients take turns, whoever else has how much to say") {
  for (std::size_t i = 0; i < 200; ++i) speaks(alice, i);
  delivers(takes_batch());
  for (std::size_t i = 0; i < 20; ++i) speaks(carol, i);
  says(bob, "PING 1");
  says(bob, "PING 2");
  says(bob, "PING 3");
  for (int i = 0; i < 20 && chat.has_more(); ++i) chat.go_on(now);
  const auto batch = takes_batch();
  const auto alices = spoken(batch, "alice"), carols = spoken(batch, "carol");
  CHECK(alices >= 5);
  CHECK(carols >= alices);
  CHECK(carols <= alices + 2);
  delivers(batch);
  CHECK(unheard(bob) == 3 * std::string_view{":irc.test PONG irc.test :1\r\n"}.size());
}

TEST_CASE_FIXTURE(Crowd, "a room that closes with a full batch answers what waits, and holds nothing back") {
  for (std::size_t i = 0; i < 200; ++i) speaks(alice, i);
  chat.close();
  CHECK_FALSE(chat.has_more());
  CHECK(answered(alice) == 200);
  says(alice, "PING x");
  CHECK(answered(alice) == 1);
}

TEST_CASE_FIXTURE(Crowd, "while batches are full many clients of one network have the turns of one") {
  std::vector<ConnectionId> many;
  for (int i = 0; i < 50; ++i) many.push_back(comes("x" + std::to_string(i), "one network"));
  for (const auto one : many) says(one, "JOIN #crowd");
  for (std::size_t i = 0; i < 5; ++i)
    for (const auto one : many) speaks(one, i);
  CHECK_FALSE(chat.has_more());
  delivers(takes_batch());
  for (std::size_t i = 0; i < 10; ++i) speaks(carol, i);
  while (chat.has_more()) chat.go_on(now);
  const auto batch = takes_batch();
  CHECK(spoken(batch, "carol") == 10);
  CHECK(spoken(batch, "x") >= 10);
  CHECK(batch.messages.size() * members * text <= Outbox::heavy + 2 * members * (text + 100));
}
