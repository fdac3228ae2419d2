#pragma once

#include "client/interfaces.hpp"
#include "client/lines.hpp"

#include <string>

namespace troupe::client {

struct ConnectionState {
  static constexpr const char* name = "connection";

  enum class Phase { idle, dialling, open };

  /// A line from a server: tags (message-tags, "Size limit") and the rest, with much to spare.
  static constexpr std::size_t longest_line = 16 * 1024;

  Phase phase = Phase::idle;
  dialer_actor dialer;                ///< while dialling
  caf::io::connection_handle socket;  ///< while open
  LineBuffer incoming{longest_line};
};

/// The broker that owns the connection and tells `console` about it. See `connection_actor`.
connection_actor::behavior_type connection(connection_actor::stateful_broker_pointer<ConnectionState> self,
                                           console_actor console);

}  // namespace troupe::client
