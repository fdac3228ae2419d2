#pragma once

#include "db/store.hpp"

#include <memory>
#include <string>

namespace troupe::db {

/// A store in a PostgreSQL database, named by a postgresql:// URL as libpq takes it. Every connection, also a
/// later one, brings the schema up to date.
std::unique_ptr<Store> open_postgres(const std::string& url);

}  // namespace troupe::db
