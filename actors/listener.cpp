#include "actors/listener.hpp"

#include "log/log.hpp"
#include "net/address.hpp"

#include <chrono>
#include <utility>

namespace troupe {
namespace {

/// Clients that wait to be looked at again. Those beyond are refused at once: each holds a descriptor.
constexpr std::size_t most_waiting = 32;
constexpr std::chrono::seconds log_interval{1};

}  // namespace

listener_actor::behavior_type listener(ListenerState::Self* self, ListenerSetup setup) {
  return self->state.start(std::move(setup));
}

listener_actor::behavior_type ListenerState::start(ListenerSetup setup) {
  take_ = std::move(setup.accepted);
  switchboards_ = std::move(setup.switchboards);
  places_.emplace(setup.limits, switchboards_.size());
  for (auto& door : setup.doors) self_->add_doorman(std::move(door));
  return {
      [this](const Vacated& gone) {
        places_->leave(static_cast<std::uint64_t>(gone.id), gone.gave_wrong_password, self_->clock().now(),
                       gone.missing);
      },
      [this](StopListening) { self_->quit(); },
      [this](Tick) {
        log_rests_ = false;
        if (unlogged_ > 0) log_refusals();
      },
      [this](const caf::io::new_connection_msg& message) { accepted(take_(message.handle)); },
      [this](const caf::io::acceptor_closed_msg&) { self_->quit(); },
      [this](Measure) -> Measured {
        return {{{"connections", places_->taken()}, {"waiting", waiting_.size()}, {"refused", refused_}}};
      },
  };
}

void ListenerState::accepted(const std::shared_ptr<Accepted>& client) {
  auto address = client->address();
  if (address.empty()) return;  // it is gone already
  Waiting newcomer{client, host_of(std::move(address))};
  if (!waiting_.empty() && waiting_.size() < most_waiting) return waiting_.push_back(std::move(newcomer));
  const auto reason = places_->refusal(newcomer.address, self_->clock().now());
  if (reason.empty()) return seat(newcomer);
  if (!waiting_.empty()) return refuse(newcomer, reason);
  waiting_.push_back(std::move(newcomer));
  look();
}

void ListenerState::seat(const Waiting& client) {
  const auto number = places_->take(client.address);
  const auto missing = places_->hand_on(client.address, self_->clock().now());
  self_->send(switchboards_[number % switchboards_.size()],
              Seat{ConnectionId{number}, client.address, missing, client.client,
                   caf::actor_cast<listener_actor>(self_)});
}

void ListenerState::refuse(const Waiting& client, const std::string& reason) {
  client.client->refuse("ERROR :" + reason + "\r\n");
  ++unlogged_;
  ++refused_;
  last_address_ = client.address;
  last_reason_ = reason;
  if (!log_rests_) log_refusals();
}

void ListenerState::look() {
  waiting_for_this_look_ = waiting_.size();
  looking_ = switchboards_.size();
  for (const auto& one : switchboards_)
    self_->request(one, caf::infinite, Look{})
        .then([this](Looked) { looked(); }, [this](const caf::error&) { looked(); });
}

void ListenerState::looked() {
  if (--looking_ > 0) return;
  for (; waiting_for_this_look_ > 0; --waiting_for_this_look_) {
    const auto client = std::move(waiting_.front());
    waiting_.pop_front();
    const auto reason = places_->refusal(client.address, self_->clock().now());
    if (reason.empty())
      seat(client);
    else
      refuse(client, reason);
  }
  if (!waiting_.empty()) look();
}

void ListenerState::log_refusals() {
  log::Event event{"refused", {{"address", last_address_}, {"reason", last_reason_}}};
  if (unlogged_ > 1) event.fields.push_back({"clients", unlogged_});
  log::warn(event);
  unlogged_ = 0;
  log_rests_ = true;
  caf::delayed_anon_send(caf::actor_cast<listener_actor>(self_), log_interval, Tick{});
}

}  // namespace troupe
