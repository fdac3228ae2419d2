#pragma once

#include "protocol/message_id.hpp"

#include <chrono>
#include <optional>

namespace troupe::db {

/// Ids are reserved some seconds ahead of those in use, so that after a restart later ones are larger,
/// whatever the clock says then and wherever the messages are. A busy server reserves every few seconds, an
/// idle one never.
class Reservation {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// A message has this id, which is larger than those before.
  void use(const protocol::MessageId& id) { newest_ = id; }

  /// Whether that message may be shown: its id is reserved; or can't be, which is no reason to be silent.
  bool covers() const { return newest_ < mark_ || failing_; }

  /// What should be reserved now: the mark below which ids may be used. Nothing while enough is left, while
  /// one is being reserved, and for a while after that failed.
  std::optional<protocol::MessageId> due(Time now) const;

  void begun(const protocol::MessageId& mark) { asked_ = mark; }
  /// What was begun is durable.
  void made();
  /// What was begun could not be done. Whether this is news: it did not fail the last time.
  bool failed(Time now);
  /// It takes longer than anybody should wait. Whether this is news.
  bool gave_up(Time now);

 private:
  protocol::MessageId newest_{};
  protocol::MessageId mark_{};  ///< durable
  std::optional<protocol::MessageId> asked_;
  bool failing_ = false;
  Time retry_at_{};
};

}  // namespace troupe::db
