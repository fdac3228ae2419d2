#pragma once

#include "db/store.hpp"

#include <optional>
#include <vector>

namespace troupe {

/// The latest messages of one channel, kept in memory so that most questions about its history need no store.
class Recent {
 public:
  /// How many messages are kept at least, once there were so many.
  static constexpr std::size_t capacity = 256;

  /// Adds a message that was just kept. One that is not later than all others is known already, and ignored.
  void add(const db::Message& message);

  /// Puts what the store held before everything that was added. `complete` says that it held no more.
  void load(std::vector<db::Message> stored, bool complete);

  /// There is no store: what is in memory is all there is, also when older messages leave it.
  void stand_alone() { alone_ = complete_ = true; }

  /// The answer to a question about this channel; nothing if only the store can tell.
  std::optional<std::vector<db::Message>> read(const db::Query& query) const;

  /// The last message's id.
  std::optional<protocol::MessageId> newest() const;

 private:
  std::vector<db::Message> messages_;  ///< in the order of ids
  bool complete_ = false;              ///< there are no others
  bool alone_ = false;                 ///< nor ever will be
};

}  // namespace troupe
