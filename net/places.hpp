#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe {

/// How many connections there may be. 0 lifts a limit.
struct PlaceLimits {
  std::size_t in_all = 0;
  std::size_t per_address = 0;
  /// IPv6 addresses that agree in so many leading bits count as one: a customer is given a /64 at least.
  unsigned ipv6_prefix = 64;
  /// How long the place of somebody who gave a wrong password stays taken: so long, and as much longer for
  /// each one that its address keeps already. One mistake costs next to nothing, guessing on takes ever
  /// longer.
  std::chrono::seconds wrong_password{2};
  std::chrono::seconds longest_wrong_password{120};
};

/// The places for connections: counted exactly, in all, by address and by event loop. Whoever gave a wrong
/// password keeps its place for a while after it is gone, so that an address can't guess more often than its
/// places become free again. Whoever is connected from there already is not troubled by that.
class Places {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  Places(const PlaceLimits& limits, std::size_t loops);

  /// Why nobody more can be let in from this address; nothing if one can.
  std::string refusal(std::string_view address, Instant now);

  /// Takes a place for a client on the loop with the fewest. Its number has never been used, and `number %
  /// loops` is that loop.
  std::uint64_t take(std::string_view address);

  /// Gives a place back. Numbers that hold none are ignored.
  void leave(std::uint64_t number, bool gave_wrong_password, Instant now);

  std::size_t taken() const { return places_.size() + kept_.size(); }

 private:
  struct Network {
    std::size_t taken = 0;  ///< of its places, the kept ones included
    std::size_t kept = 0;   ///< by wrong passwords
  };

  /// What addresses are counted by.
  std::string network_of(std::string_view address) const;
  void let_go(Instant now);

  PlaceLimits limits_;
  std::vector<std::size_t> on_loop_;
  std::uint64_t last_round_ = 0;
  std::unordered_map<std::uint64_t, std::string> places_;  ///< each with its network
  std::unordered_map<std::string, Network> networks_;
  std::multimap<Instant, std::string>
      kept_;  ///< when which network gets one back that a wrong password keeps
};

}  // namespace troupe
