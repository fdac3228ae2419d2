#pragma once

#include "db/file_lock.hpp"
#include "db/message_log.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace troupe::db {

/// The home of messages, as a spool remembers it.
struct Home {
  std::string id;       ///< the database's own; empty if it is not known yet
  std::string address;  ///< its URL without password, see `address_of`

  bool operator==(const Home&) const = default;
};

/// Where messages are kept on this machine while their home is away, and what has to be known of home then.
class Spool : public MessageLog {
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

/// The spool in this SQLite file, made if it is missing. It keeps `lock` as long as it lives. Throws
/// StoreError; `refused` if the file is a home, or has messages and does not say that it is a spool.
std::unique_ptr<Spool> open_spool(const std::string& file, std::shared_ptr<FileLock> lock = nullptr);

/// What tells this spool from any other, and how many messages it holds. It has been opened before. Throw
/// StoreError.
std::string spool_id(const std::string& file);
std::size_t spool_size(const std::string& file);

/// A spool that can't be opened since its disk is full. It is read without needing space; nobody else may
/// have it open. Throws StoreError.
class FullSpool {
 public:
  explicit FullSpool(const std::string& file);
  ~FullSpool();

  /// As `spool_id`; empty if it is of the first release.
  std::string id() const;
  std::optional<Home> home() const;
  std::size_t size() const;
  bool has_set_aside() const;  ///< messages that home refuses

  /// As `MessageLog::oldest`.
  std::vector<Message> oldest(std::size_t limit, const protocol::MessageId& after);

 private:
  struct Open;
  std::unique_ptr<Open> open_;
};

/// Empties a spool of which nobody has anything open but this lock: all that was in it is home.
void clear_spool(const std::string& file, FileLock& lock);

}  // namespace troupe::db
