#pragma once

#include "server/options.hpp"

#include <stdexcept>

namespace troupe::server {

/// An address can't be listened on; `what()` names the option, the address and the reason in one line.
class ListenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A socket that listens at this address. Of a name's addresses it is the first one that this machine has;
/// "[::]" is for IPv4 as well. Throws ListenError.
int listen_at(const Endpoint& endpoint);

/// "host:port", or "[::1]:6667".
std::string to_string(const Endpoint& endpoint);

}  // namespace troupe::server
