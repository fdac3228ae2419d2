#pragma once

#include "protocol/message_id.hpp"

#include <functional>

namespace troupe::protocol {

/// Where the time of day comes from: it may go back at any moment. Durations are for a clock that does not.
using WallClock = std::function<Time()>;

/// The system's.
Time system_time();

}  // namespace troupe::protocol
