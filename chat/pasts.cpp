#include "chat/pasts.hpp"

#include <iterator>

namespace troupe {

Past& Pasts::of(const std::string& channel, bool stand_alone) {
  const auto [place, fresh] = entries_.try_emplace(channel);
  auto& past = place->second.past;
  if (!fresh) return past;
  past = Past(bounds_.each);
  if (stand_alone) past.stand_alone();
  return past;
}

Past* Pasts::find(std::string_view channel) {
  const auto found = entries_.find(channel);
  return found == entries_.end() ? nullptr : &found->second.past;
}

void Pasts::erase(std::string_view channel) {
  const auto found = entries_.find(channel);
  if (found == entries_.end()) return;
  auto& entry = found->second;
  if (entry.bytes > 0) used_.erase(entry.place);
  bytes_ -= entry.bytes;
  entries_.erase(found);
}

void Pasts::use(std::string_view channel) {
  const auto found = entries_.find(channel);
  if (found == entries_.end()) return;
  count(found->second);
  if (bytes_ > bounds_.bytes) make_room();
}

/// Counts what a past takes now, and puts it first.
void Pasts::count(Entry& entry) {
  const auto before = entry.bytes;
  entry.bytes = entry.past.recent().bytes();
  bytes_ += entry.bytes - before;
  if (before == 0 && entry.bytes > 0)
    entry.place = used_.insert(used_.begin(), &entry);
  else if (entry.bytes > 0)
    used_.splice(used_.begin(), used_, entry.place);
  else if (before > 0)
    used_.erase(entry.place);
}

void Pasts::make_room() {
  // What can't leave now is passed over: there is little of that, since those who wait for it are shown it
  // soon.
  for (auto at = used_.end(); at != used_.begin() && bytes_ > bounds_.bytes;) {
    auto& entry = **--at;
    if (!entry.past.may_leave_memory()) continue;
    entry.past.leave_memory();
    bytes_ -= entry.bytes;
    entry.bytes = 0;
    at = used_.erase(at);
  }
}

}  // namespace troupe
