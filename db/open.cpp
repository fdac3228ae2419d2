#include "db/address.hpp"
#include "db/home.hpp"
#include "db/message_log.hpp"
#include "db/postgres_log.hpp"
#include "db/sqlite_home.hpp"

#include <memory>
#include <string>
#include <utility>

namespace troupe::db {

namespace {

/// Calls one of these, as `url` names a file or a server.
template <class Sqlite, class Postgres>
auto open_as(const std::string& url, Sqlite sqlite, Postgres postgres) {
  if (const auto file = file_of(url); !file.empty()) return sqlite(file);
  if (names_database(url)) return postgres();
  throw StoreError(StoreError::Reason::refused,
                   "a database is named by sqlite:FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME");
}

}  // namespace

std::unique_ptr<HomeLog> open_home(const std::string& url, HomeSetup setup) {
  return open_as(
      url, [&](const std::string& file) { return open_sqlite(file, setup); },
      [&] { return open_postgres(url, std::move(setup)); });
}

std::unique_ptr<Records> open_records(const std::string& url, HomeSetup setup) {
  return open_as(
      url, [&](const std::string& file) { return open_sqlite_records(file, setup); },
      [&] { return open_postgres_records(url, std::move(setup)); });
}

std::unique_ptr<MessageLog> open(const std::string& url, std::shared_ptr<Lifeline> line) {
  HomeSetup setup;
  setup.line = std::move(line);
  return open_home(url, std::move(setup));
}

}  // namespace troupe::db
