#include "chat/last_seen.hpp"

#include <doctest/doctest.h>

using namespace troupe;

namespace {

protocol::MessageId id(unsigned char number) {
  protocol::MessageId id;
  id.bytes[15] = number;
  return id;
}

}  // namespace

TEST_CASE("what somebody has seen is known by channel, nick and host, as it was noted last") {
  LastSeen seen(10);
  seen.note({"#a", "anna", "host"}, id(1));
  seen.note({"#b", "anna", "host"}, id(2));
  CHECK(seen.find({"#a", "anna", "host"}) == id(1));
  CHECK(seen.find({"#b", "anna", "host"}) == id(2));
  CHECK_FALSE(seen.find({"#a", "anna", "elsewhere"}));
  CHECK_FALSE(seen.find({"#a", "ann", "ahost"}));
  seen.note({"#a", "anna", "host"}, id(3));
  CHECK(seen.find({"#a", "anna", "host"}) == id(3));
  CHECK(seen.size() == 2);
}

TEST_CASE("there is a bound, at which what was noted longest ago is forgotten") {
  LastSeen seen(3);
  for (unsigned char i = 0; i < 3; ++i) seen.note({"#a", std::string(1, 'a' + i), "host"}, id(i));
  seen.note({"#a", "a", "host"}, id(9));
  seen.note({"#a", "d", "host"}, id(3));
  CHECK(seen.size() == 3);
  CHECK(seen.find({"#a", "a", "host"}) == id(9));
  CHECK_FALSE(seen.find({"#a", "b", "host"}));
  for (int i = 0; i < 1000; ++i) seen.note({"#a", std::to_string(i), "host"}, id(1));
  CHECK(seen.size() == 3);
}
