#pragma once

#include "db/store.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace troupe::db {

/// The home of messages, as a spool remembers it.
struct Home {
  std::string id;       ///< the database's own
  std::string address;  ///< its URL without password

  bool operator==(const Home&) const = default;
};

/// Where messages are kept on this machine while their home is away, and what has to be known of home then.
class Spool : public Store {
 public:
  /// From now on `oldest` does not give the messages with these ids: home refuses them for ever. They can
  /// still be read and removed.
  virtual void set_aside(std::span<const protocol::MessageId> ids) = 0;

  /// Remembers that ids up to `up_to` may have been used, wherever their messages are. It is durable when it
  /// returns. A smaller one than before changes nothing.
  virtual void reserve(const protocol::MessageId& up_to) = 0;
  virtual std::optional<protocol::MessageId> reserved() = 0;

  /// The home that its messages belong to, as `dedicate` said last.
  virtual std::optional<Home> home() = 0;
  virtual void dedicate(const Home& home) = 0;
};

/// The spool in this SQLite file, made if it is missing. Throws StoreError.
std::unique_ptr<Spool> open_spool(const std::string& file);

}  // namespace troupe::db
