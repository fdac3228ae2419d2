#pragma once

#include "db/home.hpp"
#include "db/postgres.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe::db {

/// A session with a home in PostgreSQL: connected when it is first used, and again when the connection was
/// lost; then it goes on only if it finds the same database. A new connection brings all schemas up to date.
class PostgresSession {
 public:
  /// What an installation locks the database for, see take_lock: a name.
  enum class Purpose { messages, records };

  /// `statements`, separated by semicolons, are carried out on each new connection: they prepare those that
  /// `run` names. Throws StoreError(refused) if the URL is malformed.
  PostgresSession(const std::string& url, HomeSetup setup, Purpose purpose, std::string statements);

  /// Runs a prepared statement: one is all that an operation sends, and so it is a transaction by itself.
  /// Throws StoreError.
  postgres::Result run(const char* statement, const std::vector<std::string>& parameters = {});

  /// The database's own id, see HomeLog.
  std::string id();

  /// From now on this lifeline counts.
  void hold(std::shared_ptr<Lifeline> line);

 private:
  postgres::Connection& connected();
  void connect();

  std::string url_;
  HomeSetup setup_;
  Purpose purpose_;
  std::string statements_;
  std::optional<postgres::Connection> connection_;
};

/// A limit as PostgreSQL takes it.
std::string row_count(std::size_t limit);

/// The id in a column of text; throws StoreError(refused) if it is none.
protocol::MessageId id_in(const std::string& text);

}  // namespace troupe::db
