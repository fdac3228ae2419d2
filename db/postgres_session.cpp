#include "db/postgres_session.hpp"

#include "db/postgres_error.hpp"
#include "db/postgres_lock.hpp"
#include "db/postgres_url.hpp"
#include "db/schema.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <utility>

namespace troupe::db {

namespace {

using postgres::Connection;
using postgres::Failure;
using postgres::Result;

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
  std::vector<long> versions;  ///< of each schema; 0: there is none
  std::string id;              ///< empty: it has none yet
};

State state_of(Connection& connection) {
  // Not to_regclass(): it may answer from a cache that knows nothing of a table that another server just
  // made.
  const auto rows =
      connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = ANY (current_schemas(false))");
  std::set<std::string> tables;
  for (int i = 0; i < rows.rows(); ++i) tables.insert(rows.text(i, 0));

  std::string all;
  for (const Schema& schema : postgresql_home_schemas()) {
    const std::string table(schema.version_table);
    all += tables.contains(table) ? "(SELECT coalesce(max(version), 0) FROM " + table + "), " : "0, ";
  }
  // Without a version the database is to be made yet, whatever a dump has brought.
  const bool has_id = tables.contains("identity") && tables.contains("schema_version");
  all += has_id ? "(SELECT coalesce(max(id), '') FROM identity)" : "''";
  const auto row = connection.execute("SELECT " + all);
  State state;
  int column = 0;
  for ([[maybe_unused]] const Schema& schema : postgresql_home_schemas())
    state.versions.push_back(static_cast<long>(row.integer(0, column++)));
  state.id = row.text(0, column);
  return state;
}

using Migrations = std::vector<std::pair<std::string, const Migration*>>;

/// The migrations that a database in this state has yet to go through, each with its table of versions.
Migrations missing(const State& state) {
  Migrations all;
  for (std::size_t i = 0; i < state.versions.size(); ++i) {
    const auto& schema = postgresql_home_schemas()[i];
    for (const Migration& migration : pending(schema, state.versions[i]))
      all.emplace_back(schema.version_table, &migration);
  }
  return all;
}

/// Brings the schemas from this state up to date, and says what the database is then.
State migrate(Connection& connection, State state) {
  if (missing(state).empty()) return state;
  // If anything fails here the connection is given up, and the transaction with it.
  connection.execute("BEGIN; SET LOCAL statement_timeout = 0");
  connection.execute("SELECT pg_advisory_xact_lock(128034845061221)");  // "troupe" in ASCII
  for (const auto& [table, migration] : missing(state_of(connection))) {
    connection.execute(std::string(migration->sql));
    connection.execute(note_version_in(table));
  }
  connection.execute("COMMIT");
  return state_of(connection);
}

/// What the lock is called.
std::string name_of(PostgresSession::Purpose purpose) {
  return purpose == PostgresSession::Purpose::messages ? "home" : "records";
}

}  // namespace

PostgresSession::PostgresSession(const std::string& url, HomeSetup setup, Purpose purpose,
                                 std::string statements)
    : url_(connection_url(url)),
      setup_(std::move(setup)),
      purpose_(purpose),
      statements_(std::move(statements)) {
  if (!setup_.line) setup_.line = std::make_shared<Lifeline>();
}

Result PostgresSession::run(const char* statement, const std::vector<std::string>& parameters) {
  setup_.line->begin();
  Connection& connection = connected();
  try {
    return connection.execute_prepared(statement, parameters);
  } catch (const Failure& failure) {
    if (failure.sqlstate().empty()) connection_.reset();
    throw statement_error(failure.sqlstate(), failure.what());
  }
}

std::string PostgresSession::id() {
  setup_.line->begin();
  connected();
  return setup_.id;
}

void PostgresSession::hold(std::shared_ptr<Lifeline> line) {
  setup_.line = std::move(line);
  if (connection_) connection_->hold(setup_.line);
}

/// The connection, made anew if there is none or it was lost.
Connection& PostgresSession::connected() {
  if (connection_ && connection_->is_lost()) connection_.reset();
  if (!connection_) connect();
  return *connection_;
}

void PostgresSession::connect() {
  Connection connection(url_, setup_.line);
  try {
    check_encoding(connection);
    connection.execute(session_settings);
    if (!setup_.installation.empty())
      take_lock(connection, name_of(purpose_), setup_.installation, *setup_.line);
    const auto found = state_of(connection);
    if (!setup_.id.empty() && found.id != setup_.id)
      refuse("another database than before is at this address");
    setup_.id = migrate(connection, found).id;
    connection.execute(statements_);  // at once: a database may be far away
  } catch (const Failure& failure) {
    throw set_up_error(failure.sqlstate(), failure.what());
  }
  connection_ = std::move(connection);
}

std::string row_count(std::size_t limit) {
  return std::to_string(std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}

protocol::MessageId id_in(const std::string& text) {
  const auto id = protocol::parse_message_id(text);
  if (!id) refuse("an id in the database is none");
  return *id;
}

}  // namespace troupe::db
