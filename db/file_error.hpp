#pragma once

#include "db/error.hpp"

#include <string>

namespace troupe::db {

/// What a system call failed of, from its errno: `full` if there was no space, `unavailable` if there was no
/// descriptor, else `refused`.
StoreError file_error(const std::string& what, int error);

}  // namespace troupe::db
