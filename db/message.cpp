#include "db/message.hpp"

#include <algorithm>
#include <ranges>

namespace troupe::db {

namespace {

/// How many of the messages are the first ones that reach so many bytes.
template <class Messages>
std::ptrdiff_t reach(const Messages& messages, std::size_t bytes) {
  std::size_t sum = 0;
  const auto last = std::ranges::find_if(
      messages, [&](const Message& message) { return (sum += size_of(message)) >= bytes; });
  const auto count = std::ranges::distance(messages.begin(), last);
  return last == messages.end() ? count : count + 1;
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

void cut(const Query& query, std::vector<Message>& messages) {
  const auto count = static_cast<std::ptrdiff_t>(std::min(query.limit, messages.size()));
  if (query.from == Query::Direction::newest_first)
    messages.erase(messages.begin(), messages.end() - count);
  else
    messages.erase(messages.begin() + count, messages.end());
  if (query.wants_latest()) {
    const auto kept = reach(std::views::reverse(messages), query.bytes);
    messages.erase(messages.begin(), messages.end() - kept);
  } else {
    messages.erase(messages.begin() + reach(messages, query.bytes), messages.end());
  }
}

}  // namespace troupe::db
