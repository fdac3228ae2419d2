#include "chat/last_seen.hpp"

namespace troupe {
namespace {

/// None of the three holds a space.
std::string key_of(const LastSeen::Who& who) {
  return std::string{who.channel}.append(" ").append(who.nick).append(" ").append(who.host);
}

}  // namespace

void LastSeen::note(const Who& who, const protocol::MessageId& id) {
  if (capacity_ == 0) return;
  auto key = key_of(who);
  if (const auto found = places_.find(key); found != places_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    found->second->id = id;
    return;
  }
  if (entries_.size() == capacity_) {
    places_.erase(entries_.back().key);
    entries_.pop_back();
  }
  entries_.push_front({std::move(key), id});
  places_.emplace(entries_.front().key, entries_.begin());
}

std::optional<protocol::MessageId> LastSeen::find(const Who& who) const {
  const auto found = places_.find(key_of(who));
  return found == places_.end() ? std::nullopt : std::optional{found->second->id};
}

}  // namespace troupe
