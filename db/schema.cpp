#include "db/schema.hpp"

#include "db/error.hpp"
#include "db/migrations.hpp"

#include <array>
#include <cstddef>
#include <string>

namespace troupe::db {

namespace {

Schema log_of(std::span<const Migration> migrations) { return {"schema", "schema_version", migrations}; }
Schema records_of(std::span<const Migration> migrations) {
  return {"records' schema", "records_version", migrations};
}

}  // namespace

std::span<const Schema> sqlite_home_schemas() {
  static const std::array schemas{log_of(migrations::sqlite_log()), records_of(migrations::sqlite_records())};
  return schemas;
}

std::span<const Schema> postgresql_home_schemas() {
  static const std::array schemas{log_of(migrations::postgresql_log()),
                                  records_of(migrations::postgresql_records())};
  return schemas;
}

std::span<const Schema> spool_schemas() {
  static const std::array schemas{log_of(migrations::spool_log())};
  return schemas;
}

std::span<const Migration> pending(const Schema& schema, long version) {
  const auto known = static_cast<long>(schema.migrations.size());
  const auto has = "the database's " + std::string(schema.what) + " has version " + std::to_string(version);
  if (version > known)
    throw StoreError(StoreError::Reason::refused,
                     has + ", this program knows " + std::to_string(known) + ": a newer Troupe made it");
  if (version < 0) throw StoreError(StoreError::Reason::refused, has + ", which never was");
  return schema.migrations.subspan(static_cast<std::size_t>(version));
}

std::string note_version_in(std::string_view version_table) {
  const std::string table(version_table);
  return std::string("INSERT INTO ")
             .append(table)
             .append(" (version) SELECT coalesce(max(version), 0) + 1 FROM ") +
         table;
}

}  // namespace troupe::db
