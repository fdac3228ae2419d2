#include "db/message.hpp"

#include <algorithm>

namespace troupe::db {

namespace {

/// How many of the messages are the first ones that reach so many bytes.
template <class Iterator>
std::size_t reach(Iterator first, Iterator last, std::size_t bytes) {
  std::size_t sum = 0, count = 0;
  for (; first != last; ++first) {
    ++count;
    if ((sum += size_of(*first)) >= bytes) break;
  }
  return count;
}

}  // namespace

std::size_t size_of(const Message& message) {
  return message_overhead + message.channel.size() + message.nick.size() + message.user.size() +
         message.host.size() + message.text.size() + message.client_tags.size();
}

bool is_cut(const Query& query, std::span<const Message> messages) {
  if (messages.size() >= query.limit) return false;
  std::size_t sum = 0;
  for (const auto& message : messages) sum += size_of(message);
  return !messages.empty() && sum >= query.bytes;
}

std::optional<Query> rest_of(const Query& query, std::span<const Message> messages) {
  if (query.wants_latest() || !is_cut(query, messages)) return {};
  auto rest = query;
  rest.after = messages.back().id;
  rest.limit -= messages.size();
  rest.from = Query::Direction::oldest_first;
  return rest;
}

std::span<const Message> given(const Query& query, std::span<const Message> all) {
  const auto count = std::min(query.limit, all.size());
  const auto meant = query.from == Query::Direction::newest_first ? all.last(count) : all.first(count);
  if (query.wants_latest()) return meant.last(reach(meant.rbegin(), meant.rend(), query.bytes));
  return meant.first(reach(meant.begin(), meant.end(), query.bytes));
}

void cut(const Query& query, std::vector<Message>& messages) {
  const auto kept = given(query, messages);
  const auto first = messages.begin() + (kept.data() - messages.data());
  messages.erase(first + static_cast<std::ptrdiff_t>(kept.size()), messages.end());
  messages.erase(messages.begin(), first);
}

}  // namespace troupe::db
