#pragma once

#include "db/message.hpp"
#include "protocol/message_id.hpp"

#include <cstddef>
#include <memory>
#include <vector>

/// What whoever works with a home or a spool can be told to do, one thing at a time. Values.
namespace troupe::db {

using Messages = std::shared_ptr<const std::vector<Message>>;

/// Commit these messages, all or none. Done when they are durable; none of them asks the store whether it
/// could.
struct Append {
  Messages messages;
};

/// See to it that these are not in the store, or the spool, whatever became of the attempts to put them
/// there.
struct Remove {
  std::vector<protocol::MessageId> ids;
};

/// Remove messages from before a time, at most so many.
struct Expire {
  protocol::Time before;
  protocol::Time now;
  std::size_t limit = 0;
};

/// Remember that ids up to this one may have been used.
struct Reserve {
  protocol::MessageId up_to;
};

/// Find the spool's messages with the smallest ids behind this one, except those set aside.
struct Oldest {
  std::size_t limit = 0;
  protocol::MessageId after;
};

/// Remove the spool's oldest messages up to this id, at most so many; those set aside stay.
struct Discard {
  protocol::MessageId up_to;
  std::size_t limit = 0;
};

/// The store refuses these for ever: keep them in the spool, and don't give them to be moved any more.
struct SetAside {
  std::vector<protocol::MessageId> ids;
};

}  // namespace troupe::db
