#pragma once

#include "db/store.hpp"

#include <memory>
#include <string>

namespace troupe::db {

/// A store in a PostgreSQL database, named by a postgresql:// URL as libpq takes it. It connects when it is
/// first used, and again when it lost its connection; every connection brings the schema up to date, and is
/// cut when `line` is.
std::unique_ptr<Store> open_postgres(const std::string& url, std::shared_ptr<Lifeline> line);

}  // namespace troupe::db
