#pragma once

#include <string>

namespace troupe::db {

/// The address of the database that `url` names, to be shown and to be recognised by: without password, also
/// if it is malformed, and a file's path in full.
std::string address_of(const std::string& url);

/// Whether `url` has one of the forms by which a database is named: "sqlite:FILE", "postgresql://…" or
/// "postgres://…".
bool names_database(const std::string& url);

/// The file of a database in SQLite, "sqlite:FILE"; empty if `url` names none.
std::string file_of(const std::string& url);

}  // namespace troupe::db
