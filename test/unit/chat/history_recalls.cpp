// CHATHISTORY (draft/chathistory) about what memory does not hold.
#include "test/unit/chat/archive.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace troupe;
using namespace troupe::test;

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
