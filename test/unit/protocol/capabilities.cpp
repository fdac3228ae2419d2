#include "protocol/capabilities.hpp"

#include <doctest/doctest.h>

using namespace troupe::protocol;

TEST_CASE("each capability is found by its name") {
  for (std::size_t i = 0; i < capability_names.size(); ++i) {
    CAPTURE(capability_names[i]);
    CHECK(find_capability(capability_names[i]) == static_cast<Capability>(i));
  }
  CHECK(find_capability("server-time") == Capability::server_time);
  CHECK(find_capability("userhost-in-names") == Capability::userhost_in_names);
}

TEST_CASE("an unknown capability is not found, nor one in another case") {
  CHECK_FALSE(find_capability("sasl"));
  CHECK_FALSE(find_capability(""));
  CHECK_FALSE(find_capability("zzz"));
  CHECK_FALSE(find_capability("Batch"));
  CHECK_FALSE(find_capability("batch "));
}

TEST_CASE("a set holds what was added and not removed") {
  CapabilitySet set;
  CHECK_FALSE(set.has(Capability::batch));
  set.add(Capability::batch);
  set.add(Capability::server_time);
  set.add(Capability::batch);
  CHECK(set.has(Capability::batch));
  set.remove(Capability::batch);
  set.remove(Capability::setname);
  CHECK_FALSE(set.has(Capability::batch));
  CHECK(set.has(Capability::server_time));
}

TEST_CASE("a set names its capabilities in alphabetical order") {
  CapabilitySet set;
  CHECK(set.names() == "");
  set.add(Capability::userhost_in_names);
  set.add(Capability::away_notify);
  set.add(Capability::message_tags);
  CHECK(set.names() == "away-notify message-tags userhost-in-names");
}

TEST_CASE("all capabilities are those that the server is to offer") {
  CHECK(all_capabilities().names() ==
        "away-notify batch cap-notify draft/chathistory echo-message invite-notify labeled-response "
        "message-tags multi-prefix "
        "server-time setname standard-replies userhost-in-names");
}
