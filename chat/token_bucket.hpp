#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace troupe {

/// Lets `burst` events pass at once, and `rate` a second in the long run; a rate of 0 lets all pass. What
/// costs more than a token may leave a debt, for which later events wait.
template <class Time>
class Bucket {
 public:
  using Instant = Time;

  /// So many tokens are missing from the burst at first.
  Bucket(double rate, double burst, Instant now, double missing = 0)
      : rate_(rate), burst_(burst), tokens_(burst - missing), filled_(now) {}

  /// True if there is a token.
  bool ready(Instant now) {
    if (rate_ <= 0) return true;
    fill(now);
    return tokens_ >= 1;
  }

  /// Takes so many tokens, also such as are not there.
  void charge(double tokens) {
    if (rate_ > 0) tokens_ -= tokens;
  }

  /// Takes a token if there is one.
  bool take(Instant now) {
    if (!ready(now)) return false;
    charge(1);
    return true;
  }

  /// How many tokens are missing from the burst; more than it has if there is a debt.
  double missing(Instant now) {
    if (rate_ <= 0) return 0;
    fill(now);
    return burst_ - tokens_;
  }

  /// When the next token will be there, after a `ready` or `take` that found none.
  Instant next() const {
    return filled_ + std::chrono::ceil<typename Instant::duration>(
                         std::chrono::duration<double>((1 - tokens_) / rate_));
  }

 private:
  void fill(Instant now) {
    const std::chrono::duration<double> elapsed = now - filled_;
    tokens_ = std::min(burst_, tokens_ + rate_ * std::max(elapsed.count(), 0.0));
    filled_ = now;
  }

  double rate_;
  double burst_;
  double tokens_;
  Instant filled_;
};

using TokenBucket = Bucket<std::chrono::steady_clock::time_point>;

}  // namespace troupe
