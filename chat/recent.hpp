#pragma once

#include "db/message.hpp"

#include <optional>
#include <span>
#include <vector>

namespace troupe {

/// The latest messages of one channel, kept in memory so that most questions about its history need no store.
class Recent {
 public:
  /// How many messages are kept at least, once there were so many.
  static constexpr std::size_t capacity = 256;
  /// More bytes of them than this are not read from the store.
  static constexpr std::size_t bytes = 256 * 1024;
  /// What `load` is to be given.
  static db::Query to_load(const std::string& channel) {
    using enum db::Query::Direction;
    return {channel, {}, {}, capacity, newest_first, bytes, newest_first};
  }

  /// Adds a message that was just kept. One that is not later than all others is known already, and ignored.
  void add(const db::Message& message);

  /// Puts what the store held before everything that was added, and drops nothing yet. `complete` says that
  /// it held no more.
  void load(std::vector<db::Message> stored, bool complete);

  /// There is no store: what is in memory is all there is, also when older messages leave it.
  void stand_alone() { alone_ = complete_ = true; }

  /// The answer to a question about this channel; nothing if only the store can tell.
  std::optional<std::vector<db::Message>> read(const db::Query& query) const;

  /// The last messages, at most so many, with ids after `after` and up to `upto`, as far as memory goes.
  /// Valid until the next change.
  std::span<const db::Message> latest(const protocol::MessageId& after, const protocol::MessageId& upto,
                                      std::size_t limit) const;
  /// True if memory goes far enough for that.
  bool has_latest(const protocol::MessageId& after, const protocol::MessageId& upto, std::size_t limit) const;

  /// Drops what is too old to be kept: messages from before `time`.
  void forget_before(protocol::Time time);

  /// The last message; null if there is none.
  const db::Message* newest() const { return messages_.empty() ? nullptr : &messages_.back(); }

  std::size_t size() const { return messages_.size(); }
  /// True if the next message pushes out older ones.
  bool full() const { return messages_.size() >= 2 * capacity; }

 private:
  bool reaches_back_to(const protocol::MessageId& after) const {
    return complete_ || (!messages_.empty() && messages_.front().id <= after);
  }

  std::vector<db::Message> messages_;  ///< in the order of ids
  bool complete_ = false;              ///< there are no others
  bool alone_ = false;                 ///< nor ever will be
};

}  // namespace troupe
