#pragma once

#include "protocol/message_id.hpp"

#include <functional>

namespace troupe {

/// Where an actor has the time of day from: it may go back at any moment. Durations are for the actor
/// system's clock.
using WallClock = std::function<protocol::Time()>;

/// The system's.
protocol::Time system_time();

}  // namespace troupe
