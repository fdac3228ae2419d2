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

TEST_CASE("IPv6 addresses belong together by their leading bits, IPv4 addresses stand alone") {
  const auto same = [](const char* a, const char* b, unsigned bits) {
    return network_prefix(a, bits) == network_prefix(b, bits);
  };
  CHECK(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", 64));
  CHECK_FALSE(same("2001:db8:1:2::1", "2001:db8:1:3::1", 64));
  CHECK(same("2001:db8:1:2::1", "2001:db8:1:3::1", 63));
  CHECK_FALSE(same("2001:db8:1:1::1", "2001:db8:1:2::1", 63));
  CHECK(same("2001:db8:1:2::1", "2001:db8:1:ff::1", 48));
  CHECK_FALSE(same("2001:db8::1", "2001:db8::2", 128));
  CHECK(same("2001:db8::1", "ffff::", 0));
  CHECK_FALSE(same("192.0.2.1", "192.0.2.2", 64));
  CHECK(same("::ffff:192.0.2.1", "192.0.2.1", 64));
  CHECK_FALSE(same("::1", "127.0.0.1", 0));
}

TEST_CASE("what is no address stands for itself") { CHECK(network_prefix("here", 64) == "here"); }
