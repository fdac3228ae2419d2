// Records, in each store; and what becomes of databases from before there were any.
#include "db/records.hpp"

#include "db/id_range.hpp"
#include "db/migrations.hpp"
#include "places.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <string>
#include <vector>

using namespace troupe;
using namespace troupe::db;
using test::error_of_opening;
using test::message_at;
using test::PostgresPlace;
using test::SqlitePlace;

TYPE_TO_STRING_AS("SQLite", SqlitePlace);
TYPE_TO_STRING_AS("PostgreSQL", PostgresPlace);

namespace {

using Lives = std::vector<ChannelLife>;

protocol::MessageId id(int milliseconds) { return message_at(milliseconds).id; }

Lives in_order(Lives lives) {
  std::ranges::sort(lives, {}, &ChannelLife::channel);
  return lives;
}

template <class Place>
constexpr bool is_sqlite = std::is_same_v<Place, SqlitePlace>;

/// Makes a database as an earlier release did, with so many of today's migrations of the log.
template <class Place>
void make_old(const Place& place, std::size_t version) {
  const auto migrations = is_sqlite<Place> ? migrations::sqlite_log() : migrations::postgresql_log();
  for (const auto& migration : migrations.first(version)) {
    place.execute(std::string(migration.sql));
    place.execute(
        "INSERT INTO schema_version (version) SELECT coalesce(max(version), 0) + 1 FROM schema_version");
  }
}

/// message_at(1), as it stands in such a database.
template <class Place>
void insert_old(const Place& place, std::size_t version) {
  std::string values =
      is_sqlite<Place> ? "x'00000000000170008000000000000000'" : "'00000000-0001-7000-8000-000000000000'";
  values += ", '#lobby', 'alice', '~alice', 'localhost', 0, 'message 1/0', ''";
  if (is_sqlite<Place>)
    values += ", 1";
  else if (version > 1)
    values += ", to_timestamp(0.001)";
  place.execute("INSERT INTO messages VALUES (" + values + ")");
}

}  // namespace

TEST_CASE_TEMPLATE("channels' lives are kept, each as it was said last, and plain ones forgotten", Place,
                   SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto records = open_records(place.url(), {});
  CHECK(records->lives().empty());
  const ChannelLife a{"#a'\"{\\}", id(5), false}, b{"#ä", {}, true},
      c{"#c", db::first_id_at(protocol::Time(std::chrono::milliseconds(7))), true};
  records->keep(Lives{a, b, c});
  CHECK(in_order(records->lives()) == in_order({a, b, c}));
  records->keep(Lives{a, b, c});
  CHECK(in_order(records->lives()) == in_order({a, b, c}));
  const ChannelLife later{"#ä", id(9), false};
  records->keep(Lives{later, {"#c"}, {"#unknown"}});
  CHECK(in_order(records->lives()) == in_order({a, later}));
  records->keep({});
  CHECK(in_order(open_records(place.url(), {})->lives()) == in_order({a, later}));
}

TEST_CASE_TEMPLATE("what holds for all channels makes superfluous what says no more of one", Place,
                   SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto records = open_records(place.url(), {});
  const ChannelLife old{"#old", id(5)}, closed{"#closed", id(4), true}, later{"#later", id(7)},
      all{"", id(6)};
  records->keep(Lives{old, closed, later});
  records->keep(Lives{all});
  CHECK(in_order(records->lives()) == in_order({all, closed, later}));
}

TEST_CASE_TEMPLATE("records and messages may be opened first, last or at once", Place, SqlitePlace,
                   PostgresPlace) {
  for (int round = 0; round < 3; ++round) {
    const Place place;
    if (!place.available()) return;
    std::vector<std::future<void>> openers;
    for (int i = 0; i < 6; ++i)
      openers.push_back(std::async(std::launch::async, [&place, i] {
        const auto message = message_at(i + 1);
        const ChannelLife life{"#" + std::to_string(i), id(1)};
        if (i % 2 == 0)
          open(place.url())->append({&message, 1});
        else
          open_records(place.url(), {})->keep({&life, 1});
      }));
    for (auto& opener : openers) CHECK_NOTHROW(opener.get());
    CHECK(open(place.url())->oldest(10).size() == 3);
    CHECK(open_records(place.url(), {})->lives().size() == 3);
  }
}

TEST_CASE_TEMPLATE("a database of the first release, or of the second, is migrated and keeps its messages",
                   Place, SqlitePlace, PostgresPlace) {
  for (const std::size_t version : {1, 2})
    for (const bool records_first : {false, true}) {
      CAPTURE(version);
      const Place place;
      if (!place.available()) return;
      make_old(place, version);
      insert_old(place, version);
      if (!records_first) CHECK(open(place.url())->oldest(10) == std::vector{message_at(1)});
      CHECK(open_records(place.url(), {})->lives().empty());
      CHECK(open(place.url())->oldest(10) == std::vector{message_at(1)});
    }
}

TEST_CASE_TEMPLATE("records newer than the program are refused, also where only messages are wanted", Place,
                   SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  open_records(place.url(), {})->lives();
  place.execute("INSERT INTO records_version (version) VALUES (77)");
  const StoreError error = error_of_opening(place.url());
  CHECK(error.reason() == StoreError::Reason::refused);
  CHECK(std::string(error.what()) ==
        "the database's records' schema has version 77, this program knows 1: a newer Troupe made it");
}

TEST_CASE_TEMPLATE("records are read of the database that is meant, and of no spool", Place, SqlitePlace,
                   PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  HomeSetup setup;
  setup.id = open_home(place.url(), {})->id();
  CHECK_NOTHROW(open_records(place.url(), setup)->lives());
  setup.id = "another";
  CHECK_THROWS_AS(open_records(place.url(), setup)->lives(), StoreError);
}

TEST_CASE("another server's records are not written in PostgreSQL, and our own old session is ended") {
  const PostgresPlace place;
  if (!place.available()) return;
  HomeSetup ours, others;
  ours.installation = "ours";
  others.installation = "others";
  const auto home = open_home(place.url(), ours);
  home->newest();
  const auto old = open_records(place.url(), ours);
  old->lives();
  CHECK_THROWS_AS(open_records(place.url(), others)->lives(), StoreError);
  const auto records = open_records(place.url(), ours);
  CHECK(records->lives().empty());
  CHECK_FALSE(home->newest());  // it is another lock than that for messages
}
