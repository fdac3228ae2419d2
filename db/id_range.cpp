#include "db/id_range.hpp"

#include <chrono>
#include <cstdint>

namespace troupe::db {

protocol::MessageId first_id_at(protocol::Time time) {
  const auto milliseconds = time.time_since_epoch().count();
  if (milliseconds < 0) return lowest_id;
  if (milliseconds >> 48 != 0) return highest_id;
  protocol::MessageId id;
  for (int i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
  return id;
}

protocol::MessageId first_id_after(protocol::Time time) {
  return time == protocol::Time::max() ? highest_id : first_id_at(time + std::chrono::milliseconds(1));
}

protocol::MessageId before(protocol::MessageId id) {
  for (auto byte = id.bytes.rbegin(); byte != id.bytes.rend() && (*byte)-- == 0; ++byte) {
  }
  return id;
}

}  // namespace troupe::db
