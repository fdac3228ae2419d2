#include "db/sqlite_home.hpp"

#include "db/schema.hpp"
#include "db/sqlite_file.hpp"
#include "db/sqlite_store.hpp"

#include <utility>

namespace troupe::db {

namespace {

sqlite::Database open_database(const std::string& file, const HomeSetup& setup) {
  sqlite::Database database(file, setup.line, setup.patience);
  database.begin();
  check_role(database, Role::home);
  if (!setup.id.empty() && id_of(database) != setup.id)
    throw StoreError(StoreError::Reason::refused, file + " is another database than before");
  configure(database);
  migrate(database, sqlite_migrations());
  return database;
}

class SqliteHome final : public SqliteStore<HomeStore> {
 public:
  SqliteHome(const std::string& file, const HomeSetup& setup)
      : SqliteStore(setup.lock, open_database(file, setup), "true") {}

  std::string id() override {
    database_.begin();
    return id_of(database_);
  }

  void hold(std::shared_ptr<Lifeline> line) override { database_.hold(std::move(line)); }
};

}  // namespace

std::unique_ptr<HomeStore> open_sqlite(const std::string& file, const HomeSetup& setup) {
  return std::make_unique<SqliteHome>(file, setup);
}

}  // namespace troupe::db
