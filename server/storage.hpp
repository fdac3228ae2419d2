#pragma once

#include "actors/storage.hpp"
#include "protocol/message_id.hpp"
#include "server/options.hpp"

#include <optional>

namespace troupe::server {

/// The storage that the options ask for, and what was kept last.
struct OpenedStorage {
  Storage storage;
  std::optional<protocol::MessageId> newest;
};

/// Makes sure that messages can be kept: opens the spool, and the database as well unless it is away and was
/// seen from here before, so that its address is known to be right. Throws db::StoreError.
OpenedStorage open_storage(const Options& options);

}  // namespace troupe::server
