#include "protocol/wall_clock.hpp"

#include <chrono>

namespace troupe::protocol {

Time system_time() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace troupe::protocol
