#pragma once

#include <string>
#include <string_view>

namespace troupe {

/// A client's address as the others see it: it can stand in a message's source. "::1" becomes "0::1", an IPv4
/// address in IPv6 clothes becomes itself.
std::string host_of(std::string address);

/// What addresses that belong together have in common: of an IPv6 address so many leading bits, of an IPv4
/// address (in IPv6 clothes or not) all. Not to be read by people. Whatever is no address stands for itself.
std::string network_prefix(std::string_view address, unsigned ipv6_bits);

}  // namespace troupe
