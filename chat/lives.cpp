#include "chat/lives.hpp"

#include "db/id_range.hpp"

#include <algorithm>

namespace troupe {

void Lives::began(const std::string& channel, const protocol::MessageId& mark) {
  if (known_) return;  // what it may not read was settled when the life before it ended
  auto& life = unknown_[channel];
  life.was_closed = life.was_closed || life.closed;
  life.began = mark;
  life.closed = life.ended = false;
}

void Lives::closed(const std::string& channel) {
  if (!known_) {
    unknown_[channel].closed = true;
    return;
  }
  const auto found = lives_.find(channel);
  if (found == lives_.end())
    set(channel, {floor_, true});
  else if (!found->second.closed)
    set(channel, {found->second.begins, true});
}

void Lives::ended(const std::string& channel, const protocol::MessageId& mark, bool spoken) {
  if (!known_) {
    const auto found = unknown_.find(channel);
    if (found == unknown_.end()) return;
    found->second.ended = true;
    found->second.began = mark;
    found->second.was_closed = found->second.was_closed || std::exchange(found->second.closed, false);
    return;
  }
  const auto found = lives_.find(channel);
  if (found != lives_.end() && found->second.closed)
    set(channel, {spoken ? mark : found->second.begins, false});
}

void Lives::load(const std::vector<db::ChannelLife>& kept, const protocol::MessageId& mark) {
  if (std::exchange(known_, true)) return;
  for (const auto& life : kept)
    if (life.channel.empty()) floor_ = std::max(floor_, life.begins);
  for (const auto& life : kept) {
    if (life.channel.empty()) continue;
    if (life.closed) {  // when the server went down
      const auto since = unknown_.find(life.channel);
      const bool lives_again = since != unknown_.end() && !since->second.ended;
      set(life.channel, {lives_again ? since->second.began : mark, false});
    } else {
      set(life.channel, {life.begins, false});
      changed_.erase(life.channel);
    }
  }
  for (const auto& [channel, since] : std::exchange(unknown_, {})) {
    if (!since.closed && !since.was_closed) continue;
    const auto before = lives_.find(channel);
    const auto begins = before == lives_.end() ? floor_ : before->second.begins;
    set(channel, {since.was_closed ? since.began : begins, since.closed});
  }
}

protocol::MessageId Lives::readable_from(std::string_view channel) const {
  if (!known_) {
    const auto found = unknown_.find(channel);
    return found == unknown_.end() ? db::highest_id : found->second.began;
  }
  const auto found = lives_.find(channel);
  return found == lives_.end() ? floor_ : std::max(found->second.begins, floor_);
}

std::vector<db::ChannelLife> Lives::take_changes(std::size_t limit) {
  std::vector<db::ChannelLife> changes;
  while (has_changes() && changes.size() < limit) {
    const auto channel = std::move(changed_.extract(changed_.begin()).value());
    const auto found = lives_.find(channel);
    if (channel.empty())
      changes.push_back({channel, floor_, false});
    else if (found == lives_.end())
      changes.push_back({channel});
    else
      changes.push_back({channel, found->second.begins, found->second.closed});
  }
  return changes;
}

void Lives::not_kept(std::span<const db::ChannelLife> lives) {
  for (const auto& life : lives) changed_.insert(life.channel);
}

void Lives::set(const std::string& channel, const Life& life) {
  if (const auto found = lives_.find(channel); found != lives_.end()) {
    open_.erase({found->second.begins, channel});
    lives_.erase(found);
  }
  if (recorded_) changed_.insert(channel);
  if (!life.closed && life.begins <= floor_) return;
  lives_.emplace(channel, life);
  if (!life.closed) open_.emplace(life.begins, channel);
  if (open_.size() > capacity_) give_up_oldest();
}

void Lives::give_up_oldest() {
  const auto oldest = open_.begin();
  floor_ = oldest->first;
  // The record of what is readable nowhere goes without a channel, and makes older ones superfluous.
  if (recorded_) changed_.insert("");
  changed_.erase(oldest->second);
  lives_.erase(oldest->second);
  open_.erase(oldest);
}

}  // namespace troupe
