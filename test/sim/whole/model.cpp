#include "test/sim/whole/model.hpp"

#include "protocol/text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace troupe::sim {

Model::Model(const Plan& plan) : histories_(plan.channels.size()), invited_(plan.channels.size()) {
  for (const auto& name : plan.channels) {
    orders_.emplace_back();
    orders_.back().name = name;
  }
}

void Model::fail(std::string kind, std::string what, std::vector<std::string> about) {
  if (!violation_) violation_ = Violation{std::move(kind), std::move(what), std::move(about)};
}

std::uint32_t Model::says(std::uint32_t session, std::optional<std::size_t> channel) {
  Saying saying;
  saying.from = session;
  saying.channel = channel;
  sayings_.push_back(saying);
  return static_cast<std::uint32_t>(sayings_.size() - 1);
}

/// "m12", and whatever stands behind a space.
std::optional<std::uint32_t> Model::find(std::string_view text) const {
  std::uint32_t number = 0;
  if (!text.starts_with('m')) return {};
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  if (error != std::errc{} || number >= sayings_.size()) return {};
  return number;
}

void Model::shown(std::uint32_t number, std::uint32_t to) {
  auto& said = sayings_[number];
  const auto about = [&] {
    return std::vector{message_name(number), session_name(to), session_name(said.from)};
  };
  if (said.refused && !said.excused)
    fail("seen though refused", "its sender was told that nobody would see it", about());
  if (said.channel && said.kept == 0)
    fail("seen and not kept", "a message is shown that is neither in the store nor in the spool", about());
  said.seen = true;
}

void Model::found(std::uint32_t number, std::uint32_t by) {
  if (!sayings_[number].was_kept)
    fail("seen and not kept", "history has a message that was never in the store nor in the spool",
         {message_name(number), session_name(by)});
}

void Model::refused(std::uint32_t number) {
  auto& said = sayings_[number];
  const std::vector<std::string> about = {message_name(number), session_name(said.from)};
  if (said.refused) fail("refused twice", "its sender is told twice that it is not kept", about);
  if (said.seen) fail("refused though seen", "somebody was shown it", about);
  said.refused = true;
  said.excused = doubts_;
}

void Model::kept(const db::Message& message) {
  const auto number = find(message.text);
  if (!number) return fail("kept and never said", "'" + message.text + "' is kept, which nobody said");
  auto& said = sayings_[*number];
  const auto about = [&] { return std::vector{message_name(*number), session_name(said.from)}; };
  if (!said.channel || message.channel != orders_[*said.channel].name)
    return fail("kept in the wrong channel", "in " + message.channel, about());
  if (said.was_kept && said.id != message.id) return fail("kept twice", "under two ids", about());
  said.id = message.id;
  said.was_kept = true;
  if (++said.kept == 1) histories_[*said.channel].emplace(message.id, *number);
}

void Model::removed(const db::Message& message) {
  const auto number = find(message.text);
  if (!number) return;
  auto& said = sayings_[*number];
  if (--said.kept > 0) return;
  histories_[*said.channel].erase(message.id);
  if (said.seen) fail("lost", "a message is removed that somebody has seen", {message_name(*number)});
}

std::optional<std::size_t> Model::channel(std::string_view name) const {
  const auto found = std::ranges::find(orders_, name, &Order::name);
  if (found == orders_.end()) return {};
  return static_cast<std::size_t>(found - orders_.begin());
}

void Model::append(std::size_t channel, const Event& event) {
  auto& order = orders_[channel];
  const auto about = [&] {
    return std::vector<std::string>{order.name, session_name(event.who), message_name(event.message)};
  };
  if (event.kind == Event::Kind::message) {
    auto& said = sayings_[event.message];
    if (said.id <= order.last)
      return fail("order of ids", event.describe() + " is seen behind a message with a larger id", about());
    order.last = said.id;
    said.life = order.truth.life;
  }
  if (event.kind == Event::Kind::join) order.joins.emplace_back(event.who, order.events.size());
  const auto wrong = order.truth.apply(event, host_of(event.who), invited_[channel]);
  if (!wrong.empty())
    return fail("impossible", wrong + ": " + event.describe() + " in " + order.name, about());
  order.events.push_back(event);
}

void Model::told_outside(std::size_t channel, std::uint32_t session, std::string_view by) {
  told_outside_.push_back({channel, session, std::string{by}});
}

std::optional<std::uint32_t> Model::kept_though_refused() const {
  for (std::uint32_t number = 0; number < sayings_.size(); ++number) {
    const auto& said = sayings_[number];
    if (said.refused && !said.excused && said.kept > 0) return number;
  }
  return {};
}

void Model::check_at_rest() {
  for (const auto& told : std::exchange(told_outside_, {}))
    if (orders_[told.channel].was_secret())
      return fail("secret",
                  "somebody outside of it is told of " + orders_[told.channel].name + " by " + told.by,
                  {session_name(told.session), orders_[told.channel].name});
  for (std::uint32_t number = 0; number < sayings_.size(); ++number) {
    const auto& said = sayings_[number];
    if (!said.channel) continue;
    const auto wrong = [&](const char* kind, const char* what) {
      fail(kind, what, {message_name(number), session_name(said.from)});
    };
    if (said.seen && said.kept == 0) return wrong("lost", "somebody has seen it, and it is kept nowhere");
    if (said.kept > 1 && !doubts_) return wrong("kept twice", "it is in the store and in the spool");
  }
  for (std::size_t i = 0; i < orders_.size(); ++i) {
    auto& order = orders_[i];
    order.events.clear();
    order.joins.clear();
    order.life = order.truth.life;
    if (!histories_[i].empty()) order.base = order.last = histories_[i].rbegin()->first;
  }
}

void Model::doubts() {
  doubts_ = true;
  for (auto& said : sayings_)
    if (said.refused) said.excused = true;
}

void Model::crashed() {
  doubts();
  doubts_ = false;
  told_outside_.clear();
  for (auto& order : orders_) {
    order.rooted = false;
    order.events.clear();
    order.joins.clear();
    order.truth.begin_life();
  }
}

}  // namespace troupe::sim
