#pragma once

#include "db/file_lock.hpp"
#include "db/message_log.hpp"
#include "db/sqlite.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace troupe::db {

/// The messages in a SQLite database.
class SqliteMessages {
 public:
  /// `oldest` gives only messages for which `condition` holds.
  SqliteMessages(sqlite::Database& database, const std::string& condition);

  void append(std::span<const Message> messages);
  std::vector<Message> read(const Query& query);
  std::vector<protocol::MessageId> ids(const Query& query);
  std::vector<Message> oldest(std::size_t limit, const protocol::MessageId& after);
  std::optional<protocol::MessageId> newest();
  std::size_t remove_before(protocol::Time time, std::size_t limit, protocol::Time now);
  void remove(std::span<const protocol::MessageId> ids);

 private:
  /// A statement that gives whole messages, those for which `condition` holds.
  sqlite::Statement select(const std::string& condition);

  sqlite::Database& database_;
  sqlite::Statement insert_;
  sqlite::Statement read_oldest_;
  sqlite::Statement read_newest_;
  sqlite::Statement read_latest_;
  sqlite::Statement ids_of_oldest_;
  sqlite::Statement ids_of_newest_;
  sqlite::Statement oldest_;
  sqlite::Statement newest_;
  sqlite::Statement remove_before_;
  sqlite::Statement remove_;
};

/// What a home and a spool have in common: a `MessageLog` whose messages are in a SQLite database.
template <class Interface>
class SqliteLog : public Interface {
 public:
  void append(std::span<const Message> messages) override { here().append(messages); }
  std::vector<Message> read(const Query& query) override { return here().read(query); }
  std::vector<protocol::MessageId> ids(const Query& query) override { return here().ids(query); }
  std::vector<Message> oldest(std::size_t limit, const protocol::MessageId& after) override {
    return here().oldest(limit, after);
  }
  std::optional<protocol::MessageId> newest() override { return here().newest(); }
  std::size_t remove_before(protocol::Time time, std::size_t limit, protocol::Time now) override {
    return here().remove_before(time, limit, now);
  }
  void remove(std::span<const protocol::MessageId> ids) override { here().remove(ids); }

 protected:
  SqliteLog(std::shared_ptr<FileLock> lock, sqlite::Database database, const std::string& condition)
      : lock_(std::move(lock)), database_(std::move(database)), messages_(database_, condition) {}

  /// Outlives what is opened under it; may be null.
  std::shared_ptr<FileLock> lock_;
  sqlite::Database database_;

 private:
  SqliteMessages& here() {
    database_.begin();
    return messages_;
  }

  SqliteMessages messages_;
};

}  // namespace troupe::db
