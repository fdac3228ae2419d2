// What is kept in memory of a channel's past, and which questions that answers.
#include "chat/recent.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace troupe;
using Direction = db::Query::Direction;

namespace {

using Numbers = std::vector<unsigned>;

constexpr auto no_bound = static_cast<std::size_t>(-1);

protocol::MessageId id(unsigned number) {
  protocol::MessageId id;
  id.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

db::Message message(unsigned number) {
  db::Message message;
  message.id = id(number);
  message.channel = "#c";
  return message;
}

/// The messages from `first` to `last`.
std::vector<db::Message> messages(unsigned first, unsigned last) {
  std::vector<db::Message> all;
  for (auto number = first; number <= last; ++number) all.push_back(message(number));
  return all;
}

Numbers range(unsigned first, unsigned last) {
  Numbers all;
  for (auto number = first; number <= last; ++number) all.push_back(number);
  return all;
}

/// What it answers to a question, if it can.
std::optional<Numbers> answer(const Recent& recent, const db::Query& query) {
  const auto found = recent.read(query);
  if (!found) return {};
  Numbers numbers;
  for (const auto& one : *found) numbers.push_back(one.id.bytes[14] * 256u + one.id.bytes[15]);
  return numbers;
}

std::optional<Numbers> latest(const Recent& recent, std::size_t limit) {
  return answer(recent, {"#c", {}, {}, limit, Direction::newest_first, no_bound});
}

/// Loaded with the last 256 of 1000 messages.
Recent of_a_thousand() {
  Recent recent;
  recent.load(messages(745, 1000), false);
  return recent;
}

}  // namespace

TEST_CASE("until it is loaded only the store can tell what there was") {
  Recent recent;
  CHECK_FALSE(latest(recent, 1));
  recent.add(message(1));
  CHECK(latest(recent, 1) == Numbers{1});
  CHECK_FALSE(latest(recent, 2));
}

TEST_CASE("what is complete answers everything, if only that there is nothing") {
  Recent recent;
  recent.load({}, true);
  CHECK(latest(recent, 500) == Numbers{});
  CHECK_FALSE(recent.newest());
  for (unsigned i = 1; i <= 5; ++i) recent.add(message(i));
  CHECK(latest(recent, 500) == range(1, 5));
  CHECK(latest(recent, 2) == range(4, 5));
  CHECK(answer(recent, {"#c", {}, id(4), 2, Direction::newest_first}) == range(2, 3));
  CHECK(answer(recent, {"#c", id(2), {}, 2, Direction::oldest_first}) == range(3, 4));
  CHECK(answer(recent, {"#c", id(1), id(4), 9, Direction::oldest_first}) == range(2, 3));
  CHECK(answer(recent, {"#c", {}, {}, 2, Direction::oldest_first}) == range(1, 2));
  CHECK(recent.newest()->id == id(5));
}

TEST_CASE("a range that is empty, or the wrong way round, holds nothing") {
  Recent recent;
  recent.load(messages(1, 9), true);
  CHECK(answer(recent, {"#c", id(4), id(5), 9, Direction::oldest_first}) == Numbers{});
  CHECK(answer(recent, {"#c", id(4), id(4), 9, Direction::oldest_first}) == Numbers{});
  CHECK(answer(recent, {"#c", id(7), id(3), 9, Direction::newest_first}) == Numbers{});
  CHECK(answer(recent, {"#c", id(9), {}, 9, Direction::newest_first}) == Numbers{});
  CHECK(answer(recent, {"#c", {}, id(1), 9, Direction::newest_first}) == Numbers{});
}

TEST_CASE("of a long past it answers what lies behind its first message, and no more") {
  const auto recent = of_a_thousand();
  CHECK(latest(recent, 256) == range(745, 1000));
  CHECK_FALSE(latest(recent, 257));
  CHECK(answer(recent, {"#c", {}, id(755), 10, Direction::newest_first}) == range(745, 754));
  CHECK_FALSE(answer(recent, {"#c", {}, id(755), 11, Direction::newest_first}));
  CHECK_FALSE(answer(recent, {"#c", {}, id(5), 1, Direction::newest_first}));
  CHECK(answer(recent, {"#c", id(745), {}, 500, Direction::oldest_first}) == range(746, 1000));
  CHECK_FALSE(answer(recent, {"#c", id(744), {}, 1, Direction::oldest_first}));
  CHECK(answer(recent, {"#c", id(745), {}, 500, Direction::newest_first}) == range(746, 1000));
  CHECK_FALSE(answer(recent, {"#c", id(744), {}, 500, Direction::newest_first}));
  CHECK(answer(recent, {"#c", id(744), {}, 3, Direction::newest_first}) == range(998, 1000));
  CHECK_FALSE(answer(recent, {"#c", {}, {}, 1, Direction::oldest_first}));
}

TEST_CASE("when there are 512 the older half leaves, and it knows that it is not complete any more") {
  Recent recent;
  recent.load({}, true);
  for (unsigned i = 1; i <= 512; ++i) recent.add(message(i));
  CHECK(latest(recent, 512) == range(1, 512));
  CHECK(latest(recent, 600) == range(1, 512));
  recent.add(message(513));
  CHECK(latest(recent, 257) == range(257, 513));
  CHECK_FALSE(latest(recent, 258));
}

TEST_CASE("the older half leaves as well when there are too many bytes, but never the last message") {
  const auto size = db::size_of(message(1));
  Recent recent({256, 4 * size});
  recent.load({}, true);
  for (unsigned i = 1; i <= 8; ++i) recent.add(message(i));
  CHECK(recent.bytes() == 8 * size);
  CHECK(latest(recent, 9) == range(1, 8));
  CHECK(recent.is_full_for(message(9)));
  recent.add(message(9));
  CHECK(recent.bytes() == 5 * size);
  CHECK(latest(recent, 5) == range(5, 9));
  CHECK_FALSE(latest(recent, 6));
  for (unsigned i = 10; i <= 12; ++i) {
    auto large = message(i);
    large.text = std::string(10 * size, 'x');
    recent.add(large);
    CHECK(latest(recent, 1) == Numbers{i});
    CHECK(recent.size() == (i == 10 ? 5 : 2));
  }
}

TEST_CASE("bytes are counted whatever comes and goes") {
  Recent recent({10, 5000});
  std::mt19937 random(3);
  std::size_t most = 0;
  for (unsigned i = 1; i < 2000; ++i) {
    auto one = message(i);
    one.text = std::string(random() % 700, 'x');
    one.time = protocol::Time{std::chrono::milliseconds{i}};
    recent.add(one);
    if (i % 97 == 0) recent.forget_before(protocol::Time{std::chrono::milliseconds{i - 3}});
    if (i % 501 == 0) recent.clear();
    if (i % 701 == 0) recent.load(messages(1, 3), false);
    std::size_t bytes = 0;
    for (const auto& each : recent.latest({}, id(i), 100)) bytes += db::size_of(each);
    REQUIRE(recent.bytes() == bytes);
    most = std::max(most, bytes);
  }
  CHECK(most <= 10000);
}

TEST_CASE("an answer is no larger than the query allows, and its rest can be asked for") {
  const auto size = db::size_of(message(1));
  Recent recent;
  recent.load(messages(1, 20), true);
  const db::Query query{"#c", {}, {}, 15, Direction::newest_first, 4 * size};
  CHECK(answer(recent, query) == range(6, 9));
  auto next = db::rest_of(query, *recent.read(query));
  REQUIRE(next);
  CHECK(answer(recent, *next) == range(10, 13));
  next->bytes = 100 * size;
  CHECK(answer(recent, *next) == range(10, 20));
  CHECK_FALSE(db::rest_of(*next, *recent.read(*next)));
}

TEST_CASE("what is loaded is as much as is kept") {
  const auto size = db::size_of(message(1));
  const Recent recent({256, 4 * size});
  const auto query = recent.to_load("#c");
  auto stored = messages(1, 100);
  db::cut(query, stored);
  CHECK(stored.size() == 4);
  CHECK(stored.back() == message(100));
}

TEST_CASE("what was added while it was being loaded comes behind what the store held, once") {
  SUBCASE("if the store had it already") {
    Recent recent;
    recent.add(message(3));
    recent.add(message(4));
    recent.load(messages(1, 4), true);
    CHECK(latest(recent, 9) == range(1, 4));
  }
  SUBCASE("if the store had some of it") {
    Recent recent;
    recent.add(message(3));
    recent.add(message(4));
    recent.load(messages(1, 3), true);
    CHECK(latest(recent, 9) == range(1, 4));
  }
  SUBCASE("if the store had none of it") {
    Recent recent;
    recent.add(message(3));
    recent.add(message(4));
    recent.load(messages(1, 2), true);
    CHECK(latest(recent, 9) == range(1, 4));
  }
  SUBCASE("if the store could not be asked") {
    Recent recent;
    recent.add(message(3));
    recent.add(message(4));
    recent.load({}, false);
    CHECK(latest(recent, 2) == range(3, 4));
    CHECK_FALSE(latest(recent, 3));
  }
}

TEST_CASE("a message that is added twice is there once") {
  Recent recent;
  recent.load({}, true);
  for (auto number : {1u, 2u, 2u, 1u, 3u}) recent.add(message(number));
  CHECK(latest(recent, 9) == range(1, 3));
}

TEST_CASE("whatever it answers is what the whole past would answer") {
  std::mt19937 random(1);
  const auto below = [&](std::size_t bound) { return static_cast<unsigned>(random() % bound); };
  std::size_t answered = 0;
  for (int round = 0; round < 100; ++round) {
    auto last = below(700);
    const auto held = std::min(last, below(2) ? 256u : below(20));
    Recent recent;
    recent.load(messages(last - held + 1, last), held == last);
    for (auto more = below(3) * below(400); more > 0; --more) recent.add(message(++last));
    Recent whole;
    whole.load(messages(1, last), true);
    for (int question = 0; question < 30; ++question) {
      db::Query query{"#c",
                      {},
                      {},
                      1 + below(500),
                      below(2) ? Direction::newest_first : Direction::oldest_first,
                      below(2) ? no_bound : 1 + below(50'000)};
      if (below(2)) query.after = id(below(last + 2));
      if (below(2)) query.before = id(below(last + 2));
      const auto part = answer(recent, query);
      if (!part) continue;
      ++answered;
      REQUIRE(part == answer(whole, query));
    }
  }
  CHECK(answered > 1000);
}

TEST_CASE("what is too old is forgotten one by one, and the store is asked whether there is more") {
  const auto at = [](int hours) { return protocol::Time{std::chrono::hours{hours}}; };
  auto dated = messages(1, 5);
  for (auto& one : dated) one.time = at(10);
  dated[3].time = at(1);  // said while the clock was wrong
  Recent recent;
  recent.load(dated, true);
  recent.forget_before(at(1));
  CHECK(latest(recent, 10) == range(1, 5));
  recent.forget_before(at(5));
  CHECK(latest(recent, 4) == Numbers{1, 2, 3, 5});
  CHECK_FALSE(latest(recent, 10));
  recent.forget_before(at(1000));  // the clock is ahead for a moment
  CHECK_FALSE(latest(recent, 1));
  recent.add(message(6));
  CHECK(latest(recent, 1) == Numbers{6});
  CHECK_FALSE(latest(recent, 2));
}
