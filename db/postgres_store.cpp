#include "db/postgres_store.hpp"

#include "db/array_literal.hpp"
#include "db/id_range.hpp"
#include "db/postgres_error.hpp"
#include "db/postgres_url.hpp"
#include "db/schema.hpp"

#include <pqxx/pqxx>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <poll.h>
#include <type_traits>
#include <utility>

namespace troupe::db {

namespace {

using protocol::MessageId;

/// Gives a new connection its statements. One of them is all that an operation sends, and so it is a
/// transaction by itself.
void prepare_statements(pqxx::connection& connection) {
  const std::string select =
      "SELECT id, channel, nick, user_name, host, kind, body, client_tags, "
      "(extract(epoch FROM time) * 1000)::bigint FROM messages ";
  connection.prepare(
      "append",
      "INSERT INTO messages (id, channel, nick, user_name, host, kind, body, client_tags, time) "
      "SELECT id, channel, nick, user_name, host, kind, body, client_tags, to_timestamp(time / 1000.0) "
      "FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::text[], "
      "$8::text[], $9::bigint[]) "
      "AS given (id, channel, nick, user_name, host, kind, body, client_tags, time) ON CONFLICT DO NOTHING");
  // Comparing (channel, id) as a pair leaves the planner one index that has the rows in order. With channel
  // = $1 it may prefer to go through all channels' messages by id, which takes seconds for a channel that
  // is rarely used.
  const std::string of_channel =
      select + "WHERE (channel, id) > ($1, $2::uuid) AND (channel, id) < ($1, $3::uuid) ";
  connection.prepare("read_oldest", of_channel + "ORDER BY channel, id LIMIT $4");
  connection.prepare("read_newest", of_channel + "ORDER BY channel DESC, id DESC LIMIT $4");
  connection.prepare("oldest", select + "WHERE id > $2::uuid ORDER BY id LIMIT $1");
  connection.prepare("newest", "SELECT id FROM messages ORDER BY id DESC LIMIT 1");
  // By an array of ids, since the planner can't know how few are up to one of them.
  connection.prepare(
      "remove_before",
      "WITH oldest AS MATERIALIZED (SELECT id, time FROM messages ORDER BY id LIMIT $2) "
      "DELETE FROM messages WHERE id = ANY (ARRAY (SELECT id FROM oldest WHERE id <= "
      "(SELECT id FROM oldest WHERE time < to_timestamp($1::bigint / 1000.0) ORDER BY id DESC LIMIT 1)))");
  connection.prepare("remove", "DELETE FROM messages WHERE id = ANY ($1::uuid[])");
}

/// What each connection begins with. A server may be set to answer before a commit is durable: not to us.
constexpr auto session_settings =
    "SET client_encoding = 'UTF8'; SET statement_timeout = '10s'; "
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = "
    "'off'";

long schema_version(pqxx::transaction_base& transaction) {
  // Not to_regclass(): it may answer from a cache that knows nothing of a table that another server just
  // made.
  const auto* table =
      "SELECT FROM pg_tables WHERE tablename = 'schema_version' AND schemaname = ANY "
      "(current_schemas(false))";
  if (transaction.exec(table).empty()) return 0;
  return transaction.exec("SELECT coalesce(max(version), 0) FROM schema_version")[0][0].as<long>();
}

void migrate(pqxx::connection& connection) {
  {
    pqxx::nontransaction transaction(connection);
    if (pending(postgresql_migrations(), schema_version(transaction)).empty()) return;
  }
  pqxx::work transaction(connection);
  transaction.exec("SET LOCAL statement_timeout = 0");
  transaction.exec("SELECT pg_advisory_xact_lock(128034845061221)");  // "troupe" in ASCII
  const long version = schema_version(transaction);
  for (const Migration& migration : pending(postgresql_migrations(), version)) {
    transaction.exec(std::string(migration.sql));
    transaction.exec(
        "INSERT INTO schema_version (version) SELECT coalesce(max(version), 0) + 1 FROM schema_version");
  }
  transaction.commit();
}

void set_up(pqxx::connection& connection) {
  pqxx::nontransaction(connection).exec(session_settings);
  migrate(connection);
  prepare_statements(connection);
}

/// Whether the server has something to say between two operations, which means that it has closed the
/// connection.
bool has_hung_up(int socket) {
  pollfd readable{socket, POLLIN, 0};
  return ::poll(&readable, 1, 0) != 0;
}

MessageId id_in(const pqxx::field& field) {
  const auto id = protocol::parse_message_id(field.c_str());
  if (!id) throw StoreError(StoreError::Reason::refused, "PostgreSQL: an id in the database is none");
  return *id;
}

Message message_in(const pqxx::row& row) {
  return {
      id_in(row[0]),  row[1].c_str(), row[2].c_str(),
      row[3].c_str(), row[4].c_str(), static_cast<Kind>(row[5].as<int>()),
      row[6].c_str(), row[7].c_str(), protocol::Time(std::chrono::milliseconds(row[8].as<std::int64_t>()))};
}

std::vector<Message> messages_in(const pqxx::result& rows) {
  std::vector<Message> messages;
  messages.reserve(rows.size());
  for (const auto& row : rows) messages.push_back(message_in(row));
  return messages;
}

std::string array_of(std::span<const MessageId> ids) {
  ArrayLiteral array;
  for (const MessageId& id : ids) array.add_plain(to_string(id));
  return array.render();
}

/// `limit` as PostgreSQL takes it.
std::int64_t row_count(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}

class PostgresStore final : public Store {
 public:
  PostgresStore(const std::string& url, std::shared_ptr<Lifeline> line)
      : url_(connection_url(url)), line_(std::move(line)) {}

  void append(std::span<const Message> messages) override {
    ArrayLiteral ids, channels, nicks, users, hosts, kinds, texts, client_tags, times;
    for (const Message& message : messages) {
      ids.add_plain(to_string(message.id));
      channels.add_text(message.channel);
      nicks.add_text(message.nick);
      users.add_text(message.user);
      hosts.add_text(message.host);
      kinds.add_plain(std::to_string(static_cast<int>(message.kind)));
      texts.add_text(message.text);
      client_tags.add_text(message.client_tags);
      times.add_plain(std::to_string(message.time.time_since_epoch().count()));
    }
    run("append", ids.render(), channels.render(), nicks.render(), users.render(), hosts.render(),
        kinds.render(), texts.render(), client_tags.render(), times.render());
  }

  std::vector<Message> read(const Query& query) override {
    const bool oldest_first = query.from == Query::Direction::oldest_first;
    const pqxx::result rows = run(oldest_first ? "read_oldest" : "read_newest", query.channel,
                                  to_string(query.after.value_or(lowest_id)),
                                  to_string(query.before.value_or(highest_id)), row_count(query.limit));
    auto messages = messages_in(rows);
    if (!oldest_first) std::ranges::reverse(messages);
    return messages;
  }

  std::vector<Message> oldest(std::size_t limit, const MessageId& after) override {
    return messages_in(run("oldest", row_count(limit), to_string(after)));
  }

  std::optional<MessageId> newest() override {
    const pqxx::result rows = run("newest");
    if (rows.empty()) return std::nullopt;
    return id_in(rows[0][0]);
  }

  std::size_t remove_before(protocol::Time time, std::size_t limit) override {
    const auto first = protocol::Time{}, last = highest_id.time();  // what a timestamp surely holds
    const auto milliseconds = std::clamp(time, first, last).time_since_epoch().count();
    return run("remove_before", milliseconds, row_count(limit)).affected_rows();
  }

  void remove(std::span<const MessageId> ids) override {
    if (!ids.empty()) run("remove", array_of(ids));
  }

 private:
  template <class... Parameters>
  pqxx::result run(const char* statement, const Parameters&... parameters) {
    pqxx::connection& connection = connected();
    try {
      return pqxx::nontransaction(connection).exec_prepared(statement, parameters...);
    } catch (const pqxx::sql_error& error) {
      // What ends the session, such as a crash of the server, may also end it after a commit.
      throw statement_error(connection.is_open() ? error.sqlstate() : "", error.what());
    } catch (const pqxx::failure& error) {  // broken_connection and in_doubt_error among them
      throw statement_error("", connection.is_open() ? error.what() : "the connection was lost");
    }
  }

  /// The connection, made anew if there is none or it was lost.
  pqxx::connection& connected() {
    if (connection_ && (!connection_->is_open() || has_hung_up(connection_->sock()))) connection_.reset();
    if (!connection_) connect();
    return *connection_;
  }

  void connect() {
    try {
      connection_.emplace(url_);
      if (line_) line_->attach(connection_->sock());
    } catch (const pqxx::failure& error) {
      throw connect_error(error.what());
    }
    try {
      set_up(*connection_);
    } catch (const pqxx::sql_error& error) {
      connection_.reset();
      throw set_up_error(error.sqlstate(), error.what());
    } catch (const pqxx::failure& error) {
      connection_.reset();
      throw set_up_error("", "the connection was lost");
    } catch (...) {
      connection_.reset();
      throw;
    }
  }

  std::string url_;
  std::shared_ptr<Lifeline> line_;  ///< may be null
  std::optional<pqxx::connection> connection_;
};

}  // namespace

std::unique_ptr<Store> open_postgres(const std::string& url, std::shared_ptr<Lifeline> line) {
  return std::make_unique<PostgresStore>(url, std::move(line));
}

}  // namespace troupe::db
