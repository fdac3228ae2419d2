#include "bench/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace troupe::bench {
namespace {

// Each power of two is split into 32 buckets of equal width; what is below 32 ns has a bucket of its own.
constexpr int split_bits = 5;
constexpr std::uint64_t split = 1U << split_bits;
constexpr std::size_t bucket_count = (64 - split_bits) * split;

std::size_t bucket_of(std::uint64_t value) {
  if (value < split) return value;
  const auto shift = static_cast<unsigned>(std::bit_width(value)) - split_bits - 1;
  return (shift + 1) * split + ((value >> shift) - split);
}

/// The largest value that falls into a bucket.
std::uint64_t end_of(std::size_t bucket) {
  if (bucket < split) return bucket;
  const auto shift = bucket / split - 1;
  return ((bucket % split + split + 1) << shift) - 1;
}

}  // namespace

Histogram::Histogram() : buckets_(bucket_count) {}

void Histogram::add(Duration duration) {
  const auto value = std::max<std::int64_t>(duration.count(), 0);
  ++buckets_[bucket_of(static_cast<std::uint64_t>(value))];
  ++count_;
  max_ = std::max(max_, value);
}

void Histogram::clear() { *this = Histogram{}; }

Histogram::Duration Histogram::percentile(double share) const {
  if (count_ == 0) return Duration::zero();
  const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= std::max<std::uint64_t>(rank, 1))
      return std::min(Duration{static_cast<std::int64_t>(end_of(bucket))}, max());
  }
  return max();
}

}  // namespace troupe::bench
