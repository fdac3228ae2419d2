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

switchboard_actor::behavior_type switchboard(SwitchboardState::Self* self, SwitchboardSetup setup) {
  return self->state.start(std::move(setup));
}

void introduce(const std::vector<switchboard_actor>& switchboards, const room_actor& room) {
  for (const auto& one : switchboards) {
    caf::anon_send(one, Serve{room, {switchboards.begin(), switchboards.end()}});
  }
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
  auto& loop = loop_->loop();
  loop.post([&loop, promise] { loop.post([promise]() mutable { promise.deliver(Answer{}); }); });
  return promise;
}

switchboard_actor::behavior_type SwitchboardState::start(SwitchboardSetup setup) {
  rules_ = std::move(setup.rules);
  loop_ = std::move(setup.loop);
  sweep_ = sweep_interval(rules_);
  seats_.max_load_factor(0.8F);  // a seat is looked up for each answer, not for each delivery
  self_->set_down_handler([this](const caf::down_msg& down) { gone(down.source); });
  send_later(sweep_, Tick{});
  return {
      [this](const Seat& order) { seat(order); },
      [this](const Wake& order) { wake(order); },
      [this](const Enter& newcomer) {
        next_newcomers_.push_back(newcomer);
        if (looking_ == 0) look();
      },
      [this](const Leave& leave) {
        forget_newcomer(leave.from);
        self_->send(*room_, leave);
      },
      [this](Look) -> caf::result<Looked> { return one_turn_later<Looked>(); },
      [this](const Serve& order) {
        room_ = order.room;
        all_ = order.all;
      },
      [this](const Deliver& order) -> caf::result<Delivered> {
        roster_.deliver(*order.batch, order.outcome);
        ++batches_;
        return one_turn_later<Delivered>();
      },
      [this](HushAll) -> caf::result<AllHushed> {
        hushed_ = true;
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
      [this](Measure) { return measure(); },
  };
}

Measured SwitchboardState::measure() const {
  std::size_t backlog = 0, longest = 0;
  for (const auto& [id, seat] : seats_) {
    backlog += seat->wire->backlog();
    longest = std::max(longest, seat->wire->backlog());
  }
  return {{{"clients", seats_.size()},
           {"backlog_bytes", backlog},
           {"longest_backlog_bytes", longest},
           {"sleepers", sleepers_.size()},
           {"entering", newcomers_.size() + next_newcomers_.size()},
           {"batches", batches_}}};
}

void SwitchboardState::seat(const Seat& order) {
  if (hushed_) {
    order.client->refuse("ERROR :Server shutting down\r\n");
    return caf::anon_send(order.listener, Vacated{order.id});
  }
  if (!around_)
    around_ = std::make_shared<const Surroundings>(
        Surroundings{rules_, *room_, caf::actor_cast<switchboard_actor>(self_), order.listener});
  auto wire = order.client->open(loop_);
  const auto who = spawn_on(loop_->loop(), connection,
                            ConnectionSetup{order.id, order.address, order.missing, wire, around_});
  self_->monitor(who);
  ids_.emplace(who.address(), order.id);
  auto& seated = *(seats_[order.id] = std::make_unique<Seated>(who, std::move(wire)));
  roster_.seat(order.id, seated);
}

/// Lets all loops look at their wires before newcomers are brought before the room: a client that
/// closes one connection and comes back by another, on another loop, has left by then, and its nick is free.
void SwitchboardState::look() {
  newcomers_.swap(next_newcomers_);
  looking_ = all_.size();
  for (const auto& one : all_)
    self_->request(one, caf::infinite, Look{})
        .then([this](Looked) { looked(); }, [this](const caf::error&) { looked(); });
}

void SwitchboardState::looked() {
  if (--looking_ > 0) return;
  for (auto& newcomer : newcomers_) self_->send(*room_, std::move(newcomer));
  newcomers_.clear();
  if (!next_newcomers_.empty()) look();
}

void SwitchboardState::forget_newcomer(ConnectionId id) {
  std::erase_if(newcomers_, [&](const Enter& newcomer) { return newcomer.from == id; });
  std::erase_if(next_newcomers_, [&](const Enter& newcomer) { return newcomer.from == id; });
}

void SwitchboardState::Seated::answered(const Answer& answer) {
  caf::anon_send(who, Answered{answer.commands, answer.standing, answer.ask});
}

void SwitchboardState::gone(const caf::actor_addr& who) {
  const auto found = ids_.find(who);
  if (found == ids_.end()) return;
  const auto id = found->second;
  forget_newcomer(id);
  self_->send(*room_, Leave{id, "Connection lost", {}});
  caf::anon_send(around_->listener, Vacated{id});
  roster_.vacate(id);
  seats_.erase(id);
  ids_.erase(found);
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

template <class Alarm>
void SwitchboardState::send_later(std::chrono::nanoseconds delay, Alarm alarm) {
  caf::delayed_anon_send(caf::actor_cast<switchboard_actor>(self_), delay, alarm);
}

}  // namespace troupe
