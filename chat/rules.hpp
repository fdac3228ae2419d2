#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace troupe {

/// What every connection is held to. 0 lifts a limit, except where it says otherwise.
struct Rules {
  std::string server_name = "troupe.local";
  std::string password;  ///< empty: none is asked for

  std::size_t credit = 32;  ///< commands unanswered by the room before the socket is no longer read; not 0
  /// Bytes of such commands before it is no longer read; not 0. The room keeps those that it can't carry out
  /// yet.
  std::size_t credit_bytes = 16 * 1024;
  std::size_t sendq = 1024 * 1024;  ///< bytes waiting to be sent before the connection is closed
  double rate = 10;                 ///< commands a second, in the long run
  std::size_t burst = 40;           ///< commands at once; not 0
  std::size_t backlog = 16 * 1024;  ///< bytes held back by the rate before the connection is closed; not 0
  std::chrono::milliseconds registration_timeout{60'000};
  std::chrono::milliseconds ping_interval{
      120'000};                                    ///< silence before the client is asked whether it is there
  std::chrono::milliseconds ping_timeout{60'000};  ///< silence after that before it is given up

  std::size_t max_connections = 0;
  std::size_t max_per_address = 0;
  unsigned ipv6_prefix = 64;  ///< leading bits in which IPv6 addresses agree that count as one
};

}  // namespace troupe
