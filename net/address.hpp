#pragma once

#include <string>

namespace troupe {

/// A client's address as the others see it: it can stand in a message's source. "::1" becomes "0::1", an IPv4
/// address in IPv6 clothes becomes itself.
std::string host_of(std::string address);

}  // namespace troupe
