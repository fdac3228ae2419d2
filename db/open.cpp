#include "db/home.hpp"
#include "db/postgres_store.hpp"
#include "db/sqlite_home.hpp"
#include "db/store.hpp"

#include <memory>
#include <string>
#include <utility>

namespace troupe::db {

std::unique_ptr<HomeStore> open_home(const std::string& url, HomeSetup setup) {
  const std::string sqlite = "sqlite:";
  if (url.starts_with(sqlite) && url != sqlite) return open_sqlite(url.substr(sqlite.size()), setup);
  if (url.starts_with("postgresql://") || url.starts_with("postgres://"))
    return open_postgres(url, std::move(setup));
  throw StoreError(StoreError::Reason::refused,
                   "a database is named by sqlite:FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME");
}

std::unique_ptr<Store> open(const std::string& url, std::shared_ptr<Lifeline> line) {
  HomeSetup setup;
  setup.line = std::move(line);
  return open_home(url, std::move(setup));
}

}  // namespace troupe::db
