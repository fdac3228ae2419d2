#include "db/merged_read.hpp"

#include "db/id_range.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe::db {

namespace {

using protocol::MessageId;

/// Of both, in the order of ids, each once.
template <class Element, class Id>
std::vector<Element> merge(std::vector<Element> one, std::vector<Element> other, Id id) {
  const auto before = [&](const Element& a, const Element& b) { return id(a) < id(b); };
  const auto same = [&](const Element& a, const Element& b) { return id(a) == id(b); };
  std::vector<Element> all;
  all.reserve(one.size() + other.size());
  std::merge(std::make_move_iterator(one.begin()), std::make_move_iterator(one.end()),
             std::make_move_iterator(other.begin()), std::make_move_iterator(other.end()),
             std::back_inserter(all), before);
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return all;
}

/// A query that counts its limit from the newest message, as one that begins at the oldest that it means;
/// nothing if it means none.
std::optional<Query> from_the_oldest(const Query& query, std::vector<MessageId> spooled, MessageLog& home) {
  const auto ids = merge(std::move(spooled), home.ids(query), [](const MessageId& id) { return id; });
  if (ids.empty()) return {};
  auto same = query;
  same.after = before(ids[ids.size() - std::min(query.limit, ids.size())]);
  same.from = Query::Direction::oldest_first;
  return same;
}

}  // namespace

std::vector<Message> read_merged(const Query& query, MessageLog* spool, MessageLog& home) {
  if (!spool || query.limit == 0) return home.read(query);
  auto asked = query;
  // Each gives only the first ones of those that it means, and they may all be older than those that both of
  // them together mean.
  if (query.from == Query::Direction::newest_first && !query.wants_latest()) {
    auto spooled = spool->ids(query);
    if (spooled.empty()) return home.read(query);
    const auto same = from_the_oldest(query, std::move(spooled), home);
    if (!same) return {};
    asked = *same;
  }
  auto spooled = spool->read(asked);
  auto all = merge(std::move(spooled), home.read(asked), [](const Message& message) { return message.id; });
  cut(asked, all);
  return all;
}

}  // namespace troupe::db
