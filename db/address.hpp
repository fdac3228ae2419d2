#pragma once

#include <string>

namespace troupe::db {

/// The address of the database that `url` names, to be shown and to be recognised by: without password, also
/// if it is malformed, and a file's path in full.
std::string address_of(const std::string& url);

}  // namespace troupe::db
