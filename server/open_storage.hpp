#pragma once

#include "db/storage.hpp"
#include "protocol/message_id.hpp"
#include "server/options.hpp"

#include <functional>
#include <future>
#include <optional>

namespace troupe::server {

/// The storage that the options ask for, and what was kept last.
struct OpenedStorage {
  Storage storage;
  /// Ids go on after this one.
  std::optional<protocol::MessageId> newest;
};

/// Makes sure that messages can be kept, and by nobody else in the same places: opens the spool, and the
/// database as well, unless it is away and was reached from here before, so that its address is known to be
/// right. It is waited for as long as for a commit then, else for ten seconds.
///
/// Throws db::StoreError, whose text begins with the option that it is about.
OpenedStorage open_storage(const Options& options);

/// Does that on a thread of its own, and calls `done` when there is something to get. Nobody needs to wait
/// for it: the process may end meanwhile.
std::future<OpenedStorage> start_opening_storage(const Options& options, std::function<void()> done);

}  // namespace troupe::server
