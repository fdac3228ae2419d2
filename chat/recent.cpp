#include "chat/recent.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe {

void Recent::add(const db::Message& message) {
  if (!messages_.empty() && message.id <= messages_.back().id) return;
  if (full()) {
    messages_.erase(messages_.begin(), messages_.end() - capacity);
    complete_ = alone_;
  }
  messages_.push_back(message);
}

void Recent::load(std::vector<db::Message> stored, bool complete) {
  auto added = std::exchange(messages_, std::move(stored));
  complete_ = complete;
  const auto first = messages_.empty()
                         ? added.begin()
                         : std::ranges::upper_bound(added, messages_.back().id, {}, &db::Message::id);
  std::move(first, added.end(), std::back_inserter(messages_));
}

std::optional<std::vector<db::Message>> Recent::read(const db::Query& query) const {
  auto first = messages_.begin();
  auto last = messages_.end();
  if (query.after) first = std::ranges::upper_bound(messages_, *query.after, {}, &db::Message::id);
  if (query.before) last = std::ranges::lower_bound(messages_, *query.before, {}, &db::Message::id);
  if (last < first) last = first;

  const auto limit = static_cast<std::ptrdiff_t>(query.limit);
  const bool reaches_back = query.after ? reaches_back_to(*query.after) : complete_;
  if (query.from == db::Query::Direction::newest_first) {
    if (!reaches_back && last - first < limit) return {};
    first = std::max(first, last - std::min(limit, last - first));
  } else {
    if (!reaches_back) return {};
    last = first + std::min(limit, last - first);
  }
  return std::vector<db::Message>(first, last);
}

std::span<const db::Message> Recent::latest(const protocol::MessageId& after, const protocol::MessageId& upto,
                                            std::size_t limit) const {
  const auto last = std::ranges::upper_bound(messages_, upto, {}, &db::Message::id);
  const auto news = std::ranges::upper_bound(messages_.begin(), last, after, {}, &db::Message::id);
  return {last - std::min(static_cast<std::ptrdiff_t>(limit), last - news), last};
}

bool Recent::has_latest(const protocol::MessageId& after, const protocol::MessageId& upto,
                        std::size_t limit) const {
  return after >= upto || reaches_back_to(after) || latest(after, upto, limit).size() == limit;
}

void Recent::forget_before(protocol::Time time) {
  // Should the clock be wrong, the store still has them.
  if (std::erase_if(messages_, [&](const auto& message) { return message.time < time; }) > 0)
    complete_ = alone_;
}

}  // namespace troupe
