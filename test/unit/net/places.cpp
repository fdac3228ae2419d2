#include "net/places.hpp"

#include <doctest/doctest.h>

#include <set>
#include <vector>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

constexpr Places::Instant start{1h};

Places places_with(std::size_t in_all, std::size_t per_address, std::size_t loops = 1) {
  return {PlaceLimits{in_all, per_address}, loops};
}

}  // namespace

TEST_CASE("connections are counted in all, until they are gone") {
  auto places = places_with(2, 0);
  const auto first = places.take("192.0.2.1");
  CHECK(places.refusal("192.0.2.2", start).empty());
  places.take("192.0.2.2");
  CHECK(places.refusal("192.0.2.3", start) == "Too many connections");
  places.leave(first, false, start);
  CHECK(places.refusal("192.0.2.3", start).empty());
}

TEST_CASE("connections are counted by address, and a place that is given back twice is free once") {
  auto places = places_with(0, 2);
  const auto first = places.take("192.0.2.1");
  places.take("192.0.2.1");
  CHECK(places.refusal("192.0.2.1", start) == "Too many connections from your address");
  CHECK(places.refusal("192.0.2.2", start).empty());
  places.leave(first, false, start);
  places.leave(first, false, start);
  places.take("192.0.2.1");
  CHECK_FALSE(places.refusal("192.0.2.1", start).empty());
}

TEST_CASE("40 clients of one IPv6 network of 64 bits count as one address") {
  auto places = places_with(0, 1);
  places.take("2001:db8:0:1::1");
  for (int i = 2; i <= 40; ++i)
    CHECK_FALSE(places.refusal("2001:db8:0:1::" + std::to_string(i), start).empty());
  CHECK(places.refusal("2001:db8:0:2::1", start).empty());
}

TEST_CASE("a client goes to the loop with the fewest, which its number names") {
  auto places = places_with(0, 0, 3);
  std::vector<std::uint64_t> numbers;
  for (int i = 0; i < 9; ++i) numbers.push_back(places.take("192.0.2.1"));
  std::vector<std::size_t> on_loop(3);
  for (const auto number : numbers) ++on_loop[number % 3];
  CHECK(on_loop == std::vector<std::size_t>{3, 3, 3});
  for (const auto number : numbers)
    if (number % 3 == 1) places.leave(number, false, start);
  for (int i = 0; i < 3; ++i) {
    numbers.push_back(places.take("192.0.2.1"));
    CHECK(numbers.back() % 3 == 1);
  }
  CHECK(std::set(numbers.begin(), numbers.end()).size() == numbers.size());
  CHECK_FALSE(std::set(numbers.begin(), numbers.end()).contains(0));
}

TEST_CASE("one wrong password keeps a place for two seconds") {
  auto places = places_with(0, 1);
  places.leave(places.take("192.0.2.1"), true, start);
  CHECK(places.refusal("192.0.2.1", start + 1900ms) == "Too many wrong passwords from your address");
  CHECK(places.refusal("192.0.2.2", start).empty());
  CHECK(places.refusal("192.0.2.1", start + 2s).empty());
  CHECK(places.taken() == 0);
  CHECK(places.kept() == 0);
}

TEST_CASE("an address that guesses passwords has a guess a second, however it goes about it") {
  for (const std::size_t per_address : {10, 100, 1000, 0}) {
    auto places = places_with(0, per_address);
    std::size_t guesses = 0;
    for (auto time = start; time < start + 1h; time += 10ms)
      if (places.refusal("192.0.2.1", time).empty()) {
        places.leave(places.take("192.0.2.1"), true, time);
        ++guesses;
      }
    CHECK(guesses > 60);
    CHECK(guesses < 3700);
    CHECK(places.kept() <= (per_address == 10 ? 10 : 100));
    CHECK(places.refusal("192.0.2.2", start + 1h).empty());
  }
}

TEST_CASE("wrong passwords from many addresses keep nobody else out") {
  auto places = places_with(10, 1);
  for (int i = 0; i < 200; ++i) {
    const auto address = "192.0.2." + std::to_string(i);
    REQUIRE(places.refusal(address, start).empty());
    places.leave(places.take(address), true, start);
  }
  CHECK(places.refusal("192.0.2.7", start) == "Too many wrong passwords from your address");
  CHECK(places.refusal("192.0.2.222", start).empty());
}

TEST_CASE("however many wrong passwords come from everywhere, of so many alone it is kept where from") {
  PlaceLimits limits;
  limits.most_wrong_passwords_in_all = 50;
  Places places(limits, 1);
  for (int i = 0; i < 1000; ++i) {
    places.leave(places.take("192.0.2." + std::to_string(i)), true, start);
    REQUIRE(places.kept() <= 50);
  }
  CHECK(places.refusal("192.0.2.1", start + 3s).empty());
  CHECK(places.kept() == 0);
}

// -- what has been said already

namespace {

PlaceLimits ten_a_second(std::size_t per_address = 100) { return {0, per_address, 10, 40}; }

}  // namespace

TEST_CASE("what somebody has said who is gone is missing to who comes next from there, until it came back") {
  Places places(ten_a_second(), 1);
  places.leave(places.take("192.0.2.1"), false, start, 30);
  CHECK(places.hand_on("192.0.2.2", start) == 0);
  CHECK(places.hand_on("192.0.2.1", start + 1s) == doctest::Approx(20));
  CHECK(places.hand_on("192.0.2.1", start + 1s) == 0);
}

TEST_CASE("nobody owes more than could be said at once; the rest is for the next") {
  Places places(ten_a_second(), 1);
  for (int i = 0; i < 2; ++i) places.leave(places.take("2001:db8:0:1::1"), false, start, 35);
  CHECK(places.hand_on("2001:db8:0:1::2", start) == doctest::Approx(40));
  CHECK(places.hand_on("2001:db8:0:1::3", start + 1s) == doctest::Approx(20));
  CHECK(places.hand_on("2001:db8:0:1::4", start + 1s) == 0);
}

TEST_CASE("what has come back is forgotten, and of too many networks the one that owes least") {
  auto limits = ten_a_second();
  limits.most_debts = 3;
  Places places(limits, 1);
  for (const auto& [address, missing] : {std::pair{"192.0.2.1", 20}, {"192.0.2.2", 10}, {"192.0.2.3", 40}})
    places.leave(places.take(address), false, start, missing);
  CHECK(places.debts() == 3);
  places.leave(places.take("192.0.2.4"), false, start, 30);
  CHECK(places.debts() == 3);
  CHECK(places.hand_on("192.0.2.2", start) == 0);
  CHECK(places.hand_on("192.0.2.1", start) == doctest::Approx(20));
  CHECK(places.debts() == 2);
  CHECK(places.refusal("192.0.2.9", start + 4s).empty());
  CHECK(places.debts() == 0);
}

TEST_CASE("where there is no rate, or no limit by address, nobody owes anything") {
  for (const auto& limits : {PlaceLimits{0, 100, 0, 40}, ten_a_second(0)}) {
    Places places(limits, 1);
    places.leave(places.take("192.0.2.1"), false, start, 30);
    CHECK(places.hand_on("192.0.2.1", start) == 0);
    CHECK(places.debts() == 0);
  }
}
