#pragma once

#include "server/options.hpp"

#include <memory>
#include <string>

namespace spdlog {
class formatter;
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace troupe::server {

/// The log on standard error, a line an event: as text, or as JSON objects with time, level, event, and the
/// event's values under their names. Nobody who logs waits for it: a thread of its own writes, and while it
/// can't (nobody reads the pipe, say), the oldest lines that wait are dropped, and counted in a line that
/// comes where they are missing.
class Logging {
 public:
  /// Takes the lines of the process from now on.
  Logging(const std::string& level, LogFormat format);
  /// Waits until all lines are written, which is for ever if nobody reads them.
  ~Logging();

  Logging(const Logging&) = delete;
  Logging& operator=(const Logging&) = delete;

 private:
  std::shared_ptr<spdlog::details::thread_pool> thread_;
};

/// How a line is made of an event.
std::unique_ptr<spdlog::formatter> formatter(LogFormat format);

}  // namespace troupe::server
