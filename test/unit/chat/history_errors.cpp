// What CHATHISTORY (draft/chathistory) does not answer.
#include "test/unit/chat/archive.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace troupe;
using namespace troupe::test;

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
