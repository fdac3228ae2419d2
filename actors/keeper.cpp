#include "actors/keeper.hpp"

#include "actors/reason.hpp"
#include "db/merged_read.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

namespace troupe {
namespace {

const auto store_category = caf::atom("store");

}  // namespace

caf::error KeeperWork::error_of(const db::StoreError& error) {
  // 0 would mean that nothing went wrong.
  const auto code = static_cast<std::uint8_t>(static_cast<int>(error.reason()) + 1);
  return {code, store_category, caf::make_message(std::string{error.what()})};
}

void KeeperWork::ended(std::chrono::steady_clock::time_point began) {
  ++done_;
  last_ = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
  longest_ = std::max(longest_, last_);
}

Measured KeeperWork::measure() const {
  return {
      {{"orders", done_}, {"failed", failed_}, {"last_us", last_.count()}, {"longest_us", longest_.count()}}};
}

bool is_of_keeper(const caf::error& error) { return error.category() == store_category; }

db::Outcome::Failure failure_in(const caf::error& error, caf::actor_system& system) {
  const auto reason = is_of_keeper(error) ? static_cast<db::StoreError::Reason>(error.code() - 1)
                                          : db::StoreError::Reason::lost;
  return {reason, reason_of(error, system)};
}

store_keeper_actor::behavior_type store_keeper(store_keeper_actor::stateful_pointer<StoreKeeperState> self,
                                               OpenStore open) {
  auto& keeper = self->state;
  keeper.start(std::move(open));
  return {
      [&keeper](const Append& order) {
        return keeper.answer(
            [&](db::MessageLog& store) { return store.append(*order.messages), Committed{}; });
      },
      [&keeper](const Remove& order) {
        return keeper.answer([&](db::MessageLog& store) { return store.remove(order.ids), Committed{}; });
      },
      [&keeper](const Expire& order) {
        return keeper.answer([&](db::MessageLog& store) {
          return Removed{store.remove_before(order.before, order.limit, order.now)};
        });
      },
      [&keeper](Measure) { return keeper.measure(); },
  };
}

spool_keeper_actor::behavior_type spool_keeper(spool_keeper_actor::stateful_pointer<SpoolKeeperState> self,
                                               OpenSpool open) {
  auto& keeper = self->state;
  keeper.start(std::move(open));
  return {
      [&keeper](const Append& order) {
        return keeper.answer([&](db::Spool& spool) { return spool.append(*order.messages), Committed{}; });
      },
      [&keeper](const Reserve& order) {
        return keeper.answer([&](db::Spool& spool) { return spool.reserve(order.up_to), Committed{}; });
      },
      [&keeper](const Oldest& order) {
        return keeper.answer([&](db::Spool& spool) { return Found{spool.oldest(order.limit, order.after)}; });
      },
      [&keeper](const Remove& order) {
        return keeper.answer([&](db::Spool& spool) { return spool.remove(order.ids), Committed{}; });
      },
      [&keeper](const SetAside& order) {
        return keeper.answer([&](db::Spool& spool) { return spool.set_aside(order.ids), Committed{}; });
      },
      [&keeper](const Discard& order) {
        return keeper.answer([&](db::Spool& spool) {
          std::vector<protocol::MessageId> ids;
          for (const auto& message : spool.oldest(order.limit))
            if (message.id <= order.up_to) ids.push_back(message.id);
          if (!ids.empty()) spool.remove(ids);
          return Removed{ids.size()};
        });
      },
      [&keeper](Measure) { return keeper.measure(); },
  };
}

records_keeper_actor::behavior_type records_keeper(
    records_keeper_actor::stateful_pointer<RecordsKeeperState> self, OpenRecords open) {
  auto& keeper = self->state;
  keeper.start(std::move(open));
  return {
      [&keeper](ReadLives) {
        return keeper.answer([](db::Records& records) { return LivesRead{records.lives()}; });
      },
      [&keeper](const KeepLives& order) {
        return keeper.answer([&](db::Records& records) { return records.keep(order.lives), Committed{}; });
      },
      [&keeper](Measure) { return keeper.measure(); },
  };
}

reader_actor::behavior_type reader(ReaderState::Self self, ReaderSetup setup) {
  return self->state.start(std::move(setup));
}

reader_actor::behavior_type ReaderState::start(ReaderSetup setup) {
  setup_ = std::move(setup);
  return {
      [this](const Recall& order) {
        return work_.answer([&] {
          Recalled found;
          for (const auto& query : order.queries)
            std::ranges::move(read(query), std::back_inserter(found.messages));
          return found;
        });
      },
      [this](Measure) { return work_.measure(); },
  };
}

std::vector<db::Message> ReaderState::read(const db::Query& query) {
  auto* spooled = spool();
  if (!store_) store_ = setup_.open_store();
  return db::read_merged(query, spooled, *store_);
}

/// Null where there is none.
db::Spool* ReaderState::spool() {
  try {
    if (!spool_) spool_ = setup_.open_spool();
  } catch (const db::StoreError& error) {
    // Without space there is no spool to be opened, and so there is nothing in it.
    if (error.reason() != db::StoreError::Reason::full) throw;
  }
  return spool_.get();
}

}  // namespace troupe
