#pragma once

#include "db/store.hpp"

#include <memory>
#include <string>

namespace troupe::db {

/// A store in one SQLite file, made if it is missing; ":memory:" is one that lives as long as the object. The
/// file may be open in several stores at once: readers and the one writer of the moment do not wait for each
/// other.
std::unique_ptr<Store> open_sqlite(const std::string& file);

}  // namespace troupe::db
