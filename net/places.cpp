#include "net/places.hpp"

#include "net/address.hpp"

#include <algorithm>
#include <utility>

namespace troupe {
Places::Places(const PlaceLimits& limits, std::size_t loops) : limits_(limits), on_loop_(loops) {}

std::string Places::refusal(std::string_view address, Instant now) {
  let_go(now);
  if (limits_.in_all > 0 && taken() >= limits_.in_all) return "Too many connections";
  const auto found = networks_.find(network_of(address));
  if (found == networks_.end()) return {};
  const auto& [taken, kept] = found->second;
  if (limits_.per_address == 0 || taken < limits_.per_address) return {};
  return kept > 0 ? "Too many wrong passwords from your address" : "Too many connections from your address";
}

std::uint64_t Places::take(std::string_view address) {
  const auto loop = static_cast<std::size_t>(std::ranges::min_element(on_loop_) - on_loop_.begin());
  ++on_loop_[loop];
  const auto number = ++last_round_ * on_loop_.size() + loop;
  auto network = network_of(address);
  ++networks_[network].taken;
  places_.emplace(number, std::move(network));
  return number;
}

void Places::leave(std::uint64_t number, bool gave_wrong_password, Instant now) {
  const auto found = places_.find(number);
  if (found == places_.end()) return;
  auto network = std::move(found->second);
  places_.erase(found);
  --on_loop_[number % on_loop_.size()];
  const auto counts = networks_.find(network);
  auto& [taken, kept] = counts->second;
  if (gave_wrong_password) {
    const auto longer = limits_.wrong_password * static_cast<int>(++kept);
    kept_.emplace(now + std::min(longer, limits_.longest_wrong_password), std::move(network));
  } else if (--taken == 0) {
    networks_.erase(counts);
  }
}

std::string Places::network_of(std::string_view address) const {
  return network_prefix(address, limits_.ipv6_prefix);
}

void Places::let_go(Instant now) {
  while (!kept_.empty() && kept_.begin()->first <= now) {
    const auto counts = networks_.find(kept_.begin()->second);
    --counts->second.kept;
    if (--counts->second.taken == 0) networks_.erase(counts);
    kept_.erase(kept_.begin());
  }
}

}  // namespace troupe
