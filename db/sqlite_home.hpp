#pragma once

#include "db/home.hpp"
#include "db/records.hpp"
#include "db/sqlite.hpp"

#include <memory>
#include <string>

namespace troupe::db {

/// A home in one SQLite file, made if it is missing; ":memory:" is one that lives as long as the object. The
/// file may be open in several stores at once: readers and the one writer of the moment do not wait for each
/// other.
std::unique_ptr<HomeLog> open_sqlite(const std::string& file, const HomeSetup& setup);

/// The records in that file.
std::unique_ptr<Records> open_sqlite_records(const std::string& file, const HomeSetup& setup);

/// A connection to a file that is a home, or becomes one. Throws StoreError.
sqlite::Database open_home_file(const std::string& file, const HomeSetup& setup);

}  // namespace troupe::db
