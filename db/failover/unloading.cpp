#include "db/failover/unloading.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe::db {

void Unloading::found(std::vector<Message> messages) {
  last_was_whole_ = unread_ = messages.size() >= limit;
  if (!messages.empty()) read_to_ = messages.back().id;
  read_.assign(std::make_move_iterator(messages.begin()), std::make_move_iterator(messages.end()));
}

void Unloading::forget(const std::set<protocol::MessageId>& ids) {
  std::erase_if(read_, [&](const Message& message) { return ids.contains(message.id); });
}

Unloading::Part Unloading::take_part() {
  const auto end = read_.begin() + static_cast<std::ptrdiff_t>(std::min(part_size_, read_.size()));
  part_ = std::make_shared<const std::vector<Message>>(std::make_move_iterator(read_.begin()),
                                                       std::make_move_iterator(end));
  read_.erase(read_.begin(), end);
  return part_;
}

std::size_t Unloading::moved() {
  const auto part = std::exchange(part_, nullptr);
  moved_to_ = part->back().id;
  part_size_ = std::min(2 * part_size_, limit);
  return part->size();
}

std::optional<Message> Unloading::rejected() {
  const auto part = std::exchange(part_, nullptr);
  if (part->size() > 1) {
    part_size_ = part->size() / 2;
    read_.insert(read_.begin(), part->begin(), part->end());
    return {};
  }
  moved_to_ = part->back().id;
  passed_over_.insert(moved_to_);
  return part->back();
}

void Unloading::set_aside(const std::vector<protocol::MessageId>& ids) {
  for (const auto& id : ids) passed_over_.erase(id);
}

void Unloading::interrupted() {
  if (is_idle()) return;
  read_.clear();
  part_ = nullptr;
  read_to_ = moved_to_;
  unread_ = true;
}

}  // namespace troupe::db
