#include "db/sqlite_log.hpp"

#include "db/id_range.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

namespace troupe::db {

namespace {

using protocol::MessageId;
using sqlite::Database;
using sqlite::Execution;
using sqlite::Statement;
using sqlite::Transaction;

constexpr auto oldest_of_channel = "channel = ?1 AND id > ?2 AND id < ?3 ORDER BY id LIMIT ?4";
constexpr auto newest_of_channel = "channel = ?1 AND id > ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4";
constexpr auto columns = "id, channel, nick, user_name, host, kind, body, client_tags, time";

/// The message in a row of `columns`.
Message message_in(const Execution& row) {
  return {row.id(0),   row.text(1), row.text(2),
          row.text(3), row.text(4), static_cast<Kind>(row.integer(5)),
          row.text(6), row.text(7), protocol::Time(std::chrono::milliseconds(row.integer(8)))};
}

/// The first messages, until they reach so many bytes.
std::vector<Message> messages_in(Execution& rows,
                                 std::size_t bytes = std::numeric_limits<std::size_t>::max()) {
  std::vector<Message> messages;
  for (std::size_t read = 0; read < bytes && rows.next(); read += size_of(messages.back()))
    messages.push_back(message_in(rows));
  return messages;
}

/// `limit` as SQLite takes it.
std::int64_t row_count(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}

/// Gives the statement of a query its parameters.
void bind(Execution& execution, const Query& query) {
  execution.bind(1, query.channel)
      .bind(2, query.after.value_or(lowest_id))
      .bind(3, query.before.value_or(highest_id))
      .bind(4, row_count(query.limit));
}

}  // namespace

SqliteMessages::SqliteMessages(Database& database, const std::string& condition)
    : database_(database),
      insert_(database_, std::string("INSERT INTO messages (") + columns +
                             ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"),
      read_oldest_(select(oldest_of_channel)),
      // The subquery reads the index alone.
      read_newest_(
          select(std::string("channel = ?1 AND id < ?3 AND id >= (SELECT min(id) FROM (SELECT id FROM "
                             "messages WHERE ") +
                 newest_of_channel + ")) ORDER BY id")),
      read_latest_(select(newest_of_channel)),
      ids_of_oldest_(database_, std::string("SELECT id FROM messages WHERE ") + oldest_of_channel),
      ids_of_newest_(database_, std::string("SELECT id FROM messages WHERE ") + newest_of_channel),
      oldest_(select("id > ? AND " + condition + " ORDER BY id LIMIT ?")),
      newest_(database_, "SELECT id FROM messages ORDER BY id DESC LIMIT 1"),
      remove_before_(database_,
                     "DELETE FROM messages WHERE id IN (SELECT id FROM (SELECT id, time FROM messages "
                     "WHERE time <= ? ORDER BY id LIMIT ?) WHERE time < ?)"),
      remove_(database_, "DELETE FROM messages WHERE id = ?") {}

void SqliteMessages::append(std::span<const Message> messages) {
  Transaction transaction(database_);
  // Something has to be written, or else a full disk would not be noticed.
  if (messages.empty())
    database_.execute(
        "INSERT INTO identity (role, id) VALUES ('', ''); DELETE FROM identity WHERE role = ''");
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
        .bind(9, message.time.time_since_epoch().count())
        .next();
  }
  transaction.commit();
}

std::vector<Message> SqliteMessages::read(const Query& query) {
  const bool latest = query.wants_latest();
  const bool oldest_first = query.from == Query::Direction::oldest_first;
  Execution rows(oldest_first ? read_oldest_ : latest ? read_latest_ : read_newest_);
  bind(rows, query);
  auto messages = messages_in(rows, std::max<std::size_t>(query.bytes, 1));
  if (latest) std::ranges::reverse(messages);
  return messages;
}

std::vector<MessageId> SqliteMessages::ids(const Query& query) {
  const bool oldest_first = query.from == Query::Direction::oldest_first;
  Execution rows(oldest_first ? ids_of_oldest_ : ids_of_newest_);
  bind(rows, query);
  std::vector<MessageId> ids;
  while (rows.next()) ids.push_back(rows.id(0));
  if (!oldest_first) std::ranges::reverse(ids);
  return ids;
}

std::vector<Message> SqliteMessages::oldest(std::size_t limit, const MessageId& after) {
  Execution rows(oldest_);
  rows.bind(1, after).bind(2, row_count(limit));
  return messages_in(rows);
}

std::optional<MessageId> SqliteMessages::newest() {
  Execution row(newest_);
  if (!row.next()) return std::nullopt;
  return row.id(0);
}

std::size_t SqliteMessages::remove_before(protocol::Time time, std::size_t limit, protocol::Time now) {
  Transaction transaction(database_);
  Execution(remove_before_)
      .bind(1, now.time_since_epoch().count())
      .bind(2, row_count(limit))
      .bind(3, time.time_since_epoch().count())
      .next();
  const std::size_t removed = database_.changes();
  transaction.commit();
  return removed;
}

void SqliteMessages::remove(std::span<const MessageId> ids) {
  Transaction transaction(database_);
  for (const MessageId& id : ids) Execution(remove_).bind(1, id).next();
  transaction.commit();
}

Statement SqliteMessages::select(const std::string& condition) {
  return {database_, std::string("SELECT ") + columns + " FROM messages WHERE " + condition};
}

}  // namespace troupe::db
