#pragma once

#include "db/home.hpp"

#include <memory>
#include <string>

namespace troupe::db {

/// A home in one SQLite file, made if it is missing; ":memory:" is one that lives as long as the object. The
/// file may be open in several stores at once: readers and the one writer of the moment do not wait for each
/// other.
std::unique_ptr<HomeStore> open_sqlite(const std::string& file, const HomeSetup& setup);

}  // namespace troupe::db
