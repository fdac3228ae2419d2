#pragma once

#include "db/schema.hpp"
#include "db/sqlite.hpp"
#include "db/store.hpp"

#include <memory>
#include <span>
#include <string>

namespace troupe::db {

/// A store in one SQLite file, made if it is missing; ":memory:" is one that lives as long as the object. The
/// file may be open in several stores at once: readers and the one writer of the moment do not wait for each
/// other.
std::unique_ptr<Store> open_sqlite(const std::string& file);

/// The database in `file`, so that what has been committed survives a power failure, and its schema brought
/// up to date by these migrations.
sqlite::Database open_database(const std::string& file, std::span<const Migration> migrations);

/// The messages in a SQLite database.
class SqliteStore final : public Store {
 public:
  /// `oldest` gives only messages for which `condition` holds.
  explicit SqliteStore(sqlite::Database database, const std::string& condition = "true");

  void append(std::span<const Message> messages) override;
  std::vector<Message> read(const Query& query) override;
  std::vector<Message> oldest(std::size_t limit, const protocol::MessageId& after) override;
  std::optional<protocol::MessageId> newest() override;
  std::size_t remove_before(protocol::Time time, std::size_t limit) override;
  void remove(std::span<const protocol::MessageId> ids) override;

  sqlite::Database& database() { return database_; }

 private:
  /// A statement that gives whole messages, those for which `condition` holds.
  sqlite::Statement select(const std::string& condition);

  sqlite::Database database_;
  sqlite::Statement insert_;
  sqlite::Statement read_oldest_;
  sqlite::Statement read_newest_;
  sqlite::Statement oldest_;
  sqlite::Statement newest_;
  sqlite::Statement remove_before_;
  sqlite::Statement remove_;
};

}  // namespace troupe::db
