#include "actors/persistence.hpp"

#include "actors/keeper.hpp"
#include "log/log.hpp"

#include <utility>
#include <variant>

namespace troupe {
namespace {

using db::Failover;
using db::Outcome;

Outcome outcome_of(Committed) { return {}; }
Outcome outcome_of(Found& answer) { return {{}, std::move(answer.messages), 0}; }
Outcome outcome_of(Removed answer) { return {{}, {}, answer.count}; }

/// What a keeper answers to an order.
template <class Order>
struct Answer {
  using type = Committed;
};
template <>
struct Answer<Oldest> {
  using type = Found;
};
template <>
struct Answer<Discard> {
  using type = Removed;
};
template <>
struct Answer<Expire> {
  using type = Removed;
};

}  // namespace

persistence_actor::behavior_type persistence(PersistenceState::Self self, PersistenceSetup setup) {
  return self->state.start(std::move(setup));
}

persistence_actor::behavior_type PersistenceState::start(PersistenceSetup setup) {
  setup_ = std::move(setup);
  self_->link_to(setup_.store);
  self_->link_to(setup_.spool);
  const auto& storage = setup_.storage;
  failover_.emplace(
      Failover::Setup{storage.commit_timeout, storage.keep, storage.spool_name, storage.at_home},
      self_->clock().now());
  go_on();
  return {
      [this](const Append& order) -> caf::result<Committed> {
        auto promise = self_->make_response_promise<Committed>();
        promise_ = promise;
        failover_->append(order.messages, self_->clock().now());
        go_on();
        return promise;
      },
      [this](Tick) {
        alarm_.reset();
        go_on();
      },
      [this](Measure) { return Measured{failover_->measure()}; },
  };
}

/// Does what there is to do now.
void PersistenceState::go_on() {
  const auto now = self_->clock().now();
  failover_->look(now);
  if (failover_->take_cut()) setup_.line->cut();
  if (auto order = failover_->next_for_store(now, setup_.wall_clock()))
    std::visit([&](auto& it) { request(setup_.store, std::move(it), &Failover::store_ended); }, *order);
  if (auto order = failover_->next_for_spool(now))
    std::visit([&](auto& it) { request(setup_.spool, std::move(it), &Failover::spool_ended); }, *order);
  for (const auto& line : failover_->take_log()) log::write(line);
  if (const auto verdict = failover_->take_verdict()) {
    if (verdict->refused)
      promise_->deliver(caf::make_error(caf::sec::runtime_error, *verdict->refused));
    else
      promise_->deliver(Committed{});
    promise_.reset();
  }
  wake_in_time();
}

/// Waits for the answer however long it takes: an order that was forgotten would be carried out all the same.
template <class Keeper, class Order, class Ended>
void PersistenceState::request(const Keeper& keeper, Order order, Ended ended) {
  const auto end = [this, ended](Outcome outcome) {
    ((*failover_).*ended)(std::move(outcome), self_->clock().now());
    go_on();
  };
  self_->request(keeper, caf::infinite, std::move(order))
      .then([end](typename Answer<Order>::type& answer) { end(outcome_of(answer)); },
            [this, end](const caf::error& error) {
              end({failure_in(error, self_->system()), {}, 0});
            });
}

void PersistenceState::wake_in_time() {
  const auto now = self_->clock().now();
  const auto next = failover_->wake_at(now);
  if (!next || (alarm_ && *alarm_ <= *next)) return;
  alarm_ = *next;
  self_->delayed_send(self_, *next - now, Tick{});
}

}  // namespace troupe
