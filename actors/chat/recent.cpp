#include "actors/chat/recent.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe {

void Recent::add(const db::Message& message) {
  if (!messages_.empty() && message.id <= messages_.back().id) return;
  if (messages_.size() == 2 * capacity) {
    messages_.erase(messages_.begin(), messages_.end() - capacity);
    complete_ = alone_;
  }
  messages_.push_back(message);
}

void Recent::load(std::vector<db::Message> stored, bool complete) {
  const auto added = std::exchange(messages_, std::move(stored));
  complete_ = complete;
  for (const auto& message : added) add(message);
}

std::optional<std::vector<db::Message>> Recent::read(const db::Query& query) const {
  auto first = messages_.begin();
  auto last = messages_.end();
  if (query.after) first = std::ranges::upper_bound(messages_, *query.after, {}, &db::Message::id);
  if (query.before) last = std::ranges::lower_bound(messages_, *query.before, {}, &db::Message::id);
  if (last < first) last = first;

  const auto limit = static_cast<std::ptrdiff_t>(query.limit);
  const bool reaches_back =
      complete_ || (query.after && !messages_.empty() && messages_.front().id <= *query.after);
  if (query.from == db::Query::Direction::newest_first) {
    if (!reaches_back && last - first < limit) return {};
    first = std::max(first, last - std::min(limit, last - first));
  } else {
    if (!reaches_back) return {};
    last = first + std::min(limit, last - first);
  }
  return std::vector<db::Message>(first, last);
}

std::optional<protocol::MessageId> Recent::newest() const {
  return messages_.empty() ? std::nullopt : std::optional{messages_.back().id};
}

}  // namespace troupe
