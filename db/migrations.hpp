#pragma once

#include "db/schema.hpp"

#include <span>

namespace troupe::db::migrations {

// The files of db/schema/, as the build embeds them.
std::span<const Migration> sqlite_log();
std::span<const Migration> spool_log();
std::span<const Migration> postgresql_log();
std::span<const Migration> sqlite_records();
std::span<const Migration> postgresql_records();

}  // namespace troupe::db::migrations
