#pragma once

#include "db/message_log.hpp"

#include <vector>

namespace troupe::db {

/// What a query means, read from the spool and from home as if they were one. `spool` may be null. Throws
/// StoreError.
///
/// The spool is asked first: a message that moves home in between is then found twice, and given once, rather
/// than not at all.
std::vector<Message> read_merged(const Query& query, MessageLog* spool, MessageLog& home);

}  // namespace troupe::db
