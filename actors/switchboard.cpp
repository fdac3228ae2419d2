#include "actors/switchboard.hpp"

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

/// A quarter of the shortest timeout, within reason: so late may a timeout be noticed.
std::chrono::milliseconds sweep_interval(const Rules& rules) {
  using std::chrono::milliseconds;
  auto shortest = milliseconds::max();
  for (auto timeout : {rules.registration_timeout, rules.ping_interval, rules.ping_timeout})
    if (timeout.count() > 0) shortest = std::min(shortest, timeout);
  return std::clamp(shortest / 4, milliseconds{50}, milliseconds{5000});
}

/// How late a connection may be woken at most. The one timer for all of them rings so often while anybody
/// sleeps.
constexpr std::chrono::milliseconds ring_interval{20};

}  // namespace

switchboard_actor::behavior_type switchboard(SwitchboardState::Self* self, const Rules& rules) {
  return self->state.start(rules);
}

SwitchboardState::~SwitchboardState() {
  for (const auto& [id, seat] : seats_) caf::anon_send_exit(seat->who, caf::exit_reason::user_shutdown);
}

/// An answer that is given when the connections have carried out what they were just sent, and when what
/// their clients have said meanwhile has been read: the event loop runs what is posted to it in its order,
/// and looks at its sockets before it runs what was posted by that.
template <class Answer>
caf::typed_response_promise<Answer> SwitchboardState::one_turn_later() {
  auto promise = self_->make_response_promise<Answer>();
  auto& loop = self_->system().middleman().backend();
  loop.post([&loop, promise] { loop.post([promise]() mutable { promise.deliver(Answer{}); }); });
  return promise;
}

switchboard_actor::behavior_type SwitchboardState::start(const Rules& rules) {
  max_connections_ = rules.max_connections;
  max_per_address_ = rules.max_per_address;
  sweep_ = sweep_interval(rules);
  self_->set_down_handler([this](const caf::down_msg& down) { gone(down.source); });
  send_later(sweep_, Tick{});
  return {
      [this](const Admit& request) { return admit(request); },
      [this](const Wake& order) { wake(order); },
      [this](const Serve& order) { room_ = order.room; },
      [this](const Deliver& order) -> caf::result<Delivered> {
        roster_.deliver(*order.batch, order.outcome);
        return one_turn_later<Delivered>();
      },
      [this](HushAll) -> caf::result<AllHushed> {
        for (const auto& [id, seat] : seats_) caf::anon_send(seat->who, Hush{});
        return one_turn_later<AllHushed>();
      },
      [this](const CloseAll& order) -> caf::result<AllClosed> {
        closing_ = self_->make_response_promise<AllClosed>();
        for (const auto& [id, seat] : seats_) caf::anon_send(seat->who, Close{order.reason});
        if (seats_.empty()) closing_->deliver(AllClosed{});
        return *closing_;
      },
      [this](Tick) { tick(); },
      [this](Ring) { ring(); },
  };
}

Admission SwitchboardState::admit(const Admit& request) {
  if (auto why_not = refusal(request.address); !why_not.empty()) return {{}, std::move(why_not)};
  const ConnectionId id{++last_id_};
  self_->monitor(request.who);
  auto& seat = *(seats_[id] = std::make_unique<Seat>(request.who, request.wire));
  roster_.seat(id, seat);
  guests_.emplace(request.who.address(), Guest{id, request.address});
  ++per_address_[request.address];
  return {id, {}};
}

void SwitchboardState::Seat::answered(const Answer& answer) {
  caf::anon_send(who, Answered{answer.commands, answer.standing, answer.ask});
}

std::string SwitchboardState::refusal(const std::string& address) const {
  if (closing_) return "Server shutting down";
  if (max_connections_ > 0 && seats_.size() >= max_connections_) return "Too many connections";
  const auto found = per_address_.find(address);
  if (max_per_address_ > 0 && found != per_address_.end() && found->second >= max_per_address_)
    return "Too many connections from your address";
  return {};
}

void SwitchboardState::gone(const caf::actor_addr& who) {
  const auto found = guests_.find(who);
  if (found == guests_.end()) return;
  const auto [id, address] = found->second;
  if (room_) self_->send(*room_, Leave{id, "Connection lost", {}});
  if (auto at = per_address_.find(address); --at->second == 0) per_address_.erase(at);
  roster_.vacate(id);
  seats_.erase(id);
  guests_.erase(found);
  if (closing_ && seats_.empty()) closing_->deliver(AllClosed{});
}

void SwitchboardState::tick() {
  for (const auto& [id, seat] : seats_) caf::anon_send(seat->who, Tick{});
  send_later(sweep_, Tick{});
}

void SwitchboardState::wake(const Wake& order) {
  sleepers_.push_back(order);
  std::ranges::push_heap(sleepers_, std::ranges::greater{}, &Wake::at);
  if (!std::exchange(ringing_, true)) send_later(ring_interval, Ring{});
}

void SwitchboardState::ring() {
  const auto now = self_->clock().now();
  while (!sleepers_.empty() && sleepers_.front().at <= now) {
    if (const auto found = seats_.find(sleepers_.front().who); found != seats_.end())
      caf::anon_send(found->second->who, Tick{});
    std::ranges::pop_heap(sleepers_, std::ranges::greater{}, &Wake::at);
    sleepers_.pop_back();
  }
  ringing_ = !sleepers_.empty();
  if (ringing_) send_later(ring_interval, Ring{});
}

// A broker that has ended never empties its mailbox. A message to itself in there that knew its sender would
// keep it in memory for ever.
template <class Alarm>
void SwitchboardState::send_later(std::chrono::nanoseconds delay, Alarm alarm) {
  caf::delayed_anon_send(caf::actor_cast<switchboard_actor>(self_), delay, alarm);
}

}  // namespace troupe
