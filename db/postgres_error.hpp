#pragma once

#include "db/store.hpp"

#include <string_view>

namespace troupe::db {

/// What an attempt to connect failed of, from libpq's message: it gives no code for it. `refused` if the
/// server turned us away for good (wrong password, no such database or role), else `unavailable`.
StoreError connect_error(std::string_view message);

/// What a statement failed of, from the server's SQLSTATE (appendix A of PostgreSQL's manual) and message.
StoreError statement_error(std::string_view sqlstate, std::string_view message);

}  // namespace troupe::db
