#pragma once

#include "db/error.hpp"
#include "db/lifeline.hpp"
#include "db/message.hpp"
#include "protocol/message_id.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace troupe::db {

/// A place where messages are kept. One object is one connection, used by one thread. Every operation may
/// throw StoreError; after `unavailable` or `lost` the object reconnects by itself when it is used again.
class MessageLog {
 public:
  virtual ~MessageLog() = default;

  /// Keeps all of `messages` or none of them; they are durable when it returns. A message whose id is kept
  /// already is left as it is, so that an append of unknown outcome can be repeated. Appending nothing asks
  /// whether messages could be kept now: it goes all the way that they would go, and leaves nothing.
  virtual void append(std::span<const Message> messages) = 0;

  /// The messages of one channel that the query asks for, oldest first.
  virtual std::vector<Message> read(const Query& query) = 0;

  /// The ids of all messages that the query means, whatever their size, smallest first.
  virtual std::vector<protocol::MessageId> ids(const Query& query) = 0;

  /// The messages with the smallest ids greater than `after`, of all channels, oldest first.
  virtual std::vector<Message> oldest(std::size_t limit, const protocol::MessageId& after = {}) = 0;

  /// The largest id that is kept.
  virtual std::optional<protocol::MessageId> newest() = 0;

  /// Looks at the oldest `limit` messages, in the order of ids, and removes those that were said before
  /// `time`; says how many. Those dated later than `now`, from when the clock was wrong, are passed over:
  /// they hold up nothing.
  virtual std::size_t remove_before(protocol::Time time, std::size_t limit, protocol::Time now) = 0;

  /// Removes the messages with these ids; those that are not there are no error.
  virtual void remove(std::span<const protocol::MessageId> ids) = 0;
};

/// The message log that `url` names, "sqlite:FILE" or "postgresql://…". A file is opened at once, a server is
/// connected to when the store is first used; both bring the schema up to date. Throws StoreError; `refused`
/// if the URL is of another form. A server's connection is cut when `line` is, which is how to end a call
/// that waits for ever.
std::unique_ptr<MessageLog> open(const std::string& url, std::shared_ptr<Lifeline> line = nullptr);

}  // namespace troupe::db
