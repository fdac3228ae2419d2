#pragma once

#include <cstddef>
#include <cstdint>

namespace troupe::sim {

/// What one step of a run may draw by. Each step has its own, made of the run's seed and its number alone, so
/// that leaving out a step changes nothing in what the others draw.
class Chance {
 public:
  Chance(std::uint64_t seed, std::uint64_t step) : state_(seed * 0x9e3779b97f4a7c15u ^ (step + 1) * mix) {
    next();
  }

  /// SplitMix64.
  std::uint64_t next() {
    auto z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * mix;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>((next() >> 33) % bound); }
  std::size_t between(std::size_t least, std::size_t most) { return least + below(most - least + 1); }
  bool percent(std::size_t chance) { return below(100) < chance; }

 private:
  static constexpr std::uint64_t mix = 0xbf58476d1ce4e5b9u;
  std::uint64_t state_;
};

}  // namespace troupe::sim
