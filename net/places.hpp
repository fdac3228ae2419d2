#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe {

/// How many connections there may be, and how much they may say. 0 lifts a limit.
struct PlaceLimits {
  std::size_t in_all = 0;
  std::size_t per_address = 0;
  /// Of the commands of one client: so many a second, and so many at once. Not kept by address where
  /// connections are not limited by address.
  double rate = 0;
  double burst = 0;
  /// IPv6 addresses that agree in so many leading bits count as one: a customer is given a /64 at least.
  unsigned ipv6_prefix = 64;
  /// How long the place of somebody who gave a wrong password stays taken: so long, and as much longer for
  /// each one that its address keeps already. One mistake costs next to nothing, guessing on takes ever
  /// longer.
  std::chrono::seconds wrong_password{2};
  std::chrono::seconds longest_wrong_password{120};
  /// How many places wrong passwords keep of one address, whatever its limit, and in all: beyond that the one
  /// that is free soonest is let go. Those who have gone don't count among the connections in all: who has
  /// many addresses would keep everybody else out.
  std::size_t most_wrong_passwords = 100;
  std::size_t most_wrong_passwords_in_all = 65'536;
  /// Of how many networks it is kept what they have spent. Beyond that the one that owes least is forgotten.
  std::size_t most_debts = 65'536;
};

/// The places for connections: counted exactly, in all, by address and by event loop. What somebody who is
/// gone has said of late is held against who comes next from the same address, so that nobody says more by
/// coming back again and again than by staying. Whoever gave a wrong password keeps its place for a while
/// after it is gone, so that an address can't guess more often than its places become free again. Whoever is
/// connected from there already is not troubled by any of that.
class Places {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  Places(const PlaceLimits& limits, std::size_t loops);

  /// Why nobody more can be let in from this address; nothing if one can.
  std::string refusal(std::string_view address, Instant now);

  /// Takes a place for a client on the loop with the fewest. Its number has never been used, and `number %
  /// loops` is that loop.
  std::uint64_t take(std::string_view address);

  /// How many commands a newcomer from this address may say less at once, `burst` at most, since those who
  /// are gone have said them. It owes them in their stead.
  double hand_on(std::string_view address, Instant now);

  /// Gives a place back. Numbers that hold none are ignored. `missing`: of the commands that the client might
  /// have said at once.
  void leave(std::uint64_t number, bool gave_wrong_password, Instant now, double missing = 0);

  std::size_t taken() const { return places_.size(); }  ///< by living connections
  std::size_t kept() const { return kept_.size(); }     ///< by wrong passwords
  /// Of how many networks it is kept what they have spent.
  std::size_t debts() const { return debts_.size(); }

 private:
  struct Network {
    std::size_t taken = 0;  ///< of its places, the kept ones included
    std::size_t kept = 0;   ///< by wrong passwords
    Instant settled{};      ///< when what it has spent has come back at the rate
  };
  using Networks = std::unordered_map<std::string, Network>;

  /// What addresses are counted by.
  std::string network_of(std::string_view address) const;
  void let_go(Instant now);
  void let_go_first();
  void settle(Networks::iterator network, Instant until, Instant now);
  Instant::duration time_for(double commands) const;
  void forget_if_unused(Networks::iterator network);

  PlaceLimits limits_;
  std::vector<std::size_t> on_loop_;
  std::uint64_t last_round_ = 0;
  Networks networks_;
  std::unordered_map<std::uint64_t, Networks::value_type*> places_;  ///< each with its network
  std::multimap<Instant, std::string>
      kept_;  ///< when which network gets one back that a wrong password keeps
  std::set<std::pair<Instant, std::string>> debts_;  ///< when which network owes nothing more
};

}  // namespace troupe
