// Who may read a channel's past: CHATHISTORY, its TARGETS, and the replay ask one question.
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

using Texts = std::vector<std::string>;
using Kept = std::vector<db::ChannelLife>;

/// A room with a store, whose questions to it are answered at once.
struct Readers : RoomFixture {
  explicit Readers(bool recorded = false)
      : RoomFixture([&](RoomConfig& config) {
          config.archived = true;
          config.recorded = recorded;
        }) {}

  void does(ConnectionId who, std::string_view line) {
    now += 1s;
    says(who, line);
    answers();
  }
  void answers() {
    settles();
    for (auto pending = chat.take_recalls(); !pending.empty(); pending = chat.take_recalls())
      for (const auto& recall : pending) {
        std::vector<db::Message> found;
        for (const auto& query : recall.queries) {
          std::vector<db::Message> all;
          std::ranges::copy_if(stored, std::back_inserter(all), [&](const db::Message& message) {
            return message.channel == query.channel &&
                   message.id > query.after.value_or(protocol::MessageId{}) &&
                   (!query.before || message.id < *query.before);
          });
          db::cut(query, all);
          std::ranges::move(all, std::back_inserter(found));
        }
        chat.recalled(recall.number, found, now);
        settles();
      }
  }

  /// The texts of messages that somebody is shown.
  Texts reads(ConnectionId who) {
    answers();
    Texts texts;
    for (const auto& line : hears(who))
      if (line.find(" PRIVMSG #c :") != std::string::npos)
        texts.push_back(line.substr(line.find(" PRIVMSG #c :") + 13));
    return texts;
  }
  Texts asks(ConnectionId who, const std::string& question = "LATEST #c * 100") {
    forget(who);
    does(who, "CHATHISTORY " + question);
    return reads(who);
  }
  std::size_t targets(ConnectionId who) {
    forget(who);
    does(who, "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 9");
    const auto lines = hears(who);
    return static_cast<std::size_t>(std::ranges::count_if(
        lines, [](const auto& line) { return line.find(" TARGETS #c ") != std::string::npos; }));
  }

  ConnectionId alice = enters("alice", "message-tags");
  ConnectionId bob = enters("bob", "server-time message-tags");                  // is replayed to
  ConnectionId carol = enters("carol", "batch draft/chathistory message-tags");  // asks
};

}  // namespace

TEST_CASE_FIXTURE(Readers,
                  "the past of a channel that was open all the time is there for whoever makes it anew") {
  does(alice, "JOIN #c");
  does(alice, "PRIVMSG #c :hello");
  does(alice, "MODE #c +mnl 5");
  does(alice, "PART #c");
  does(bob, "JOIN #c");
  CHECK(reads(bob) == Texts{"hello"});
  does(carol, "JOIN #c");
  CHECK(asks(carol) == Texts{"hello"});
  CHECK(targets(carol) == 1);
}

TEST_CASE("the past of a channel that was ever closed ends with it") {
  for (const std::string closing : {"+i", "+s", "+k key", "+b mallory!*@*"})
    for (const bool opened_again : {false, true}) {
      CAPTURE(closing);
      Readers room;
      room.does(room.alice, "JOIN #c");
      room.does(room.alice, "PRIVMSG #c :before");
      room.does(room.alice, "MODE #c " + closing);
      room.does(room.alice, "PRIVMSG #c :secret");
      if (opened_again) room.does(room.alice, "MODE #c -" + closing.substr(1));
      if (opened_again) {
        room.does(room.carol, "JOIN #c");  // a member of the same life
        CHECK(room.asks(room.carol) == Texts{"before", "secret"});
        CHECK(room.targets(room.carol) == 1);
        room.does(room.carol, "PART #c");
      }
      room.does(room.alice, "PART #c");

      room.does(room.bob, "JOIN #c");
      CHECK(room.reads(room.bob).empty());
      room.does(room.carol, "JOIN #c");
      CHECK(room.targets(room.carol) == 0);
      const auto first = "msgid=" + to_string(room.stored.front().id);
      const auto last = "msgid=" + to_string(room.stored.back().id);
      for (const auto& question :
           {std::string{"LATEST #c * 100"}, "BEFORE #c " + last + " 9", "AFTER #c " + first + " 9",
            "AROUND #c " + first + " 9", "BETWEEN #c " + first + " " + last + " 9",
            "BETWEEN #c " + last + " " + first + " 9",
            std::string{"AFTER #c timestamp=2000-01-01T00:00:00.000Z 9"},
            std::string{"BEFORE #c timestamp=2100-01-01T00:00:00.000Z 9"}}) {
        CAPTURE(question);
        CHECK(room.asks(room.carol, question).empty());
      }
      room.does(room.bob, "PRIVMSG #c :new");
      CHECK(room.asks(room.carol) == Texts{"new"});
      CHECK(room.targets(room.carol) == 1);
      room.does(room.alice, "JOIN #c");
      room.does(room.carol, "PART #c");
      room.does(room.carol, "JOIN #c");
      CHECK(room.asks(room.carol) == Texts{"new"});
    }
}

TEST_CASE_FIXTURE(Readers, "what is still on its way when a closed channel ends is not readable either") {
  does(alice, "JOIN #c");
  does(alice, "MODE #c +i");
  says(alice, "PRIVMSG #c :secret");
  says(alice, "PART #c");
  says(bob, "JOIN #c");
  says(carol, "JOIN #c");
  CHECK(reads(bob).empty());
  CHECK(asks(carol).empty());
}

TEST_CASE("until the records are read nothing from before the start is readable, then what they allow") {
  for (const bool closed : {false, true}) {
    CAPTURE(closed);
    Readers first;
    first.does(first.alice, "JOIN #c");
    first.does(first.alice, "PRIVMSG #c :before");

    Readers room(true);
    room.now = first.now + 1min;
    room.stored = first.stored;
    room.does(room.bob, "JOIN #c");
    room.does(room.carol, "JOIN #c");
    CHECK(room.reads(room.bob).empty());
    CHECK(room.asks(room.carol).empty());
    CHECK(room.targets(room.carol) == 0);
    room.does(room.bob, "PRIVMSG #c :now");
    CHECK(room.asks(room.carol).empty());  // with that of before it is not known to be all
    CHECK(room.asks(room.carol, "LATEST #c * 1") == Texts{"now"});
    CHECK_FALSE(room.chat.has_lives());

    room.chat.know(closed ? Kept{{"#c", {}, true}} : Kept{}, room.now);
    CHECK(room.asks(room.carol) == (closed ? Texts{"now"} : Texts{"before", "now"}));
    CHECK(room.targets(room.carol) == 1);
    CHECK(room.chat.has_lives() == closed);
  }
}

TEST_CASE("what the records hold of a closed life hides it after a restart, whoever comes first") {
  Readers first(true);
  first.chat.know({}, first.now);
  first.does(first.alice, "JOIN #c");
  first.does(first.alice, "MODE #c +k key");
  first.does(first.alice, "PRIVMSG #c :secret");
  const auto kept = first.chat.take_lives(10);
  REQUIRE(kept.size() == 1);

  Readers room(true);
  room.now = first.now + 1min;
  room.stored = first.stored;
  room.chat.continue_after(first.stored.back().id);
  room.chat.know(kept, room.now);
  room.does(room.bob, "JOIN #c");
  CHECK(room.reads(room.bob).empty());
  room.does(room.carol, "JOIN #c");
  CHECK(room.asks(room.carol).empty());
  room.does(room.bob, "PRIVMSG #c :new");
  CHECK(room.asks(room.carol) == Texts{"new"});
}
