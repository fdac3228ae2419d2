#include "db/schema.hpp"

#include "db/id_range.hpp"
#include "db/store.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace troupe;
using namespace troupe::db;

TEST_CASE("the migrations that are pending follow the database's version") {
  static constexpr std::array migrations{Migration{"0001_a.sql", "a"}, Migration{"0002_b.sql", "b"},
                                         Migration{"0003_c.sql", "c"}};
  CHECK(pending(migrations, 0).size() == 3);
  CHECK(pending(migrations, 1).front().name == "0002_b.sql");
  CHECK(pending(migrations, 3).empty());
  CHECK_THROWS_WITH_AS(pending(migrations, 4),
                       "the database's schema has version 4, this program knows 3: a newer Troupe made it",
                       StoreError);
  CHECK_THROWS_AS(pending(migrations, -1), StoreError);
}

TEST_CASE("the migrations of every kind of database are embedded, both homes' in step with each other") {
  CHECK(sqlite_migrations().size() == postgresql_migrations().size());
  for (const auto migrations : {sqlite_migrations(), spool_migrations(), postgresql_migrations()}) {
    CHECK(migrations.front().name == "0001_messages.sql");
    for (const Migration& migration : migrations) CHECK(migration.sql.find(';') != std::string_view::npos);
  }
}

TEST_CASE("the border between ids at a time lies before the first one that the time can have") {
  const protocol::Time time(std::chrono::milliseconds(0x0123456789ab));
  const protocol::MessageId first = first_id_at(time);
  CHECK(to_string(first) == "01234567-89ab-0000-0000-000000000000");
  CHECK(to_string(first_id_after(time)) == "01234567-89ac-0000-0000-000000000000");
}

TEST_CASE("a time that no id can hold gives the nearest end") {
  using std::chrono::milliseconds;
  CHECK(first_id_at(protocol::Time::min()) == lowest_id);
  CHECK(first_id_at(protocol::Time(milliseconds(-1))) == lowest_id);
  CHECK(first_id_at(protocol::Time(milliseconds(1LL << 48))) == highest_id);
  CHECK(first_id_at(protocol::Time::max()) == highest_id);
  CHECK(first_id_after(protocol::Time::max()) == highest_id);
  CHECK(first_id_after(protocol::Time(milliseconds(-1))) == lowest_id);
}
