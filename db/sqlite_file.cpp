#include "db/sqlite_file.hpp"

#include "db/error.hpp"
#include "db/old_mark.hpp"

#include <algorithm>

namespace troupe::db {

namespace {

using sqlite::Database;
using sqlite::Execution;
using sqlite::Statement;
using sqlite::Transaction;

bool gives_a_row(const Database& database, const std::string& sql) {
  const Statement statement(database, sql);
  return Execution(statement).next();
}

bool has_table(const Database& database, const std::string& name) {
  return gives_a_row(database, "SELECT 1 FROM sqlite_schema WHERE name = '" + name + "'");
}

long version_of(const Database& database, const Schema& schema) {
  const std::string table(schema.version_table);
  if (!has_table(database, table)) return 0;
  const Statement version(database, "SELECT coalesce(max(version), 0) FROM " + table);
  Execution run(version);
  run.next();
  return static_cast<long>(run.integer(0));
}

/// The column of the table `identity`; empty if there is none.
std::string identity(const Database& database, const std::string& column) {
  if (!has_table(database, "identity")) return "";
  const Statement statement(database, "SELECT " + column + " FROM identity");
  Execution row(statement);
  return row.next() ? row.text(0) : "";
}

[[noreturn]] void refuse(const Database& database, const std::string& why) {
  throw StoreError(StoreError::Reason::refused, database.file() + why);
}

}  // namespace

void check_role(const Database& database, Role role) {
  const auto its_role = identity(database, "role");
  if (its_role == (role == Role::home ? "home" : "spool")) return;
  if (its_role == "home") refuse(database, " is a database of messages, not a spool");
  if (its_role == "spool") refuse(database, " is a spool: messages wait in it for their database");
  if (!its_role.empty()) refuse(database, " is neither a database of messages nor a spool");
  if (!has_table(database, "schema_version")) {
    if (!gives_a_row(database, "SELECT 1 FROM sqlite_schema")) return;
    if (has_table(database, "schema_version")) return;  // somebody has just made it
    refuse(database, " holds something else than messages of Troupe");
  }
  // It is of the first release, or was made this very moment.
  if (!identity(database, "role").empty()) return check_role(database, role);
  const bool has_old_mark = OldMark(database.file()).has_name();
  if (role == Role::home && has_old_mark)
    refuse(database, " is a spool: " + database.file() + ".home says so");
  if (role == Role::spool && !has_old_mark && gives_a_row(database, "SELECT 1 FROM messages LIMIT 1"))
    refuse(database, " holds messages and does not say that it is a spool");
}

std::string id_of(const Database& database) { return identity(database, "id"); }

void migrate(Database& database, std::span<const Schema> schemas) {
  const auto missing = [&](const Schema& schema) { return pending(schema, version_of(database, schema)); };
  if (std::ranges::all_of(schemas, [&](const Schema& schema) { return missing(schema).empty(); })) return;
  Transaction transaction(database);
  for (const Schema& schema : schemas) {
    const std::string table(schema.version_table);
    for (const Migration& migration : missing(schema)) {
      database.execute(std::string(migration.sql));
      database.execute(note_version_in(table));
    }
  }
  transaction.commit();
}

void configure(Database& database) {
  database.switch_to_write_ahead_log();
  database.execute("PRAGMA synchronous = FULL");
  database.execute("PRAGMA cache_size = -8192");         // KiB
  database.execute("PRAGMA wal_autocheckpoint = 4000");  // pages of 4 KiB
}

}  // namespace troupe::db
