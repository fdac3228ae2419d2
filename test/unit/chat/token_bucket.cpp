#include "chat/token_bucket.hpp"

#include <doctest/doctest.h>

using namespace troupe;
using namespace std::chrono_literals;

TEST_CASE("a full bucket lets a burst pass, and no more") {
  TokenBucket::Instant now{};
  TokenBucket bucket(10, 3, now);
  CHECK(bucket.take(now));
  CHECK(bucket.take(now));
  CHECK(bucket.take(now));
  CHECK_FALSE(bucket.take(now));
}

TEST_CASE("an empty bucket says when its next token will be there, and it is there then") {
  TokenBucket::Instant now{};
  TokenBucket bucket(10, 1, now);
  REQUIRE(bucket.take(now));
  for (int i = 0; i < 100; ++i) {
    REQUIRE_FALSE(bucket.take(now));
    CHECK(bucket.next() - now == 100ms);
    now += 100ms;
    REQUIRE(bucket.take(now));
  }
}

TEST_CASE("asking an empty bucket again and again delays nothing") {
  TokenBucket::Instant now{};
  TokenBucket bucket(1, 1, now);
  REQUIRE(bucket.take(now));
  const auto due = now + 1s;
  for (; now < due; now += 100ms) {
    CHECK_FALSE(bucket.take(now));
    CHECK(bucket.next() >= due - 1us);
    CHECK(bucket.next() <= due + 1us);
  }
  CHECK(bucket.take(due + 1us));
}

TEST_CASE("a bucket holds no more than its burst, however long it is left alone") {
  TokenBucket::Instant now{};
  TokenBucket bucket(10, 2, now);
  now += 1h;
  CHECK(bucket.take(now));
  CHECK(bucket.take(now));
  CHECK_FALSE(bucket.take(now));
}

TEST_CASE("a rate of 0 lets all pass") {
  TokenBucket::Instant now{};
  TokenBucket bucket(0, 0, now);
  for (int i = 0; i < 1000; ++i) REQUIRE(bucket.take(now));
}

TEST_CASE("what costs more than there is passes all the same, and later events wait for the debt") {
  TokenBucket::Instant now{};
  TokenBucket bucket(10, 40, now);
  REQUIRE(bucket.ready(now));
  bucket.charge(59);
  CHECK_FALSE(bucket.ready(now));
  CHECK(bucket.next() - now == 2s);
  CHECK_FALSE(bucket.ready(now + 1999ms));
  CHECK(bucket.ready(now + 2s));
}

TEST_CASE("a clock that is set back takes no tokens away") {
  TokenBucket::Instant now{};
  TokenBucket bucket(1, 2, now);
  REQUIRE(bucket.take(now));
  CHECK(bucket.take(now - 1h));
  CHECK_FALSE(bucket.take(now - 1h));
  CHECK(bucket.take(now - 1h + 1s));
}

TEST_CASE("a bucket from which others have taken begins with less, and says what is missing as it fills") {
  TokenBucket::Instant now{};
  TokenBucket bucket(10, 40, now, 40);
  CHECK(bucket.missing(now) == 40);
  CHECK_FALSE(bucket.ready(now));
  CHECK(bucket.next() - now == 100ms);
  CHECK(bucket.missing(now + 1s) == 30);
  bucket.charge(50);
  CHECK(bucket.missing(now + 1s) == 80);
  CHECK(bucket.missing(now + 1h) == 0);
  CHECK(TokenBucket(0, 40, now, 40).missing(now) == 0);
}
