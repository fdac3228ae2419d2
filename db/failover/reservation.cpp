#include "db/failover/reservation.hpp"

#include "db/id_range.hpp"

#include <algorithm>
#include <utility>

namespace troupe::db {
namespace {

using namespace std::chrono_literals;

/// How far ahead of the newest id is reserved, and how little of that may be left before it is done again.
constexpr auto ahead = 10s;
constexpr auto least = 5s;
constexpr auto pause_after_failure = 5s;

}  // namespace

std::optional<protocol::MessageId> Reservation::due(Time now) const {
  const bool enough = newest_ < mark_ && newest_.time() + least < mark_.time();
  if (enough || asked_ || newest_ == lowest_id || (failing_ && now < retry_at_)) return {};
  return first_id_at(newest_.time() + ahead);
}

void Reservation::made() {
  mark_ = std::max(mark_, *std::exchange(asked_, {}));
  failing_ = false;
}

bool Reservation::failed(Time now) {
  asked_.reset();
  return gave_up(now);
}

bool Reservation::gave_up(Time now) {
  retry_at_ = now + pause_after_failure;
  return !std::exchange(failing_, true);
}

}  // namespace troupe::db
