#include "db/sqlite_store.hpp"

#include "db/id_range.hpp"
#include "db/schema.hpp"
#include "db/sqlite.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

namespace troupe::db {

namespace {

using protocol::MessageId;
using sqlite::Database;
using sqlite::Execution;
using sqlite::Statement;
using sqlite::Transaction;

std::int64_t schema_version(const Database& database) {
  const Statement table(database, "SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'");
  if (!Execution(table).next()) return 0;
  const Statement version(database, "SELECT coalesce(max(version), 0) FROM schema_version");
  Execution run(version);
  run.next();
  return run.integer(0);
}

void migrate(Database& database) {
  Transaction transaction(database);
  const std::int64_t version = schema_version(database);
  for (const Migration& migration : pending(sqlite_migrations(), version)) {
    database.execute(std::string(migration.sql));
    database.execute(
        "INSERT INTO schema_version (version) SELECT coalesce(max(version), 0) + 1 FROM schema_version");
  }
  transaction.commit();
}

/// The database in `file` with its schema up to date, so that what has been committed survives a power
/// failure.
Database open_database(const std::string& file) {
  Database database(file);
  database.switch_to_write_ahead_log();
  database.execute("PRAGMA synchronous = FULL");
  database.execute("PRAGMA cache_size = -8192");         // KiB
  database.execute("PRAGMA wal_autocheckpoint = 4000");  // pages of 4 KiB
  migrate(database);
  return database;
}

constexpr auto columns = "id, channel, nick, user_name, host, kind, body, client_tags";

/// The message in a row of `columns`.
Message message_in(const Execution& row) {
  return {row.id(0),   row.text(1), row.text(2), row.text(3), row.text(4), static_cast<Kind>(row.integer(5)),
          row.text(6), row.text(7)};
}

std::vector<Message> messages_in(Execution& rows) {
  std::vector<Message> messages;
  while (rows.next()) messages.push_back(message_in(rows));
  return messages;
}

/// `limit` as SQLite takes it.
std::int64_t row_count(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(const std::string& file) : database_(open_database(file)) {}

  void append(std::span<const Message> messages) override {
    if (messages.empty()) return;
    Transaction transaction(database_);
    for (const Message& message : messages) {
      Execution(insert_)
          .bind(1, message.id)
          .bind(2, message.channel)
          .bind(3, message.nick)
          .bind(4, message.user)
          .bind(5, message.host)
          .bind(6, static_cast<std::int64_t>(message.kind))
          .bind(7, message.text)
          .bind(8, message.client_tags)
          .bind(9, message.id.time().time_since_epoch().count())
          .next();
    }
    transaction.commit();
  }

  std::vector<Message> read(const Query& query) override {
    const bool oldest_first = query.from == Query::Direction::oldest_first;
    Execution rows(oldest_first ? read_oldest_ : read_newest_);
    rows.bind(1, query.channel)
        .bind(2, query.after.value_or(lowest_id))
        .bind(3, query.before.value_or(highest_id))
        .bind(4, row_count(query.limit));
    auto messages = messages_in(rows);
    if (!oldest_first) std::ranges::reverse(messages);
    return messages;
  }

  std::vector<Message> oldest(std::size_t limit) override {
    Execution rows(oldest_);
    rows.bind(1, row_count(limit));
    return messages_in(rows);
  }

  std::optional<MessageId> newest() override {
    Execution row(newest_);
    if (!row.next()) return std::nullopt;
    return row.id(0);
  }

  std::size_t remove_before(protocol::Time time, std::size_t limit) override {
    Transaction transaction(database_);
    Execution(remove_before_).bind(1, first_id_at(time)).bind(2, row_count(limit)).next();
    const std::size_t removed = database_.changes();
    transaction.commit();
    return removed;
  }

  void remove(std::span<const MessageId> ids) override {
    Transaction transaction(database_);
    for (const MessageId& id : ids) Execution(remove_).bind(1, id).next();
    transaction.commit();
  }

 private:
  /// A statement that gives whole messages, those for which `condition` holds.
  Statement select(const std::string& condition) {
    return Statement(database_, std::string("SELECT ") + columns + " FROM messages WHERE " + condition);
  }

  Database database_;
  Statement insert_{database_, std::string("INSERT INTO messages (") + columns +
                                   ", time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"};
  Statement read_oldest_ = select("channel = ? AND id > ? AND id < ? ORDER BY id LIMIT ?");
  Statement read_newest_ = select("channel = ? AND id > ? AND id < ? ORDER BY id DESC LIMIT ?");
  Statement oldest_ = select("true ORDER BY id LIMIT ?");
  Statement newest_{database_, "SELECT id FROM messages ORDER BY id DESC LIMIT 1"};
  Statement remove_before_{
      database_,
      "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE id < ? ORDER BY id LIMIT ?)"};
  Statement remove_{database_, "DELETE FROM messages WHERE id = ?"};
};

}  // namespace

std::unique_ptr<Store> open_sqlite(const std::string& file) { return std::make_unique<SqliteStore>(file); }

}  // namespace troupe::db
