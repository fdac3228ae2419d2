#pragma once

#include <span>
#include <string_view>

namespace troupe::db {

/// One step of a schema, from db/schema/. Its place in the list, counted from 1, is the version that it leads
/// to.
struct Migration {
  std::string_view name;
  std::string_view sql;
};

/// All steps of each store's schema, from an empty database.
std::span<const Migration> sqlite_migrations();
std::span<const Migration> spool_migrations();
std::span<const Migration> postgresql_migrations();

/// Those of `migrations` that a database of this version has yet to go through; 0 is an empty one. Throws
/// StoreError(refused) if the version is none that this program knows.
std::span<const Migration> pending(std::span<const Migration> migrations, long version);

}  // namespace troupe::db
