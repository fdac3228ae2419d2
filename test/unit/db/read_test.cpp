// Reads are bounded by bytes, too: in each store, and of spool and home as if they were one.
#include "db/merged_read.hpp"
#include "db/message_log.hpp"
#include "db/spool.hpp"
#include "places.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <string>
#include <vector>

using namespace troupe;
using namespace troupe::db;
using test::message_at;
using test::PostgresPlace;
using test::SqlitePlace;

TYPE_TO_STRING_AS("SQLite", SqlitePlace);
TYPE_TO_STRING_AS("PostgreSQL", PostgresPlace);

namespace {

using enum Query::Direction;

constexpr auto no_bound = static_cast<std::size_t>(-1);

/// A message that counts as `size` bytes, with characters of several bytes in it.
Message sized(long long number, std::size_t size) {
  auto message = message_at(number);
  const auto rest = size - size_of(message);
  for (std::size_t i = 0; i + 1 < rest; i += 2) message.client_tags += "ä";
  message.client_tags.resize(rest & ~1U);
  if (rest % 2 == 1) message.text += '.';
  REQUIRE(size_of(message) == size);
  return message;
}

std::vector<Message> slice(const std::vector<Message>& messages, std::size_t from, std::size_t to) {
  return {messages.begin() + static_cast<long>(from), messages.begin() + static_cast<long>(to)};
}

/// Everything that a query means, read portion by portion; none of them is larger than it may be.
template <class Read>
std::vector<Message> in_portions(Query query, Read read) {
  std::vector<Message> all;
  for (std::optional<Query> next = std::move(query); next;) {
    const auto portion = read(*next);
    std::size_t sum = 0;
    for (const auto& message : portion) sum += size_of(message);
    if (!portion.empty()) CHECK(sum - size_of(portion.back()) < std::max<std::size_t>(next->bytes, 1));
    all.insert(all.end(), portion.begin(), portion.end());
    next = rest_of(*next, portion);
  }
  return all;
}

}  // namespace

TEST_CASE_TEMPLATE("a read gives the first messages of what is meant, until its bytes are reached", Place,
                   SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto store = open(place.url());
  std::vector<Message> messages;
  for (int i = 1; i <= 10; ++i) messages.push_back(sized(i, 1000));
  store->append(messages);

  CHECK(store->read({"#lobby", {}, {}, 100, oldest_first, 3000}) == slice(messages, 0, 3));
  CHECK(store->read({"#lobby", {}, {}, 100, oldest_first, 3001}) == slice(messages, 0, 4));
  CHECK(store->read({"#lobby", {}, {}, 2, oldest_first, 3000}) == slice(messages, 0, 2));
  CHECK(store->read({"#lobby", {}, {}, 5, newest_first, 3000}) == slice(messages, 5, 8));
  CHECK(store->read({"#lobby", {}, messages[8].id, 5, newest_first, 3000}) == slice(messages, 3, 6));
  CHECK(store->read({"#lobby", messages[1].id, messages[8].id, 100, newest_first, 3000}) ==
        slice(messages, 2, 5));
  for (const auto direction : {oldest_first, newest_first})
    for (const std::size_t tiny : {0, 1, 1000})
      CHECK(store->read({"#lobby", {}, {}, 10, direction, tiny}) == slice(messages, 0, 1));
}

TEST_CASE_TEMPLATE("or the last ones, if the latest are wanted", Place, SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto store = open(place.url());
  std::vector<Message> messages;
  for (int i = 1; i <= 10; ++i) messages.push_back(sized(i, 1000));
  store->append(messages);
  CHECK(store->read({"#lobby", {}, {}, 5, newest_first, 3000, newest_first}) == slice(messages, 7, 10));
  CHECK(store->read({"#lobby", {}, {}, 2, newest_first, 3000, newest_first}) == slice(messages, 8, 10));
  CHECK(store->read({"#lobby", {}, {}, 5, newest_first, 0, newest_first}) == slice(messages, 9, 10));
  CHECK(store->read({"#lobby", {}, {}, 50, newest_first, no_bound, newest_first}) == messages);
}

TEST_CASE_TEMPLATE("ids are of all that is meant, whatever its size", Place, SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto store = open(place.url());
  std::vector<Message> messages;
  std::vector<protocol::MessageId> ids;
  for (int i = 1; i <= 10; ++i) ids.push_back(messages.emplace_back(sized(i, 1000)).id);
  store->append(messages);
  using Ids = std::vector<protocol::MessageId>;
  CHECK(store->ids({"#lobby", {}, {}, 100, newest_first, 1}) == ids);
  CHECK(store->ids({"#lobby", {}, {}, 4, newest_first, 1}) == Ids(ids.begin() + 6, ids.end()));
  CHECK(store->ids({"#lobby", ids[0], ids[9], 4, oldest_first, 1}) == Ids(ids.begin() + 1, ids.begin() + 5));
  CHECK(store->ids({"#other", {}, {}, 4, oldest_first}).empty());
}

TEST_CASE_TEMPLATE("portions of a query give what it means, each once, whatever comes meanwhile", Place,
                   SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto store = open(place.url());
  std::mt19937 random(1);
  std::vector<Message> messages;
  for (int i = 1; i <= 100; ++i) messages.push_back(sized(i, 300 + random() % 1000));
  store->append(messages);
  int later = 1000;
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{5000}, Query::portion, no_bound})
    for (const auto direction : {oldest_first, newest_first}) {
      const Query query{"#lobby", messages[3].id, message_at(1000).id, 60, direction, bytes};
      const auto expected = direction == oldest_first ? slice(messages, 4, 64) : slice(messages, 40, 100);
      CHECK(in_portions(query, [&](const Query& one) {
              const auto portion = store->read(one);
              const auto message = message_at(++later);
              store->append({&message, 1});
              return portion;
            }) == expected);
    }
}

TEST_CASE_TEMPLATE("spool and home are read as if they were one, also in portions", Place, SqlitePlace,
                   PostgresPlace) {
  const Place place;
  const SqlitePlace beside;
  if (!place.available()) return;
  const auto home = open(place.url());
  const auto spool = open_spool(beside.file());
  std::mt19937 random(2);
  std::vector<Message> messages, spooled, stored;
  for (int i = 1; i <= 100; ++i) {
    const auto& message = messages.emplace_back(sized(i, 300 + random() % 1000));
    const auto where = random() % 3;  // in one of them, or in both as one that is just being moved
    if (where != 1) spooled.push_back(message);
    if (where != 0) stored.push_back(message);
  }
  home->append(stored);
  spool->append(spooled);
  const auto read = [&](const Query& query) { return read_merged(query, spool.get(), *home); };

  for (const std::size_t bytes : {std::size_t{1}, std::size_t{5000}, Query::portion, no_bound})
    for (const std::size_t limit : {std::size_t{0}, std::size_t{1}, std::size_t{30}, std::size_t{500}}) {
      CAPTURE(bytes);
      CAPTURE(limit);
      const auto count = std::min<std::size_t>(limit, 90);
      CHECK(in_portions({"#lobby", messages[4].id, messages[95].id, limit, oldest_first, bytes}, read) ==
            slice(messages, 5, 5 + count));
      CHECK(in_portions({"#lobby", messages[4].id, messages[95].id, limit, newest_first, bytes}, read) ==
            slice(messages, 95 - count, 95));
      Query latest{"#lobby", {}, {}, limit, newest_first, bytes, newest_first};
      auto expected = messages;
      cut(latest, expected);
      CHECK(read(latest) == expected);
    }
}

TEST_CASE("messages in the spool alone are read, and none where there is no spool") {
  const SqlitePlace place, beside;
  const auto home = open(place.url());
  const auto spool = open_spool(beside.file());
  const std::vector messages{message_at(1), message_at(2)};
  spool->append(messages);
  for (const auto direction : {oldest_first, newest_first}) {
    const Query query{"#lobby", {}, {}, 10, direction};
    CHECK(read_merged(query, spool.get(), *home) == messages);
    CHECK(read_merged(query, nullptr, *home).empty());
    CHECK(read_merged({"#other", {}, {}, 10, direction}, spool.get(), *home).empty());
  }
}
