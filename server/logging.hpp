#pragma once

#include "server/options.hpp"

#include <string>

namespace troupe::server {

/// Sends the log to standard error, a line an event: as text, or as JSON objects with time, level and
/// message.
void set_up_logging(const std::string& level, LogFormat format);

}  // namespace troupe::server
