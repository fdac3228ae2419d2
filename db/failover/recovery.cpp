#include "db/failover/recovery.hpp"

#include <algorithm>
#include <utility>

namespace troupe::db {
namespace {

using namespace std::chrono_literals;

constexpr Recovery::Duration shortest_pause = 250ms;
constexpr Recovery::Duration longest_pause = 15s;
constexpr Recovery::Duration shortest_calm = 1s;
constexpr Recovery::Duration longest_calm = 60s;
/// A store that was trusted for so long is as one that never failed.
constexpr Recovery::Duration memory = 5min;

}  // namespace

void Recovery::left(Time now) {
  if (!std::exchange(away_, true)) {
    const bool again = trusted_ && now - *trusted_ < memory;
    last_calm_ = again ? std::clamp(2 * last_calm_, shortest_calm, longest_calm) : 0s;
    calm_ = last_calm_;
  }
  pause_ = std::clamp(2 * pause_, shortest_pause, longest_pause);
  try_at_ = now + pause_;
  well_since_.reset();
}

void Recovery::worked(Time began, Time now) {
  if (now - began > well_)
    well_since_.reset();
  else if (!well_since_)
    well_since_ = began;
}

void Recovery::came_home(Time now) {
  if (std::exchange(away_, false)) trusted_ = now;
  pause_ = calm_ = {};
  well_since_.reset();
}

}  // namespace troupe::db
