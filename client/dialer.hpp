#pragma once

#include "client/file_descriptor.hpp"
#include "client/interfaces.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <netdb.h>
#include <string>

namespace troupe::client {

struct DialerState {
  static constexpr const char* name = "dialer";

  struct FreeAddresses {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
  };

  std::unique_ptr<addrinfo, FreeAddresses> addresses;
  const addrinfo* next = nullptr;                 ///< the address to try next
  FileDescriptor socket;                          ///< while an attempt is under way
  std::chrono::steady_clock::time_point give_up;  ///< when that attempt has taken too long
  std::string why = "no address";                 ///< the last attempt failed
};

/// Tries the host's addresses one after another, each for at most ten seconds, and tells `connection` of the
/// first that answers, or why the last one failed. Spawn it detached. It notices an exit message within a
/// tenth of a second, except while a name server is being asked.
dialer_actor::behavior_type dialer(dialer_actor::stateful_pointer<DialerState> self,
                                   connection_actor connection, std::string host, std::uint16_t port);

}  // namespace troupe::client
