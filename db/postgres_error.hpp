#pragma once

#include "db/error.hpp"

#include <string_view>

namespace troupe::db {

/// What an attempt to connect failed of, from libpq's message: it gives no code for it. `refused` if the
/// server turned us away for good (wrong password, no such database or role), else `unavailable`.
StoreError connect_error(std::string_view message);

/// What a statement failed of, from the server's SQLSTATE (appendix A of PostgreSQL's manual; empty if the
/// connection was lost before it said one) and message.
StoreError statement_error(std::string_view sqlstate, std::string_view message);

/// The same of what is asked before any message is sent, so that nothing of one can have been kept.
StoreError set_up_error(std::string_view sqlstate, std::string_view message);

}  // namespace troupe::db
