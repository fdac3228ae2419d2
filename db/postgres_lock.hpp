#pragma once

#include "db/lifeline.hpp"
#include "db/postgres.hpp"

#include <string>

namespace troupe::db {

/// Makes this session the only one that writes `what` ("home" for messages) to the database (to the schema
/// that it would make tables in), for as long as it lasts: an advisory lock. It also marks the session as
/// `installation`'s. If another session of the same installation has the lock, that is a connection which was
/// given up and whose end the server has not noticed: it is ended. So whoever has the lock knows that nothing
/// which was asked through an earlier connection will still happen.
///
/// Throws StoreError: `refused` if another server has the lock, `unavailable` if the old connection does not
/// end; and postgres::Failure.
void take_lock(postgres::Connection& connection, const std::string& what, const std::string& installation,
               const Lifeline& line);

}  // namespace troupe::db
