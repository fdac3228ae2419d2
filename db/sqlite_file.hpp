#pragma once

#include "db/schema.hpp"
#include "db/sqlite.hpp"

#include <span>
#include <string>

namespace troupe::db {

/// What a SQLite file is for. It says so in itself.
enum class Role { home, spool };

/// Throws StoreError(refused) if the database is there for something else than this role, or may be: nothing
/// is written to it before. An empty one will do for either.
void check_role(const sqlite::Database& database, Role role);

/// The identity that the database has; empty if it has none yet.
std::string id_of(const sqlite::Database& database);

/// Brings the schemas up to date; waits for nobody's lock if they are.
void migrate(sqlite::Database& database, std::span<const Schema> schemas);

/// Readers and one writer at a time, and what has been committed survives a power failure.
void configure(sqlite::Database& database);

}  // namespace troupe::db
