#include "db/schema.hpp"

#include "db/address.hpp"
#include "db/error.hpp"
#include "db/id_range.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace troupe;
using namespace troupe::db;

TEST_CASE("the migrations that are pending follow the database's version") {
  static constexpr std::array migrations{Migration{"0001_a.sql", "a"}, Migration{"0002_b.sql", "b"},
                                         Migration{"0003_c.sql", "c"}};
  const Schema schema{"schema", "schema_version", migrations};
  CHECK(pending(schema, 0).size() == 3);
  CHECK(pending(schema, 1).front().name == "0002_b.sql");
  CHECK(pending(schema, 3).empty());
  CHECK_THROWS_WITH_AS(pending(schema, 4),
                       "the database's schema has version 4, this program knows 3: a newer Troupe made it",
                       StoreError);
  CHECK_THROWS_AS(pending(schema, -1), StoreError);
}

TEST_CASE("the migrations of every kind of database are embedded, both homes' in step with each other") {
  const auto sqlite = sqlite_home_schemas(), postgresql = postgresql_home_schemas();
  REQUIRE(sqlite.size() == 2);
  REQUIRE(postgresql.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(sqlite[i].migrations.size() == postgresql[i].migrations.size());
    CHECK(sqlite[i].version_table == postgresql[i].version_table);
  }
  REQUIRE(spool_schemas().size() == 1);
  for (const auto schemas : {sqlite, postgresql, spool_schemas()})
    for (const Schema& schema : schemas) {
      CHECK(schema.migrations.front().name.starts_with("0001_"));
      CHECK(schema.migrations.front().sql.find(schema.version_table) != std::string_view::npos);
      for (const Migration& migration : schema.migrations)
        CHECK(migration.sql.find(';') != std::string_view::npos);
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

TEST_CASE("a database is named by a file or a server") {
  for (const std::string url : {"sqlite:a.db", "sqlite::memory:", "postgresql://host/name", "postgres://"})
    CHECK(names_database(url));
  for (const std::string url : {"", "sqlite:", "none", "a.db", "mysql://host/name", "postgresql:name"})
    CHECK_FALSE(names_database(url));
  CHECK(file_of("sqlite:a.db") == "a.db");
  CHECK(file_of("sqlite:") == "");
  CHECK(file_of("postgresql://sqlite:a.db") == "");
}
