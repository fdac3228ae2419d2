#include "db/postgres_store.hpp"

#include "db/array_literal.hpp"
#include "db/id_range.hpp"
#include "db/postgres.hpp"
#include "db/postgres_error.hpp"
#include "db/postgres_lock.hpp"
#include "db/postgres_url.hpp"
#include "db/schema.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace troupe::db {

namespace {

using postgres::Connection;
using postgres::Failure;
using postgres::Result;
using protocol::MessageId;

/// Gives a new connection its statements. One of them is all that an operation sends, and so it is a
/// transaction by itself.
void prepare_statements(Connection& connection) {
  std::string all;
  const auto prepare = [&](const std::string& name, const std::string& sql) {
    all += "PREPARE " + name + " AS " + sql + ";";
  };
  const std::string select =
      "SELECT id, channel, nick, user_name, host, kind, body, client_tags, "
      "(extract(epoch FROM time) * 1000)::bigint FROM ";
  prepare(
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
      "FROM messages WHERE (channel, id) > ($1, $2::uuid) AND (channel, id) < ($1, $3::uuid) ";
  const std::string oldest = of_channel + "ORDER BY channel, id LIMIT $4";
  const std::string newest = of_channel + "ORDER BY channel DESC, id DESC LIMIT $4";
  // Those of `meant` that are sent until they reach $5 bytes, in this order; as `size_of` and `cut` have it.
  const auto first_of = [&](const std::string& meant, const std::string& order) {
    return select + "(SELECT *, sum(" + std::to_string(message_overhead) +
           " + octet_length(channel) + octet_length(nick) + octet_length(user_name) + octet_length(host) + "
           "octet_length(body) + octet_length(client_tags)) OVER (ORDER BY " +
           order + " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS sent FROM (SELECT * " + meant +
           ") AS meant) AS counted WHERE coalesce(sent, 0) < $5 ORDER BY id";
  };
  prepare("read_oldest", first_of(oldest, "id"));
  prepare("read_newest", first_of(newest, "id"));
  prepare("read_latest", first_of(newest, "id DESC"));
  prepare("ids_of_oldest", "SELECT id " + oldest);
  prepare("ids_of_newest", "SELECT id " + newest);
  prepare("oldest", select + "messages WHERE id > $2::uuid ORDER BY id LIMIT $1");
  prepare("newest", "SELECT id FROM messages ORDER BY id DESC LIMIT 1");
  prepare("remove_before",
          "WITH oldest AS MATERIALIZED (SELECT id, time FROM messages "
          "WHERE time <= to_timestamp($3::bigint / 1000.0) ORDER BY id LIMIT $2) "
          "DELETE FROM messages WHERE id = ANY (ARRAY "
          "(SELECT id FROM oldest WHERE time < to_timestamp($1::bigint / 1000.0)))");
  prepare("remove", "DELETE FROM messages WHERE id = ANY ($1::uuid[])");
  connection.execute(all);  // at once: a database may be far away
}

/// What each connection begins with. A server may be set to answer before a commit is durable: not to us. And
/// it is to notice soon when our host is gone, since a dead connection may hold locks.
constexpr auto session_settings =
    "SET client_encoding = 'UTF8'; SET statement_timeout = '10s'; "
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; "
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = "
    "'off'";

[[noreturn]] void refuse(const std::string& why) {
  throw StoreError(StoreError::Reason::refused, "PostgreSQL: " + why);
}

void check_encoding(const Connection& connection) {
  const auto encoding = connection.parameter("server_encoding");
  if (encoding != "UTF8")
    refuse("the database's encoding is " + encoding +
           ", not UTF8 (CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0)");
}

/// What a database says of itself.
struct State {
  long version = 0;  ///< of its schema; 0: there is none
  std::string id;    ///< empty: it has none yet
};

State state_of(Connection& connection) {
  // Not to_regclass(): it may answer from a cache that knows nothing of a table that another server just
  // made.
  const auto tables = connection.execute(
      "SELECT count(*) FILTER (WHERE tablename = 'schema_version'), count(*) FILTER (WHERE tablename = "
      "'identity') "
      "FROM pg_tables WHERE schemaname = ANY (current_schemas(false))");
  State state;
  if (tables.integer(0, 0) == 0) return state;
  const std::string id = tables.integer(0, 1) == 0 ? "''" : "(SELECT coalesce(max(id), '') FROM identity)";
  const auto row = connection.execute("SELECT coalesce(max(version), 0), " + id + " FROM schema_version");
  return {static_cast<long>(row.integer(0, 0)), row.text(0, 1)};
}

/// Brings the schema from this state up to date, and says what the database is then.
State migrate(Connection& connection, State state) {
  if (pending(postgresql_migrations(), state.version).empty()) return state;
  // If anything fails here the connection is given up, and the transaction with it.
  connection.execute("BEGIN; SET LOCAL statement_timeout = 0");
  connection.execute("SELECT pg_advisory_xact_lock(128034845061221)");  // "troupe" in ASCII
  for (const Migration& migration : pending(postgresql_migrations(), state_of(connection).version)) {
    connection.execute(std::string(migration.sql));
    connection.execute(
        "INSERT INTO schema_version (version) SELECT coalesce(max(version), 0) + 1 FROM schema_version");
  }
  connection.execute("COMMIT");
  return state_of(connection);
}

MessageId id_in(const std::string& text) {
  const auto id = protocol::parse_message_id(text);
  if (!id) refuse("an id in the database is none");
  return *id;
}

std::vector<Message> messages_in(const Result& rows) {
  std::vector<Message> messages;
  messages.reserve(static_cast<std::size_t>(rows.rows()));
  for (int i = 0; i < rows.rows(); ++i)
    messages.push_back({id_in(rows.text(i, 0)), rows.text(i, 1), rows.text(i, 2), rows.text(i, 3),
                        rows.text(i, 4), static_cast<Kind>(rows.integer(i, 5)), rows.text(i, 6),
                        rows.text(i, 7), protocol::Time(std::chrono::milliseconds(rows.integer(i, 8)))});
  return messages;
}

std::string array_of(std::span<const MessageId> ids) {
  ArrayLiteral array;
  for (const MessageId& id : ids) array.add_plain(to_string(id));
  return array.render();
}

/// A limit as PostgreSQL takes it.
std::string row_count(std::size_t limit) {
  return std::to_string(std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}

/// What the statement of a query has as its first parameters.
std::vector<std::string> parameters_of(const Query& query) {
  return {query.channel, to_string(query.after.value_or(lowest_id)),
          to_string(query.before.value_or(highest_id)), row_count(query.limit)};
}

class PostgresStore final : public HomeStore {
 public:
  PostgresStore(const std::string& url, HomeSetup setup)
      : url_(connection_url(url)), setup_(std::move(setup)) {
    if (!setup_.line) setup_.line = std::make_shared<Lifeline>();
  }

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
    run("append", {ids.render(), channels.render(), nicks.render(), users.render(), hosts.render(),
                   kinds.render(), texts.render(), client_tags.render(), times.render()});
  }

  std::vector<Message> read(const Query& query) override {
    const bool oldest_first = query.from == Query::Direction::oldest_first;
    auto parameters = parameters_of(query);
    parameters.push_back(row_count(std::max<std::size_t>(query.bytes, 1)));
    return messages_in(run(oldest_first           ? "read_oldest"
                           : query.wants_latest() ? "read_latest"
                                                  : "read_newest",
                           parameters));
  }

  std::vector<MessageId> ids(const Query& query) override {
    const bool oldest_first = query.from == Query::Direction::oldest_first;
    const Result rows = run(oldest_first ? "ids_of_oldest" : "ids_of_newest", parameters_of(query));
    std::vector<MessageId> ids;
    for (int i = 0; i < rows.rows(); ++i) ids.push_back(id_in(rows.text(i, 0)));
    if (!oldest_first) std::ranges::reverse(ids);
    return ids;
  }

  std::vector<Message> oldest(std::size_t limit, const MessageId& after) override {
    return messages_in(run("oldest", {row_count(limit), to_string(after)}));
  }

  std::optional<MessageId> newest() override {
    const Result rows = run("newest");
    if (rows.rows() == 0) return std::nullopt;
    return id_in(rows.text(0, 0));
  }

  std::size_t remove_before(protocol::Time time, std::size_t limit, protocol::Time now) override {
    const auto milliseconds = [](protocol::Time moment) {
      const auto first = protocol::Time{}, last = highest_id.time();  // what a timestamp surely holds
      return std::to_string(std::clamp(moment, first, last).time_since_epoch().count());
    };
    return run("remove_before", {milliseconds(time), row_count(limit), milliseconds(now)}).affected();
  }

  void remove(std::span<const MessageId> ids) override {
    if (!ids.empty()) run("remove", {array_of(ids)});
  }

  std::string id() override {
    setup_.line->begin();
    connected();
    return setup_.id;
  }

  void hold(std::shared_ptr<Lifeline> line) override {
    setup_.line = std::move(line);
    if (connection_) connection_->hold(setup_.line);
  }

 private:
  Result run(const char* statement, const std::vector<std::string>& parameters = {}) {
    setup_.line->begin();
    Connection& connection = connected();
    try {
      return connection.execute_prepared(statement, parameters);
    } catch (const Failure& failure) {
      if (failure.sqlstate().empty()) connection_.reset();
      throw statement_error(failure.sqlstate(), failure.what());
    }
  }

  /// The connection, made anew if there is none or it was lost.
  Connection& connected() {
    if (connection_ && connection_->is_lost()) connection_.reset();
    if (!connection_) connect();
    return *connection_;
  }

  void connect() {
    Connection connection(url_, setup_.line);
    try {
      check_encoding(connection);
      connection.execute(session_settings);
      if (!setup_.installation.empty()) take_lock(connection, setup_.installation, *setup_.line);
      const auto found = state_of(connection);
      if (!setup_.id.empty() && found.id != setup_.id)
        refuse("another database than before is at this address");
      setup_.id = migrate(connection, found).id;
      prepare_statements(connection);
    } catch (const Failure& failure) {
      throw set_up_error(failure.sqlstate(), failure.what());
    }
    connection_ = std::move(connection);
  }

  std::string url_;
  HomeSetup setup_;
  std::optional<Connection> connection_;
};

}  // namespace

std::unique_ptr<HomeStore> open_postgres(const std::string& url, HomeSetup setup) {
  return std::make_unique<PostgresStore>(url, std::move(setup));
}

}  // namespace troupe::db
