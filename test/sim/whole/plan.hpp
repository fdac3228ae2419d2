#pragma once

#include "chat/pasts.hpp"
#include "chat/rules.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace troupe::sim {

/// What a seed decides once for a whole run.
struct Plan {
  explicit Plan(std::uint64_t seed);

  std::uint64_t seed;
  std::size_t clients = 0;            ///< that may be there at a time
  std::vector<std::string> channels;  ///< that they join
  std::size_t nicks = 0;              ///< that they take: so few that they race for them
  std::size_t hosts = 0;              ///< that they come from
  std::size_t eagerness = 0;          ///< how many steps of a hundred are a client's
  std::size_t troubles = 0;           ///< how many of ten thousand are a fault
  std::size_t settle_every = 0;       ///< steps; then all comes to rest, and everything is checked
  bool spool = true;                  ///< there is room for one
  bool invites = false;               ///< operators invite, so that it is not known who may join
  Rules rules;
  std::size_t replay = 10;
  Pasts::Bounds memory;
  std::chrono::milliseconds commit_timeout{500};

  std::string describe() const;
};

/// A run that is to be made: a plan's, but for steps and clients that are left out to make a failure short.
struct Script {
  explicit Script(std::uint64_t seed) : seed(seed) {}

  std::uint64_t seed;
  std::size_t steps = 2000;
  std::set<std::size_t> without;  ///< steps that are left out
  /// How many steps are not left out.
  std::size_t length() const {
    return steps - static_cast<std::size_t>(std::distance(without.begin(), without.lower_bound(steps)));
  }
  std::set<std::size_t> without_clients;  ///< clients that never do anything
};

}  // namespace troupe::sim
