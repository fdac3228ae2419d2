#pragma once

#include "db/home.hpp"
#include "db/records.hpp"

#include <memory>
#include <string>

namespace troupe::db {

/// A home in a PostgreSQL database, named by a postgresql:// URL as libpq takes it. It connects when it is
/// first used, and again when it lost its connection; then it goes on only if it finds the same database.
std::unique_ptr<HomeLog> open_postgres(const std::string& url, HomeSetup setup);

/// The records in that database.
std::unique_ptr<Records> open_postgres_records(const std::string& url, HomeSetup setup);

}  // namespace troupe::db
