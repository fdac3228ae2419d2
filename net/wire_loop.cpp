#include "net/wire_loop.hpp"

#include "net/wire.hpp"

#include <utility>

namespace troupe {

WireLoop::WireLoop(caf::io::network::multiplexer& loop, const WireLimits& limits)
    : loop_(loop), limits_(limits) {}

WireLoop::~WireLoop() = default;

void WireLoop::watch(Wire& wire) {
  if (wire.watched_at_ != Wire::unwatched) return;
  if (watched_.empty()) start_timer();
  wire.watched_at_ = static_cast<std::uint32_t>(watched_.size());
  watched_.emplace_back(&wire);
}

void WireLoop::forget(Wire& wire) {
  const auto place = std::exchange(wire.watched_at_, Wire::unwatched);
  if (place == Wire::unwatched) return;
  const auto kept = std::exchange(watched_[place], std::move(watched_.back()));
  watched_.pop_back();
  if (place < watched_.size()) watched_[place]->watched_at_ = place;
  if (watched_.empty()) stop_timer();
}

void WireLoop::look() {
  const auto time = now();
  // From the end: one that is forgotten meanwhile gives its place to one that has looked already.
  for (auto i = watched_.size(); i > 0; --i)
    if (i <= watched_.size()) caf::intrusive_ptr<Wire> {
        watched_[i - 1]
        } -> look(time);
}

}  // namespace troupe
