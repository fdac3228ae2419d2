#pragma once

#include "db/lifeline.hpp"

#include <chrono>
#include <cstdint>
#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

/// libpq's handles as values. Nothing here waits any longer than until the lifeline is cut.
namespace troupe::db::postgres {

/// What a statement failed of.
class Failure : public std::runtime_error {
 public:
  Failure(std::string sqlstate, const std::string& what)
      : std::runtime_error(what), sqlstate_(std::move(sqlstate)) {}

  /// Empty if the connection was lost with it: then nobody knows what became of the statement.
  const std::string& sqlstate() const { return sqlstate_; }

 private:
  std::string sqlstate_;
};

/// The rows that a statement gave. Rows and columns are counted from 0.
class Result {
 public:
  explicit Result(PGresult* handle) : handle_(handle) {}

  int rows() const { return PQntuples(handle_.get()); }
  std::string text(int row, int column) const;
  std::int64_t integer(int row, int column) const;
  bool boolean(int row, int column) const { return text(row, column) == "t"; }

  /// How many rows the statement inserted or removed.
  std::size_t affected() const;

 private:
  friend class Connection;

  struct Clear {
    void operator()(PGresult* handle) const { PQclear(handle); }
  };

  std::unique_ptr<PGresult, Clear> handle_;
};

class Connection {
 public:
  /// Connects as the URL says, within its connect_timeout. Throws StoreError.
  Connection(const std::string& url, std::shared_ptr<const Lifeline> line);

  /// Whether it can't be used any more. It may only turn out when it is used.
  bool is_lost() const;

  /// From now on this lifeline counts.
  void hold(std::shared_ptr<const Lifeline> line) { line_ = std::move(line); }

  /// What the server says about itself, such as "server_encoding"; empty if it does not.
  std::string parameter(const char* name) const;

  // All of these throw Failure.

  /// Runs statements, separated by semicolons; the last one's result.
  Result execute(const std::string& sql);
  /// Runs one statement with its parameters, $1 and so on.
  Result execute(const std::string& sql, const std::vector<std::string>& parameters);
  /// Runs one that was prepared under this name.
  Result execute_prepared(const char* name, const std::vector<std::string>& parameters);

 private:
  struct Finish {
    void operator()(PGconn* handle) const { PQfinish(handle); }
  };
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;

  bool wait(short events, Deadline deadline = {}) const;
  void check_sent(int sent);
  Result finish();
  [[noreturn]] void fail(const Result& result) const;
  [[noreturn]] void fail() const;

  std::unique_ptr<PGconn, Finish> handle_;
  std::shared_ptr<const Lifeline> line_;
};

}  // namespace troupe::db::postgres
