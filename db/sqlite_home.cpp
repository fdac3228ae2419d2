#include "db/sqlite_home.hpp"

#include "db/schema.hpp"
#include "db/sqlite_file.hpp"
#include "db/sqlite_log.hpp"

#include <utility>

namespace troupe::db {

sqlite::Database open_home_file(const std::string& file, const HomeSetup& setup) {
  sqlite::Database database(file, setup.line, setup.patience);
  database.begin();
  check_role(database, Role::home);
  if (!setup.id.empty() && id_of(database) != setup.id)
    throw StoreError(StoreError::Reason::refused, file + " is another database than before");
  configure(database);
  migrate(database, sqlite_home_schemas());
  return database;
}

namespace {

class SqliteHome final : public SqliteLog<HomeLog> {
 public:
  SqliteHome(const std::string& file, const HomeSetup& setup)
      : SqliteLog(setup.lock, open_home_file(file, setup), "true") {}

  std::string id() override {
    database_.begin();
    return id_of(database_);
  }

  void hold(std::shared_ptr<Lifeline> line) override { database_.hold(std::move(line)); }
};

}  // namespace

std::unique_ptr<HomeLog> open_sqlite(const std::string& file, const HomeSetup& setup) {
  return std::make_unique<SqliteHome>(file, setup);
}

}  // namespace troupe::db
