#pragma once

#include "db/home.hpp"
#include "protocol/message_id.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace troupe::db {

/// Where a channel's readable past begins.
struct ChannelLife {
  std::string channel;           ///< casefolded; empty: this holds for all channels
  protocol::MessageId begins{};  ///< only messages with larger ids can be read
  bool closed = false;           ///< its present life was at some time not open to everybody

  /// Nothing that a channel without a record would not have.
  bool is_plain() const { return !closed && begins == protocol::MessageId{}; }
  bool operator==(const ChannelLife&) const = default;
};

/// What is known besides messages: small things that change, at home only. One object is one connection, used
/// by one thread. Every operation may throw StoreError; after `unavailable` or `lost` the object reconnects
/// by itself when it is used again.
class Records {
 public:
  virtual ~Records() = default;

  /// What is known of all channels, in no order.
  virtual std::vector<ChannelLife> lives() = 0;

  /// Keeps all of these or none, each instead of what was known of the channel, whose record goes if it is
  /// plain, or says no more than that of all channels; durable when it returns. May be repeated.
  virtual void keep(std::span<const ChannelLife> lives) = 0;

  /// From now on this lifeline counts.
  virtual void hold(std::shared_ptr<Lifeline> line) = 0;
};

/// The records of the home that `url` names, see `open_home`. With an installation in the setup they are
/// this server's alone, as messages are.
std::unique_ptr<Records> open_records(const std::string& url, HomeSetup setup);

}  // namespace troupe::db
