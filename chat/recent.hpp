#pragma once

#include "db/message.hpp"

#include <optional>
#include <span>
#include <vector>

namespace troupe {

/// The latest messages of one channel, kept in memory so that most questions about its history need no store.
class Recent {
 public:
  /// How many messages are kept at most when the older ones are dropped: those within both bounds, and the
  /// last one always. They are dropped when there are twice as many.
  struct Bounds {
    std::size_t messages = capacity;
    std::size_t bytes = 128 * 1024;
  };
  static constexpr std::size_t capacity = 256;

  Recent() = default;
  explicit Recent(const Bounds& bounds) : bounds_(bounds) {}

  /// What `load` is to be given: as much as is kept.
  db::Query to_load(const std::string& channel) const {
    using enum db::Query::Direction;
    return {channel, {}, {}, bounds_.messages, newest_first, bounds_.bytes, newest_first};
  }

  /// Adds a message that was just kept. One that is not later than all others is known already, and ignored.
  void add(const db::Message& message);

  /// Puts what the store held before everything that was added, and drops nothing yet. `complete` says that
  /// it held no more.
  void load(std::vector<db::Message> stored, bool complete);

  /// There is no store: what is in memory is all there is, also when older messages leave it.
  void stand_alone() { alone_ = complete_ = true; }

  /// The answer to a question about this channel, as a store would give it; nothing if only the store can
  /// tell.
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
  std::size_t bytes() const { return bytes_; }
  /// True if there are as many as `to_load` would give.
  bool is_ample() const { return messages_.size() >= bounds_.messages || bytes_ >= bounds_.bytes; }
  /// True if this message, as the next one, pushes out older ones.
  bool is_full_for(const db::Message& next) const {
    return messages_.size() >= 2 * bounds_.messages || bytes_ + db::size_of(next) > 2 * bounds_.bytes;
  }

  /// Drops all of them. Without a store they are gone.
  void clear();
  bool stands_alone() const { return alone_; }

 private:
  bool reaches_back_to(const protocol::MessageId& after) const {
    return complete_ || (!messages_.empty() && messages_.front().id <= after);
  }

  void drop_older();

  Bounds bounds_;
  std::vector<db::Message> messages_;  ///< in the order of ids
  std::size_t bytes_ = 0;              ///< of all of them, see db::size_of
  bool complete_ = false;              ///< there are no others
  bool alone_ = false;                 ///< nor ever will be
};

}  // namespace troupe
