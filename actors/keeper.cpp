#include "actors/keeper.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe {
namespace {

/// What `operation` returns; a store's refusal becomes the error that answers the request.
template <class Operation>
auto answer(Operation operation) -> caf::result<decltype(operation())> {
  try {
    return operation();
  } catch (const db::StoreError& error) {
    return caf::make_error(caf::sec::runtime_error, std::string{error.what()});
  }
}

}  // namespace

keeper_actor::behavior_type keeper(KeeperState::Self self, KeeperSetup setup) {
  return self->state.start(std::move(setup));
}

keeper_actor::behavior_type KeeperState::start(KeeperSetup setup) {
  setup_ = std::move(setup);
  return {
      [this](const Append& order) {
        return answer([&] {
          store().append(*order.messages);
          return Committed{};
        });
      },
      [this](const Unload& order) {
        return answer([&] {
          const auto messages = spool().oldest(order.limit);
          if (messages.empty()) return Unloaded{0};
          store().append(messages);
          std::vector<protocol::MessageId> ids;
          std::ranges::transform(messages, std::back_inserter(ids), &db::Message::id);
          spool().remove(ids);
          return Unloaded{messages.size()};
        });
      },
      [this](const Expire& order) {
        return answer([&] { return Expired{store().remove_before(order.before, order.limit)}; });
      },
      [this](const Recall& order) {
        return answer([&] {
          Recalled found;
          for (const auto& query : order.queries)
            std::ranges::move(read(query), std::back_inserter(found.messages));
          return found;
        });
      },
  };
}

db::Store& KeeperState::store() {
  if (!store_) store_ = setup_.open_store();
  return *store_;
}

db::Spool& KeeperState::spool() {
  if (!spool_) spool_ = setup_.open_spool();
  return *spool_;
}

/// Reads store and spool as if they were one. The spool comes first: a message that moves in between is then
/// found twice, rather than not at all.
std::vector<db::Message> KeeperState::read(const db::Query& query) {
  const auto spooled = spool().read(query);
  std::vector<db::Message> stored;
  try {
    stored = store().read(query);
  } catch (const db::StoreError&) {
    // What is in the spool is later than what is in the store: the latest messages may all be here.
    if (query.from == db::Query::Direction::newest_first && spooled.size() == query.limit) return spooled;
    throw;
  }
  if (spooled.empty()) return stored;

  std::vector<db::Message> all;
  std::ranges::merge(stored, spooled, std::back_inserter(all), {}, &db::Message::id, &db::Message::id);
  const auto twins = std::ranges::unique(all, {}, &db::Message::id);
  all.erase(twins.begin(), twins.end());
  const auto surplus = static_cast<std::ptrdiff_t>(all.size() - std::min(query.limit, all.size()));
  if (query.from == db::Query::Direction::newest_first)
    all.erase(all.begin(), all.begin() + surplus);
  else
    all.erase(all.end() - surplus, all.end());
  return all;
}

}  // namespace troupe
