#include "bench/histogram.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using troupe::bench::Histogram;

TEST_CASE("an empty histogram has no percentiles") {
  const Histogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.percentile(0.5) == 0ns);
  CHECK(histogram.max() == 0ns);
}

TEST_CASE("a percentile is the smallest duration that this share does not exceed") {
  Histogram histogram;
  for (auto i = 10ns; i >= 1ns; --i) histogram.add(i);  // small ones are kept exactly
  CHECK(histogram.percentile(0.5) == 5ns);
  CHECK(histogram.percentile(0.51) == 6ns);
  CHECK(histogram.percentile(0.99) == 10ns);
  CHECK(histogram.percentile(1) == 10ns);
  CHECK(histogram.percentile(0) == 1ns);
}

TEST_CASE("a percentile of large durations is at most 3 % too large, and never too small") {
  for (auto duration = 1ns; duration < 100s; duration += duration / 7 + 1ns) {
    Histogram histogram;
    histogram.add(duration);
    histogram.add(1000s);
    const auto median = histogram.percentile(0.5);
    CAPTURE(duration.count());
    CHECK(median >= duration);
    CHECK(static_cast<double>(median.count()) <= 1.032 * static_cast<double>(duration.count()));
  }
}

TEST_CASE("one slow delivery among a hundred is the maximum, and not the 99th percentile") {
  Histogram histogram;
  for (int i = 0; i < 99; ++i) histogram.add(1ms);
  histogram.add(1234567891ns);
  CHECK(histogram.count() == 100);
  CHECK(histogram.percentile(0.99) < 1.04ms);
  CHECK(histogram.percentile(0.995) == 1234567891ns);
  CHECK(histogram.max() == 1234567891ns);
}

TEST_CASE("negative and huge durations are counted, too") {
  Histogram histogram;
  histogram.add(-5ns);
  histogram.add(Histogram::Duration::max());
  CHECK(histogram.count() == 2);
  CHECK(histogram.percentile(0.5) == 0ns);
  CHECK(histogram.percentile(1) == Histogram::Duration::max());
}

TEST_CASE("a cleared histogram is empty") {
  Histogram histogram;
  histogram.add(1s);
  histogram.clear();
  CHECK(histogram.count() == 0);
  CHECK(histogram.max() == 0ns);
}
