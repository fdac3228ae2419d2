#include "chat/recent.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe {

void Recent::add(const db::Message& message) {
  if (!messages_.empty() && message.id <= messages_.back().id) return;
  if (is_full_for(message)) drop_older();
  messages_.push_back(message);
  bytes_ += db::size_of(message);
}

void Recent::drop_older() {
  auto first = messages_.begin();
  for (; messages_.end() - first > 1; ++first) {
    const auto left = static_cast<std::size_t>(messages_.end() - first);
    if (left <= bounds_.messages && bytes_ <= bounds_.bytes) break;
    bytes_ -= db::size_of(*first);
  }
  if (first != messages_.begin()) complete_ = alone_;
  messages_.erase(messages_.begin(), first);
  messages_.shrink_to_fit();
}

void Recent::clear() {
  if (!messages_.empty()) complete_ = alone_;
  messages_ = {};
  bytes_ = 0;
}

void Recent::load(std::vector<db::Message> stored, bool complete) {
  auto added = std::exchange(messages_, std::move(stored));
  complete_ = complete;
  const auto first = messages_.empty()
                         ? added.begin()
                         : std::ranges::upper_bound(added, messages_.back().id, {}, &db::Message::id);
  std::move(first, added.end(), std::back_inserter(messages_));
  bytes_ = 0;
  for (const auto& message : messages_) bytes_ += db::size_of(message);
}

std::optional<std::vector<db::Message>> Recent::read(const db::Query& query) const {
  auto first = messages_.begin();
  auto last = messages_.end();
  if (query.after) first = std::ranges::upper_bound(messages_, *query.after, {}, &db::Message::id);
  if (query.before) last = std::ranges::lower_bound(messages_, *query.before, {}, &db::Message::id);
  if (last < first) last = first;

  const bool reaches_back = query.after ? reaches_back_to(*query.after) : complete_;
  const bool newest_first = query.from == db::Query::Direction::newest_first;
  const auto count = static_cast<std::size_t>(last - first);
  if (!reaches_back && !(newest_first && count >= query.limit)) return {};
  // Only what is given is copied, at most the query's bytes.
  const auto given = db::given(query, {first, last});
  return std::vector<db::Message>(given.begin(), given.end());
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
  const auto is_old = [&](const db::Message& message) {
    const bool old = message.time < time;
    if (old) bytes_ -= db::size_of(message);
    return old;
  };
  if (std::erase_if(messages_, is_old) > 0) complete_ = alone_;
}

}  // namespace troupe
