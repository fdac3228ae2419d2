#include "net/address.hpp"

#include <doctest/doctest.h>

using namespace troupe;

TEST_CASE("an address stands as a host as it is") {
  CHECK(host_of("192.0.2.7") == "192.0.2.7");
  CHECK(host_of("2001:db8::7") == "2001:db8::7");
}

TEST_CASE("an address that begins with a colon gets a zero before it, as it would end a line's parameters") {
  CHECK(host_of("::1") == "0::1");
}

TEST_CASE("an IPv4 address in IPv6 clothes is itself") {
  CHECK(host_of("::ffff:192.0.2.7") == "192.0.2.7");
  CHECK(host_of("::ffff:0:1") == "0::ffff:0:1");
}
