#include "net/places.hpp"

#include "net/address.hpp"

#include <algorithm>
#include <utility>

namespace troupe {
Places::Places(const PlaceLimits& limits, std::size_t loops) : limits_(limits), on_loop_(loops) {}

std::string Places::refusal(std::string_view address, Instant now) {
  let_go(now);
  if (limits_.in_all > 0 && places_.size() >= limits_.in_all) return "Too many connections";
  const auto found = networks_.find(network_of(address));
  if (found == networks_.end()) return {};
  const auto& counts = found->second;
  const bool full = limits_.per_address > 0 && counts.taken >= limits_.per_address;
  if (counts.kept >= limits_.most_wrong_passwords || (full && counts.kept > 0))
    return "Too many wrong passwords from your address";
  return full ? "Too many connections from your address" : "";
}

std::uint64_t Places::take(std::string_view address) {
  const auto loop = static_cast<std::size_t>(std::ranges::min_element(on_loop_) - on_loop_.begin());
  ++on_loop_[loop];
  const auto number = ++last_round_ * on_loop_.size() + loop;
  auto& network = *networks_.try_emplace(network_of(address)).first;
  ++network.second.taken;
  places_.emplace(number, &network);
  return number;
}

double Places::hand_on(std::string_view address, Instant now) {
  const auto network = networks_.find(network_of(address));
  if (network == networks_.end() || network->second.settled <= now) return 0;
  const std::chrono::duration<double> owed = network->second.settled - now;
  const auto missing = std::min(owed.count() * limits_.rate, limits_.burst);
  settle(network, network->second.settled - time_for(missing), now);
  return missing;
}

void Places::leave(std::uint64_t number, bool gave_wrong_password, Instant now, double missing) {
  const auto found = places_.find(number);
  if (found == places_.end()) return;
  const auto network = networks_.find(found->second->first);
  places_.erase(found);
  --on_loop_[number % on_loop_.size()];
  auto& counts = network->second;
  if (gave_wrong_password) {
    const auto longer = limits_.wrong_password * static_cast<int>(++counts.kept);
    kept_.emplace(now + std::min(longer, limits_.longest_wrong_password), network->first);
    if (kept_.size() > limits_.most_wrong_passwords_in_all) let_go_first();
  } else {
    --counts.taken;
  }
  if (limits_.rate > 0 && limits_.per_address > 0)
    settle(network, std::max(counts.settled, now) + time_for(missing), now);
  else
    forget_if_unused(network);
}

std::string Places::network_of(std::string_view address) const {
  return network_prefix(address, limits_.ipv6_prefix);
}

void Places::let_go(Instant now) {
  while (!kept_.empty() && kept_.begin()->first <= now) let_go_first();
  while (!debts_.empty() && debts_.begin()->first <= now)
    settle(networks_.find(debts_.begin()->second), now, now);
}

/// Of the places that wrong passwords keep, the one that is free soonest.
void Places::let_go_first() {
  const auto network = networks_.find(kept_.begin()->second);
  --network->second.kept;
  --network->second.taken;
  forget_if_unused(network);
  kept_.erase(kept_.begin());
}

/// From then on the network owes nothing.
void Places::settle(Networks::iterator network, Instant until, Instant now) {
  const auto& name = network->first;
  debts_.erase({network->second.settled, name});
  network->second.settled = until;
  if (until > now) {
    debts_.emplace(until, name);
    if (debts_.size() > limits_.most_debts) settle(networks_.find(debts_.begin()->second), now, now);
  } else {
    forget_if_unused(network);
  }
}

void Places::forget_if_unused(Networks::iterator network) {
  const auto owes = debts_.contains({network->second.settled, network->first});
  if (network->second.taken == 0 && !owes) networks_.erase(network);
}

/// How long so many commands take to come back.
Places::Instant::duration Places::time_for(double commands) const {
  return std::chrono::duration_cast<Instant::duration>(
      std::chrono::duration<double>(commands / limits_.rate));
}

}  // namespace troupe
