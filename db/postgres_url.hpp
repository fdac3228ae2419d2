#pragma once

#include <string>

namespace troupe::db {

/// The URL to give to libpq for the URL that the user gave: with time limits, so that no dead host is waited
/// for longer than about ten seconds, wherever the user's own parameters don't say otherwise. Throws
/// StoreError(refused) if it is so malformed that libpq might take a part of the password for something else
/// and show it in an error.
std::string connection_url(const std::string& url);

}  // namespace troupe::db
