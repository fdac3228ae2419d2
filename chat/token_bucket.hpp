#pragma once

#include <algorithm>
#include <chrono>

namespace troupe {

/// Lets `burst` events pass at once, and `rate` a second in the long run; a rate of 0 lets all pass.
class TokenBucket {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  TokenBucket(double rate, double burst, Instant now)
      : rate_(rate), burst_(burst), tokens_(burst), filled_(now) {}

  /// Takes a token if there is one.
  bool take(Instant now) {
    if (rate_ <= 0) return true;
    tokens_ = std::min(burst_, tokens_ + rate_ * std::chrono::duration<double>(now - filled_).count());
    filled_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

  /// When the next token will be there, after a `take` that found none.
  Instant next() const {
    return filled_ +
           std::chrono::ceil<Instant::duration>(std::chrono::duration<double>((1 - tokens_) / rate_));
  }

 private:
  double rate_;
  double burst_;
  double tokens_;
  Instant filled_;
};

}  // namespace troupe
