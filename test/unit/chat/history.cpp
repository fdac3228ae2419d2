// CHATHISTORY (draft/chathistory), and what newcomers are shown of a channel's past.
#include "protocol/text.hpp"
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

constexpr auto with_history = "batch draft/chathistory message-tags";
constexpr auto not_retrieved = " :Messages could not be retrieved";

using Texts = std::vector<std::string>;

/// The texts of the channels' messages among these lines.
Texts texts(const Lines& lines) {
  Texts found;
  for (const auto& line : lines)
    if (line.find(" PRIVMSG #") != std::string::npos || line.find(" NOTICE #") != std::string::npos)
      found.push_back(line.substr(line.find(" :", line.find("!")) + 2));
  return found;
}

/// "first" to "last", as they are said.
Texts range(int first, int last) {
  Texts texts;
  for (auto i = first; i <= last; ++i) texts.push_back(std::to_string(i));
  return texts;
}

std::string msgid(const protocol::MessageId& id) { return "msgid=" + to_string(id); }
std::string timestamp(protocol::Time time) { return "timestamp=" + protocol::to_timestamp(time); }

Lines fails(const std::string& how) { return {":irc.test FAIL CHATHISTORY " + how}; }

/// A room whose messages are kept when they are heard, as `stored`, of which its recalls can be answered.
struct Archive : RoomFixture {
  explicit Archive(const Config& configure = [](RoomConfig& config) { config.archived = true; })
      : RoomFixture(configure) {}

  /// What the store would find for a recall.
  std::vector<db::Message> finds(const Room::Recall& recall) const {
    std::vector<db::Message> all;
    for (const auto& query : recall.queries) {
      Recent channel;
      std::vector<db::Message> past;
      std::ranges::copy_if(stored, std::back_inserter(past),
                           [&](const auto& message) { return message.channel == query.channel; });
      channel.load(std::move(past), true);
      std::ranges::move(*channel.read(query), std::back_inserter(all));
    }
    return all;
  }

  /// Answers what has come up, and says how many recalls that were.
  std::size_t recalls() {
    std::size_t count = 0;
    for (auto pending = chat.take_recalls(); !pending.empty(); pending = chat.take_recalls())
      for (const auto& recall : pending) {
        chat.recalled(recall.number, finds(recall), now);
        ++count;
      }
    return count;
  }

  /// Takes the one recall that has come up.
  Room::Recall recall() {
    const auto pending = chat.take_recalls();
    REQUIRE(pending.size() == 1);
    return pending.front();
  }

  void joins(ConnectionId who, const std::string& channel) {
    says(who, "JOIN " + channel);
    recalls();
    forget();
  }

  /// Says this a second after whatever was said last.
  protocol::MessageId posts(ConnectionId who, const std::string& text, const std::string& channel = "#cats") {
    now += 1s;
    says(who, "PRIVMSG " + channel + " :" + text);
    settles();
    return stored.back().id;
  }

  Lines asks(ConnectionId who, const std::string& question) {
    forget();
    says(who, "CHATHISTORY " + question);
    return hears(who);
  }
};

/// Bob has said 0 to 9 in #Cats, all of which is in memory.
struct Talk : Archive {
  explicit Talk(const Config& configure = [](RoomConfig&) {}) : Archive(configure) {}

  Texts tells(const std::string& question) { return texts(asks(alice, question)); }
  std::string time(int number) { return timestamp(ids[number].time()); }
  std::string id(int number) { return msgid(ids[number]); }

  ConnectionId alice = enters("alice", with_history);
  ConnectionId bob = enters("bob", "message-tags");
  std::vector<protocol::MessageId> ids = [this] {
    joins(bob, "#Cats");
    joins(alice, "#Cats");
    std::vector<protocol::MessageId> ids;
    for (const auto& text : range(0, 9)) ids.push_back(posts(bob, text));
    return ids;
  }();
};

}  // namespace

// -- the subcommands ---------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Talk, "LATEST with * gives the last messages, oldest first, as many as there are") {
  CHECK(tells("LATEST #cats * 3") == range(7, 9));
  CHECK(tells("LATEST #cats * 10") == range(0, 9));
  CHECK(tells("LATEST #cats * 11") == range(0, 9));
  CHECK(tells("LATEST #CATS * 1") == range(9, 9));
  CHECK(tells("latest #cats * 1") == range(9, 9));
}

TEST_CASE_FIXTURE(Talk, "LATEST with a reference gives the last of the messages after it") {
  CHECK(tells("LATEST #cats " + id(6) + " 10") == range(7, 9));
  CHECK(tells("LATEST #cats " + id(6) + " 2") == range(8, 9));
  CHECK(tells("LATEST #cats " + time(6) + " 10") == range(7, 9));
  CHECK(tells("LATEST #cats " + time(6) + " 2") == range(8, 9));
  CHECK(tells("LATEST #cats " + id(9) + " 10") == Texts{});
  CHECK(tells("LATEST #cats " + timestamp(now + 1h) + " 10") == Texts{});
  CHECK(tells("LATEST #cats " + timestamp(now - 1h) + " 10") == range(0, 9));
}

TEST_CASE_FIXTURE(Talk, "BEFORE gives the messages that come right before its reference, without it") {
  CHECK(tells("BEFORE #cats " + id(3) + " 10") == range(0, 2));
  CHECK(tells("BEFORE #cats " + id(3) + " 2") == range(1, 2));
  CHECK(tells("BEFORE #cats " + time(3) + " 2") == range(1, 2));
  CHECK(tells("BEFORE #cats " + timestamp(ids[3].time() + 1ms) + " 2") == range(2, 3));
  CHECK(tells("BEFORE #cats " + id(0) + " 2") == Texts{});
  CHECK(tells("BEFORE #cats timestamp=9999-12-31T23:59:59.999Z 2") == range(8, 9));
}

TEST_CASE_FIXTURE(Talk, "AFTER gives the messages that come right after its reference, without it") {
  CHECK(tells("AFTER #cats " + id(6) + " 10") == range(7, 9));
  CHECK(tells("AFTER #cats " + id(6) + " 2") == range(7, 8));
  CHECK(tells("AFTER #cats " + time(6) + " 2") == range(7, 8));
  CHECK(tells("AFTER #cats " + timestamp(ids[6].time() - 1ms) + " 2") == range(6, 7));
  CHECK(tells("AFTER #cats " + id(9) + " 2") == Texts{});
  CHECK(tells("AFTER #cats timestamp=1970-01-01T00:00:00.000Z 2") == range(0, 1));
}

TEST_CASE_FIXTURE(Talk, "AROUND gives a message, and what comes before and after it") {
  CHECK(tells("AROUND #cats " + id(5) + " 4") == range(3, 6));
  CHECK(tells("AROUND #cats " + id(5) + " 5") == range(3, 7));
  CHECK(tells("AROUND #cats " + time(5) + " 4") == range(3, 6));
  CHECK(tells("AROUND #cats " + id(5) + " 1") == range(5, 5));
  CHECK(tells("AROUND #cats " + id(5) + " 500") == range(0, 9));
  CHECK(tells("AROUND #cats " + id(0) + " 4") == range(0, 1));
  CHECK(tells("AROUND #cats " + id(9) + " 4") == range(7, 9));
  CHECK(tells("AROUND #cats " + timestamp(ids[5].time() + 1ms) + " 4") == range(4, 7));
}

TEST_CASE_FIXTURE(Talk, "BETWEEN gives what lies between its references, counted from the first one") {
  CHECK(tells("BETWEEN #cats " + id(2) + " " + id(7) + " 10") == range(3, 6));
  CHECK(tells("BETWEEN #cats " + id(2) + " " + id(7) + " 2") == range(3, 4));
  CHECK(tells("BETWEEN #cats " + time(2) + " " + time(7) + " 2") == range(3, 4));
  CHECK(tells("BETWEEN #cats " + id(2) + " " + time(7) + " 2") == range(3, 4));
  CHECK(tells("BETWEEN #cats " + time(2) + " " + id(7) + " 2") == range(3, 4));
}

TEST_CASE_FIXTURE(Talk, "BETWEEN backwards counts from its first reference as well, and tells oldest first") {
  CHECK(tells("BETWEEN #cats " + id(7) + " " + id(2) + " 10") == range(3, 6));
  CHECK(tells("BETWEEN #cats " + id(7) + " " + id(2) + " 2") == range(5, 6));
  CHECK(tells("BETWEEN #cats " + time(7) + " " + time(2) + " 2") == range(5, 6));
  CHECK(tells("BETWEEN #cats " + id(7) + " " + time(2) + " 2") == range(5, 6));
}

TEST_CASE_FIXTURE(Talk, "between a message and itself, or its neighbour, there is nothing") {
  CHECK(tells("BETWEEN #cats " + id(4) + " " + id(4) + " 10") == Texts{});
  CHECK(tells("BETWEEN #cats " + id(4) + " " + id(5) + " 10") == Texts{});
  CHECK(tells("BETWEEN #cats " + time(4) + " " + time(4) + " 10") == Texts{});
  CHECK(tells("BETWEEN #cats " + id(4) + " " + time(4) + " 10") == Texts{});
  CHECK(tells("BETWEEN #cats " + time(4) + " " + id(4) + " 10") == Texts{});
}

TEST_CASE_FIXTURE(Talk, "a time stands for all messages of its millisecond, an id for one of them") {
  now += 1s;
  for (const auto text : {"a", "b", "c"}) says(bob, std::string{"PRIVMSG #cats :"} + text);
  settles();
  const auto b = msgid(stored[11].id);
  const auto then = timestamp(now);
  posts(bob, "d");
  CHECK(tells("AFTER #cats " + then + " 9") == Texts{"d"});
  CHECK(tells("BEFORE #cats " + then + " 1") == Texts{"9"});
  CHECK(tells("AROUND #cats " + then + " 2") == Texts{"9", "a"});
  CHECK(tells("AFTER #cats " + b + " 9") == Texts{"c", "d"});
  CHECK(tells("BEFORE #cats " + b + " 2") == Texts{"9", "a"});
}

TEST_CASE_FIXTURE(Talk, "a message of another channel is a place in the order all the same") {
  joins(bob, "#dogs");
  const auto there = msgid(posts(bob, "elsewhere", "#dogs"));
  posts(bob, "10");
  CHECK(tells("BEFORE #cats " + there + " 1") == range(9, 9));
  CHECK(tells("AFTER #cats " + there + " 9") == range(10, 10));
}

TEST_CASE_FIXTURE(Talk, "paging back and forth meets each message once") {
  Texts back;
  auto page = asks(alice, "LATEST #cats * 3");
  while (!texts(page).empty()) {
    auto found = texts(page);
    back.insert(back.begin(), found.begin(), found.end());
    page = asks(alice, "BEFORE #cats msgid=" + tag(page[1], "msgid") + " 3");
  }
  CHECK(back == range(0, 9));
  Texts forth;
  page = asks(alice, "AFTER #cats timestamp=2000-01-01T00:00:00.000Z 3");
  while (!texts(page).empty()) {
    auto found = texts(page);
    forth.insert(forth.end(), found.begin(), found.end());
    page = asks(alice, "AFTER #cats msgid=" + tag(page[page.size() - 2], "msgid") + " 3");
  }
  CHECK(forth == range(0, 9));
}

// -- TARGETS -----------------------------------------------------------------------------------------------

namespace {

/// Alice is in three channels that were spoken in, one that was not, and Bob alone in another one.
struct Channels : Archive {
  Channels() : Archive([](RoomConfig&) {}) {
    for (const auto* channel : {"#C", "#A", "#B", "#silent"}) {
      joins(bob, channel);
      joins(alice, channel);
    }
    joins(bob, "#foreign");
    for (const auto* channel : {"#b", "#A", "#foreign", "#b", "#c"}) {
      posts(bob, "text", channel);
      said.push_back(now);
    }
  }

  Lines targets(protocol::Time from, protocol::Time to, std::size_t limit) {
    auto lines =
        asks(alice, "TARGETS " + timestamp(from) + " " + timestamp(to) + " " + std::to_string(limit));
    REQUIRE(lines.size() >= 2);
    CHECK(lines.front() == ":irc.test BATCH +reply draft/chathistory-targets");
    CHECK(lines.back() == ":irc.test BATCH -reply");
    Lines found;
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
      CHECK(lines[i].starts_with("@batch=reply :irc.test CHATHISTORY TARGETS "));
      found.push_back(lines[i].substr(lines[i].find("TARGETS ") + 8));
    }
    return found;
  }

  std::string line(const std::string& channel, int number) {
    return channel + " " + protocol::to_timestamp(said[number]);
  }

  ConnectionId alice = enters("alice", with_history);
  ConnectionId bob = enters("bob");
  std::vector<protocol::Time> said;
};

}  // namespace

TEST_CASE_FIXTURE(Channels,
                  "TARGETS lists one's channels by the time of their last message, silent ones not") {
  CHECK(targets(now - 1h, now + 1h, 10) == Lines{line("#A", 1), line("#B", 3), line("#C", 4)});
}

TEST_CASE_FIXTURE(Channels, "TARGETS goes by the last message alone, and excludes both its times") {
  CHECK(targets(said[1], said[4], 10) == Lines{line("#B", 3)});
  CHECK(targets(said[0] - 1ms, said[0] + 1ms, 10) == Lines{});
  CHECK(targets(said[3] - 1ms, said[3] + 1ms, 10) == Lines{line("#B", 3)});
}

TEST_CASE_FIXTURE(Channels, "the limit of TARGETS counts from its first time, also backwards") {
  CHECK(targets(now - 1h, now + 1h, 2) == Lines{line("#A", 1), line("#B", 3)});
  CHECK(targets(now + 1h, now - 1h, 2) == Lines{line("#B", 3), line("#C", 4)});
  CHECK(targets(said[4], said[1], 2) == Lines{line("#B", 3)});
}

TEST_CASE_FIXTURE(Channels, "without batch TARGETS is as many lines as there are channels") {
  const auto carol = enters("carol", "draft/chathistory");
  joins(carol, "#a");
  const auto question = "TARGETS " + timestamp(now - 1h) + " " + timestamp(now + 1h) + " 10";
  CHECK(asks(carol, question) == Lines{":irc.test CHATHISTORY TARGETS " + line("#A", 1)});
}

// -- errors ------------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Talk, "without the capability there is no such command") {
  const auto carol = enters("carol", "batch server-time message-tags");
  joins(carol, "#cats");
  CHECK(asks(carol, "LATEST #cats * 1").untagged() ==
        Lines{":irc.test 421 carol CHATHISTORY :Unknown command"});
}

TEST_CASE_FIXTURE(Talk, "an unknown subcommand, or none, is INVALID_PARAMS") {
  CHECK(asks(alice, "FIRST #cats * 1") == fails("INVALID_PARAMS FIRST :Unknown command"));
  CHECK(asks(alice, "") == fails("INVALID_PARAMS * :Unknown command"));
}

TEST_CASE_FIXTURE(Talk, "too few parameters are INVALID_PARAMS, for each subcommand") {
  for (const std::string subcommand : {"LATEST", "BEFORE", "AFTER", "AROUND"})
    for (const auto& params : Texts{"", " #cats", " #cats " + id(1)})
      CHECK(asks(alice, subcommand + params) ==
            fails("INVALID_PARAMS " + subcommand + " :Insufficient parameters"));
  for (const auto& params : Texts{"", " #cats", " #cats " + id(1), " #cats " + id(1) + " " + id(2)})
    CHECK(asks(alice, "BETWEEN" + params) == fails("INVALID_PARAMS BETWEEN :Insufficient parameters"));
  for (const auto& params : Texts{"", " " + time(1), " " + time(1) + " " + time(2)})
    CHECK(asks(alice, "TARGETS" + params) == fails("INVALID_PARAMS TARGETS :Insufficient parameters"));
}

TEST_CASE_FIXTURE(Talk, "too many parameters are INVALID_PARAMS, for each subcommand") {
  for (const std::string subcommand : {"LATEST", "BEFORE", "AFTER", "AROUND"})
    CHECK(asks(alice, subcommand + " #cats " + id(1) + " 1 1") ==
          fails("INVALID_PARAMS " + subcommand + " :Too many parameters"));
  CHECK(asks(alice, "BETWEEN #cats " + id(1) + " " + id(2) + " 1 1") ==
        fails("INVALID_PARAMS BETWEEN :Too many parameters"));
  CHECK(asks(alice, "TARGETS " + time(1) + " " + time(2) + " 1 1") ==
        fails("INVALID_PARAMS TARGETS :Too many parameters"));
}

TEST_CASE_FIXTURE(Talk, "a time or an id that is none is INVALID_PARAMS") {
  for (const std::string reference :
       {"timestamp=yesterday", "timestamp=", "timestamp=2026-13-01T00:00:00.000Z", "msgid=1234",
        "msgid=", "msgid=00000000-0000-0000-0000-000000000000"}) {
    CAPTURE(reference);
    for (const std::string subcommand : {"LATEST", "BEFORE", "AFTER", "AROUND"})
      CHECK(asks(alice, subcommand + " #cats " + reference + " 1") ==
            fails("INVALID_PARAMS " + subcommand + " " + reference + " :Invalid reference"));
    CHECK(asks(alice, "BETWEEN #cats " + id(1) + " " + reference + " 1") ==
          fails("INVALID_PARAMS BETWEEN " + reference + " :Invalid reference"));
    CHECK(asks(alice, "TARGETS " + time(1) + " " + reference + " 1") ==
          fails("INVALID_PARAMS TARGETS " + reference + " :Invalid reference"));
  }
}

TEST_CASE_FIXTURE(Talk, "TARGETS takes no ids") {
  CHECK(asks(alice, "TARGETS " + id(1) + " " + id(5) + " 1") ==
        fails("INVALID_PARAMS TARGETS " + id(1) + " :Invalid reference"));
}

TEST_CASE_FIXTURE(Talk, "a limit that is no positive number is INVALID_PARAMS") {
  for (const std::string limit : {"0", "-1", "+1", "many", "1x", "99999999999999999999999"}) {
    CAPTURE(limit);
    CHECK(asks(alice, "LATEST #cats * " + limit) ==
          fails("INVALID_PARAMS LATEST " + limit + " :Invalid limit"));
    CHECK(asks(alice, "TARGETS " + time(1) + " " + time(2) + " " + limit) ==
          fails("INVALID_PARAMS TARGETS " + limit + " :Invalid limit"));
  }
  CHECK(asks(alice, "LATEST #cats * :") == fails("INVALID_PARAMS LATEST :Invalid limit"));
  CHECK(asks(alice, "LATEST #cats * :1 0") == fails("INVALID_PARAMS LATEST * :Invalid limit"));
}

TEST_CASE_FIXTURE(Talk, "a kind of reference that is not known is INVALID_MSGREFTYPE") {
  CHECK(asks(alice, "AFTER #cats number=3 1") ==
        fails("INVALID_MSGREFTYPE AFTER #cats :Not a kind of reference known here"));
  CHECK(asks(alice, "BETWEEN #cats " + id(1) + " number=3 1") ==
        fails("INVALID_MSGREFTYPE BETWEEN #cats :Not a kind of reference known here"));
  CHECK(asks(alice, "BEFORE #cats 2026-01-31T12:00:00.000Z 1") ==
        fails("INVALID_MSGREFTYPE BEFORE #cats :Not a kind of reference known here"));
}

TEST_CASE_FIXTURE(Talk, "only members may read: anything else, wherever it is or is not, is INVALID_TARGET") {
  joins(bob, "#dogs");
  posts(bob, "secret", "#dogs");
  says(bob, "PRIVMSG alice :between us");
  for (const std::string target : {"#dogs", "#nowhere", "bob", "alice", "nobody", "*"})
    for (const auto& rest : Texts{"LATEST " + target + " *", "BEFORE " + target + " " + id(5),
                                  "BETWEEN " + target + " " + id(1) + " " + id(5)}) {
      CAPTURE(rest);
      const auto subcommand = rest.substr(0, rest.find(' '));
      CHECK(asks(alice, rest + " 10") ==
            fails("INVALID_TARGET " + subcommand + " " + target + not_retrieved));
    }
}

TEST_CASE_FIXTURE(Talk, "who has left, or was kicked, may not read any more") {
  says(alice, "PART #cats");
  CHECK(asks(alice, "LATEST #cats * 1") == fails(std::string{"INVALID_TARGET LATEST #cats"} + not_retrieved));
  joins(alice, "#cats");
  CHECK(tells("LATEST #cats * 1") == range(9, 9));
  says(bob, "KICK #cats alice");
  CHECK(asks(alice, "LATEST #cats * 1") == fails(std::string{"INVALID_TARGET LATEST #cats"} + not_retrieved));
}

TEST_CASE_FIXTURE(Talk, "an error bears the label") {
  const auto carol = enters("carol", "batch draft/chathistory labeled-response");
  says(carol, "@label=l1 CHATHISTORY LATEST #cats * 1");
  CHECK(
      hears(carol) ==
      Lines{std::string{"@label=l1 :irc.test FAIL CHATHISTORY INVALID_TARGET LATEST #cats"} + not_retrieved});
}

// -- the form of an answer ---------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Talk, "an answer is a batch of type chathistory, with the channel's own name") {
  CHECK(asks(alice, "LATEST #cAtS * 2") == Lines{":irc.test BATCH +reply chathistory #Cats",
                                                 "@batch=reply;" + id(8) + " :bob!bob@host PRIVMSG #Cats :8",
                                                 "@batch=reply;" + id(9) + " :bob!bob@host PRIVMSG #Cats :9",
                                                 ":irc.test BATCH -reply"});
}

TEST_CASE_FIXTURE(Talk, "an answer without messages is an empty batch") {
  CHECK(asks(alice, "AFTER #cats " + id(9) + " 2") ==
        Lines{":irc.test BATCH +reply chathistory #Cats", ":irc.test BATCH -reply"});
}

TEST_CASE_FIXTURE(Talk, "the batch bears the label, also when it is empty or holds one line") {
  const auto carol = enters("carol", "batch draft/chathistory labeled-response");
  joins(carol, "#cats");
  says(carol, "@label=l1 CHATHISTORY LATEST #cats * 1");
  CHECK(hears(carol) == Lines{"@label=l1 :irc.test BATCH +reply chathistory #Cats",
                              "@batch=reply :bob!bob@host PRIVMSG #Cats :9", ":irc.test BATCH -reply"});
  says(carol, "@label=l2 CHATHISTORY AFTER #cats " + id(9) + " 1");
  CHECK(hears(carol) ==
        Lines{"@label=l2 :irc.test BATCH +reply chathistory #Cats", ":irc.test BATCH -reply"});
}

TEST_CASE_FIXTURE(Talk, "without batch an answer is its messages, be they none") {
  const auto carol = enters("carol", "draft/chathistory");
  joins(carol, "#cats");
  CHECK(asks(carol, "LATEST #cats * 2") ==
        Lines{":bob!bob@host PRIVMSG #Cats :8", ":bob!bob@host PRIVMSG #Cats :9"});
  answered(carol);
  CHECK(asks(carol, "AFTER #cats " + id(9) + " 1") == Lines{});
  CHECK(answered(carol) == 1);
}

TEST_CASE_FIXTURE(Talk, "a message is shown as it was live: its id, its time, its client tags, its command") {
  const auto carol = enters("carol", "batch draft/chathistory message-tags server-time");
  joins(carol, "#cats");
  now += 5s;
  says(bob, "@+x=a\\sb;y=z;+draft/reply=1 PRIVMSG #cats :Hello,  ü :)");
  says(bob, "@+x NOTICE #cats ::");
  const auto live = hears(carol);
  REQUIRE(live.size() == 2);
  now += 1h;
  says(bob, "NICK robert");
  leaves(bob);
  const auto past = asks(carol, "LATEST #cats * 2");
  REQUIRE(past.size() == 4);
  for (int i : {0, 1}) CHECK(past[i + 1] == "@batch=reply;" + live[i].substr(1));
  CHECK(tag(past[1], "time") == protocol::to_timestamp(now - 1h));
  CHECK(tag(past[1], "+x") == "a b");
}

TEST_CASE_FIXTURE(Talk, "one's own messages are among them") {
  posts(alice, "mine");
  CHECK(tells("LATEST #cats * 2") == Texts{"9", "mine"});
}

TEST_CASE_FIXTURE(Talk, "only PRIVMSG and NOTICE are ever shown") {
  says(bob, "@+typing=active TAGMSG #cats");
  says(bob, "TOPIC #cats :A topic");
  says(bob, "MODE #cats +m");
  says(bob, "PRIVMSG alice :between us");
  says(bob, "NICK robert");
  says(bob, "PART #cats :bye");
  const auto all = asks(alice, "LATEST #cats * 100");
  CHECK(all.size() == 12);
  CHECK(texts(all) == range(0, 9));
}

TEST_CASE_FIXTURE(Talk, "what was not kept is never shown, and what is not kept yet is not shown yet") {
  now += 1s;
  says(bob, "PRIVMSG #cats :lost");
  const auto lost = takes_batch();
  delivers(lost, Batch::Outcome::refused);
  CHECK(tells("LATEST #cats * 1") == range(9, 9));

  says(bob, "PRIVMSG #cats :late");
  const auto late = takes_batch();
  says(alice, "CHATHISTORY LATEST #cats * 1");
  CHECK(texts(hears(alice)) == range(9, 9));
  chat.kept(late.messages, now);
  CHECK(tells("LATEST #cats * 1") == Texts{"late"});
}

TEST_CASE_FIXTURE(Talk, "no answer holds more than 500 messages") {
  for (int i = 10; i < 510; ++i) posts(bob, std::to_string(i));
  CHECK(tells("LATEST #cats * 500") == range(10, 509));
  CHECK(tells("LATEST #cats * 501") == range(10, 509));
  CHECK(tells("AFTER #cats " + timestamp(now - 24h) + " 100000") == range(0, 499));
  CHECK(tells("AROUND #cats " + id(9) + " 100000") == range(0, 258));
}

TEST_CASE_FIXTURE(Talk, "without a store what is in memory is all there is, however much was said") {
  for (int i = 10; i < 600; ++i) posts(bob, std::to_string(i));
  const auto all = tells("LATEST #cats * 500");
  CHECK(all.size() >= Recent::capacity);
  CHECK(all.back() == "599");
  CHECK(tells("BEFORE #cats " + id(5) + " 10") == Texts{});
  CHECK(chat.take_recalls().empty());
}

// -- the replay --------------------------------------------------------------------------------------------

TEST_CASE("who can tell times but not ask is shown the last messages after joining, as they were live") {
  Talk room([](RoomConfig& config) { config.replay = 2; });
  const auto carol = room.enters("carol", "message-tags server-time");
  room.now += 1h;
  room.says(carol, "JOIN #cats");
  const auto lines = room.hears(carol);
  REQUIRE(lines.size() == 5);
  CHECK(lines.untagged()[2] == ":irc.test 366 carol #Cats :End of /NAMES list");
  CHECK(lines[3] == "@time=2026-01-31T12:00:09.000Z;" + room.id(8) + " :bob!bob@host PRIVMSG #Cats :8");
  CHECK(lines[4] == "@time=2026-01-31T12:00:10.000Z;" + room.id(9) + " :bob!bob@host PRIVMSG #Cats :9");
}

TEST_CASE("others are shown none") {
  Talk room;
  for (const auto* capabilities : {"", "message-tags", "draft/chathistory server-time",
                                   "batch draft/chathistory message-tags server-time"}) {
    CAPTURE(capabilities);
    const auto who = room.enters("someone", capabilities);
    room.says(who, "JOIN #cats");
    CHECK(texts(room.hears(who)) == Texts{});
    room.leaves(who);
  }
}

TEST_CASE("the replay can be turned off, and is as long as there are messages at most") {
  const auto replayed = [](std::size_t replay) {
    Talk room([&](RoomConfig& config) { config.replay = replay; });
    const auto carol = room.enters("carol", "server-time");
    room.says(carol, "JOIN #cats");
    return texts(room.hears(carol));
  };
  CHECK(replayed(0) == Texts{});
  CHECK(replayed(1) == range(9, 9));
  CHECK(replayed(10) == range(0, 9));
  CHECK(replayed(1000) == range(0, 9));
}

TEST_CASE_FIXTURE(Talk, "the replay belongs to the answer of the JOIN, and nobody else is shown it") {
  const auto carol = enters("carol", "server-time batch labeled-response");
  forget();
  says(carol, "@label=l1 JOIN #cats");
  const auto lines = hears(carol);
  CHECK(lines.with("@batch=reply;time=").with(" PRIVMSG ").size() == 10);
  CHECK(lines.with("l1").size() == 1);
  CHECK(texts(hears(alice)) == Texts{});
}

// -- what memory does not hold -----------------------------------------------------------------------------

namespace {

/// A thousand messages are stored of #cats, of which Alice, who is there with Bob, has the last 256 in
/// memory.
struct Library : Archive {
  Library() {
    joins(bob, "#cats");
    for (int i = 0; i < 1000; ++i) posts(bob, std::to_string(i));
    says(bob, "PART #cats");
    forget();
    joins(bob, "#cats");
    joins(alice, "#cats");
  }

  std::string id(std::size_t number) { return msgid(stored[number].id); }

  /// The answer to a question, and by how many recalls it came.
  Texts tells(const std::string& question, std::size_t expected) {
    auto heard = asks(alice, question);
    CHECK(recalls() == expected);
    if (expected > 0) {
      CHECK(heard == Lines{});
      heard = hears(alice);
    }
    CHECK(heard.size() >= 2);
    return texts(heard);
  }

  ConnectionId bob = enters("bob");
  ConnectionId alice = enters("alice", with_history);
};

}  // namespace

TEST_CASE_FIXTURE(Library, "what is in memory is answered from there, all else by the store, and all alike") {
  CHECK(tells("LATEST #cats * 256", 0) == range(744, 999));
  CHECK(tells("LATEST #cats * 257", 1) == range(743, 999));
  CHECK(tells("LATEST #cats " + id(10) + " 300", 1) == range(700, 999));
  CHECK(tells("LATEST #cats " + id(800) + " 500", 0) == range(801, 999));
  CHECK(tells("BEFORE #cats " + id(754) + " 10", 0) == range(744, 753));
  CHECK(tells("BEFORE #cats " + id(754) + " 11", 1) == range(743, 753));
  CHECK(tells("AFTER #cats " + id(744) + " 500", 0) == range(745, 999));
  CHECK(tells("AFTER #cats " + id(743) + " 500", 1) == range(744, 999));
  CHECK(tells("AROUND #cats " + id(750) + " 4", 0) == range(748, 751));
  CHECK(tells("AROUND #cats " + id(745) + " 4", 1) == range(743, 746));
  CHECK(tells("BETWEEN #cats " + id(5) + " " + id(9) + " 10", 1) == range(6, 8));
  CHECK(tells("BETWEEN #cats " + id(9) + " " + id(5) + " 2", 1) == range(7, 8));
  CHECK(tells("BETWEEN #cats " + id(900) + " " + id(905) + " 10", 0) == range(901, 904));
}

TEST_CASE_FIXTURE(Library, "a recall asks for 500 messages at most") {
  asks(alice, "AFTER #cats " + id(0) + " 100000");
  const auto asked = recall();
  REQUIRE(asked.queries.size() == 1);
  CHECK(asked.queries[0].channel == "#cats");
  CHECK(asked.queries[0].limit == 500);
}

TEST_CASE_FIXTURE(Library,
                  "the commands of who has asked wait behind the answer, in order, and nobody else's") {
  says(alice, "@+x=y PING before");
  says(alice, "CHATHISTORY BEFORE #cats " + id(2) + " 10");
  says(alice, "PING after");
  says(alice, "CHATHISTORY BEFORE #cats " + id(1) + " 10");
  says(alice, "PRIVMSG #cats :done");
  says(bob, "PRIVMSG #cats :meanwhile");
  says(bob, "PING bob");
  CHECK(hears(bob) == Lines{":irc.test PONG irc.test :bob"});
  CHECK(answered(alice) == 1);
  const auto heard = hears(alice).untagged();
  REQUIRE(heard.size() == 2);
  CHECK(heard[0] == ":irc.test PONG irc.test :before");
  CHECK(heard[1] == ":bob!bob@host PRIVMSG #cats :meanwhile");

  const auto first = recall();
  chat.recalled(first.number, finds(first), now);
  CHECK(hears(alice).untagged() == Lines{":irc.test BATCH +reply chathistory #cats",
                                         ":bob!bob@host PRIVMSG #cats :0", ":bob!bob@host PRIVMSG #cats :1",
                                         ":irc.test BATCH -reply", ":irc.test PONG irc.test :after"});
  CHECK(answered(alice) == 2);
  CHECK(hears(bob) == Lines{});

  const auto second = recall();
  chat.recalled(second.number, finds(second), now);
  CHECK(hears(alice).untagged() == Lines{":irc.test BATCH +reply chathistory #cats",
                                         ":bob!bob@host PRIVMSG #cats :0", ":irc.test BATCH -reply"});
  CHECK(answered(alice) == 2);
  CHECK(hears(bob) == Lines{":alice!alice@host PRIVMSG #cats :done"});
}

TEST_CASE_FIXTURE(Library, "a recall that can't be answered is MESSAGE_ERROR, and what waited goes on") {
  says(alice, "CHATHISTORY BEFORE #cats " + id(2) + " 10");
  says(alice, "PING after");
  chat.recalled(recall().number, std::nullopt, now);
  CHECK(hears(alice) ==
        Lines{std::string{":irc.test FAIL CHATHISTORY MESSAGE_ERROR BEFORE #cats"} + not_retrieved,
              ":irc.test PONG irc.test :after"});
  CHECK(tells("BEFORE #cats " + id(2) + " 10", 1) == range(0, 1));
}

TEST_CASE_FIXTURE(Library, "an answer that was waited for bears the label") {
  const auto carol = enters("carol", "batch draft/chathistory labeled-response");
  joins(carol, "#cats");
  says(carol, "@label=l1 CHATHISTORY BEFORE #cats " + id(1) + " 10");
  CHECK(hears(carol) == Lines{});
  recalls();
  CHECK(hears(carol) == Lines{"@label=l1 :irc.test BATCH +reply chathistory #cats",
                              "@batch=reply :bob!bob@host PRIVMSG #cats :0", ":irc.test BATCH -reply"});
}

TEST_CASE_FIXTURE(Library, "who is kicked while waiting for the answer is not given it") {
  says(alice, "CHATHISTORY BEFORE #cats " + id(2) + " 10");
  says(bob, "KICK #cats alice");
  hears(alice);
  recalls();
  CHECK(hears(alice) == fails(std::string{"INVALID_TARGET BEFORE #cats"} + not_retrieved));
}

TEST_CASE_FIXTURE(Library,
                  "a client that leaves while waiting is not answered, and its commands are gone with it") {
  says(alice, "CHATHISTORY BEFORE #cats " + id(2) + " 10");
  says(alice, "PRIVMSG #cats :too late");
  leaves(alice);
  hears(bob);
  CHECK(recalls() == 0);  // nobody needs to know any more
  CHECK(hears(bob) == Lines{});
  CHECK(hears(alice) == Lines{});
}

TEST_CASE_FIXTURE(Library, "an answer that nobody asked for is ignored") {
  chat.recalled(4711, stored, now);
  asks(alice, "BEFORE #cats " + id(2) + " 10");
  const auto asked = recall();
  chat.recalled(asked.number, finds(asked), now);
  chat.recalled(asked.number, finds(asked), now);
  CHECK(texts(hears(alice)) == range(0, 1));
}

TEST_CASE_FIXTURE(Library, "whatever is asked, it is answered as if all were in memory") {
  std::mt19937 random(1);
  const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
  const auto place = [&] { return below(2) ? below(1000) : 700 + below(300); };
  for (int round = 0; round < 200; ++round) {
    const auto at = place();
    const auto to = place();
    const auto limit = 1 + below(20);
    const auto reference = [&](std::size_t number) {
      return below(2) ? id(number) : timestamp(stored[number].id.time());
    };
    const auto between = [&](std::size_t begin, std::size_t end) {
      return range(static_cast<int>(begin), static_cast<int>(end) - 1);
    };
    std::string question;
    Texts expected;
    switch (below(4)) {
      case 0:
        question = "BEFORE #cats " + reference(at);
        expected = between(at - std::min(at, limit), at);
        break;
      case 1:
        question = "AFTER #cats " + reference(at);
        expected = between(at + 1, std::min<std::size_t>(at + 1 + limit, 1000));
        break;
      case 2:
        question = "LATEST #cats " + reference(at);
        expected = between(std::max(at + 1, 1000 - limit), 1000);
        break;
      default:
        question = "BETWEEN #cats " + reference(at) + " " + reference(to);
        expected = at < to ? between(at + 1, std::min(at + 1 + limit, to))
                           : between(std::max(to + 1, at - std::min(at, limit)), at);
    }
    CAPTURE(question);
    CAPTURE(limit);
    says(alice, "CHATHISTORY " + question + " " + std::to_string(limit));
    recalls();
    REQUIRE(texts(hears(alice)) == expected);
  }
}

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

// -- the newcomer's mark -----------------------------------------------------------------------------------

TEST_CASE("what was said before somebody joins is replayed once it is kept, what is said later comes live") {
  Archive room;
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol", "server-time");
  room.joins(bob, "#cats");
  room.posts(bob, "kept");
  room.says(bob, "PRIVMSG #cats :in flight");
  const auto in_flight = room.takes_batch();
  room.says(bob, "PRIVMSG #cats :gathering");
  room.says(carol, "JOIN #cats");
  room.says(bob, "PRIVMSG #cats :live");
  const auto gathering = room.takes_batch();
  room.chat.kept(in_flight.messages, room.now);
  room.delivers(in_flight);
  CHECK_FALSE(room.chat.has_output());
  SUBCASE("all of it is kept") {
    room.chat.kept(gathering.messages, room.now);
    room.delivers(gathering);
    CHECK(texts(room.hears(carol)) == Texts{"live", "kept", "in flight", "gathering"});
  }
  SUBCASE("the rest is refused") {
    room.chat.refused(gathering.messages, room.now);
    room.delivers(gathering, Batch::Outcome::refused);
    CHECK(texts(room.hears(carol)) == Texts{"kept", "in flight"});
  }
}

TEST_CASE("a question of somebody who joined waits for what was said before, and for nothing else") {
  Archive room;
  const auto alice = room.enters("alice", with_history);
  const auto bob = room.enters("bob");
  const auto carol = room.enters("carol", with_history);
  room.joins(bob, "#cats");
  room.joins(carol, "#cats");
  room.posts(bob, "kept");
  room.says(bob, "PRIVMSG #cats :in flight");
  const auto in_flight = room.takes_batch();
  room.says(alice, "JOIN #cats");
  room.says(bob, "PRIVMSG #cats :live");
  for (const auto who : {alice, carol}) room.says(who, "CHATHISTORY LATEST #cats * 10");
  const auto gathering = room.takes_batch();
  room.chat.kept(in_flight.messages, room.now);
  room.delivers(in_flight);
  room.delivers(gathering, Batch::Outcome::refused);
  // Live, and then what was kept when she asked.
  CHECK(texts(room.hears(carol)) == Texts{"kept", "in flight", "kept"});
  CHECK(texts(room.hears(alice)) == Texts{"kept", "in flight"});
}

// -- who comes back ----------------------------------------------------------------------------------------

namespace {

/// Carol, who is shown replays, has been in #cats while Bob said 0 to 2 there, and goes and comes.
struct Return : Archive {
  Return() {
    joins(bob, "#cats");
    joins(carol, "#cats");
    for (const auto& text : range(0, 2)) posts(bob, text);
    RoomFixture::forget();
  }

  /// What she is replayed when she connects again, or another one does.
  Texts sees(std::string_view nick = "carol", std::string_view host = "host") {
    const std::string name{nick};
    carol = enters({name, name, name, std::string{host}, capabilities("server-time")});
    forget();
    says(carol, "JOIN #cats");
    return texts(hears(carol));
  }

  ConnectionId bob = enters("bob");
  ConnectionId carol = enters("carol", "server-time");
};

}  // namespace

TEST_CASE_FIXTURE(Return, "who comes back is shown what is new, and nothing if nothing is") {
  leaves(carol);
  CHECK(sees() == Texts{});
  leaves(carol);
  posts(bob, "3");
  posts(bob, "4");
  CHECK(sees() == range(3, 4));
  leaves(carol);
  CHECK(sees() == Texts{});
  leaves(carol);
  for (const auto& text : range(5, 24)) posts(bob, text);
  CHECK(sees() == range(15, 24));
}

TEST_CASE_FIXTURE(Return, "also after PART and KICK, and a nick is the same in whatever case") {
  says(carol, "PART #cats");
  posts(bob, "3");
  says(carol, "JOIN #cats");
  CHECK(texts(hears(carol)) == range(3, 3));
  says(bob, "KICK #cats carol");
  posts(bob, "4");
  says(carol, "JOIN #cats");
  CHECK(texts(hears(carol)) == range(4, 4));
  leaves(carol);
  CHECK(sees("CAROL") == Texts{});
}

TEST_CASE_FIXTURE(Return, "another nick, or the same from elsewhere, is somebody else") {
  leaves(carol);
  CHECK(sees("caroline") == range(0, 2));
  CHECK(sees("carol", "elsewhere") == range(0, 2));
}

TEST_CASE_FIXTURE(Return, "who was given up after a silence is shown what was said meanwhile") {
  for (const auto& text : range(3, 5)) posts(bob, text);
  forget();
  chat.leave(carol, "Ping timeout: 2 seconds", now, 1500ms);  // the last thing it heard of is 3
  CHECK(sees() == range(4, 5));
  posts(bob, "6");
  forget();
  chat.leave(carol, "SendQ exceeded", now, std::nullopt);
  CHECK(sees() == range(4, 6));  // what it took of the last replay there is no telling
}

TEST_CASE_FIXTURE(Return, "what was not written to it when it went it has not seen") {
  says(bob, "PRIVMSG #cats :3");
  const auto batch = takes_batch();
  leaves(carol);
  chat.kept(batch.messages, now);
  delivers(batch);
  CHECK(sees() == range(3, 3));
}

TEST_CASE_FIXTURE(Return, "a replay that did not reach it does not count") {
  leaves(carol);
  posts(bob, "3");
  carol = enters("carol", "server-time");
  says(carol, "JOIN #cats");
  leaves(carol);
  CHECK(sees() == range(3, 3));

  says(bob, "PRIVMSG #cats :4");
  const auto batch = takes_batch();
  says(carol, "PART #cats");
  says(carol, "JOIN #cats");  // its replay waits for what is in flight
  says(carol, "PART #cats");
  chat.kept(batch.messages, now);
  delivers(batch);
  CHECK(texts(hears(carol)) == range(4, 4));  // live: it was there
  says(carol, "JOIN #cats");
  CHECK(texts(hears(carol)) == Texts{});
}

// -- keep-days ---------------------------------------------------------------------------------------------

TEST_CASE("what is older than messages are kept is not shown from memory either") {
  Talk room([](RoomConfig& config) { config.keep = 1h; });
  room.now += 1h - 4s;  // 0 to 4 were said more than an hour ago
  CHECK(room.tells("LATEST #cats * 10") == range(5, 9));
  CHECK(room.tells("AFTER #cats timestamp=1970-01-01T00:00:00.000Z 2") == range(5, 6));
  const auto targets = "TARGETS " + timestamp(room.now - 2h) + " " + timestamp(room.now) + " 10";
  CHECK(room.asks(room.alice, targets).with("#Cats").size() == 1);
  const auto carol = room.enters("carol", "server-time");
  room.says(carol, "JOIN #cats");
  CHECK(texts(room.hears(carol)) == range(5, 9));
  room.now += 1h;
  CHECK(room.tells("LATEST #cats * 10") == Texts{});
  CHECK(room.asks(room.alice, targets).with("#Cats").size() == 0);
}
