#pragma once

#include "db/error.hpp"
#include "db/lifeline.hpp"
#include "protocol/message_id.hpp"

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

/// SQLite's handles as values. Everything here throws db::StoreError.
namespace troupe::db::sqlite {

/// A connection to a database file. A statement that finds the file locked waits for it, as long as
/// `patience` and until the lifeline is cut.
class Database {
 public:
  Database(const std::string& file, std::shared_ptr<Lifeline> line, std::chrono::milliseconds patience);

  /// A call begins, which the lifeline can cut.
  void begin() const { waiting_->line->begin(); }

  /// From now on this lifeline counts.
  void hold(std::shared_ptr<Lifeline> line) { waiting_->line = std::move(line); }

  const std::string& file() const { return file_; }

  /// Runs statements that return no rows, or whose rows don't matter.
  void execute(const std::string& sql);

  /// Lets readers and a writer work at the same time. The file stays so.
  void switch_to_write_ahead_log();

  /// How many rows the last statement inserted or removed.
  std::size_t changes() const { return static_cast<std::size_t>(sqlite3_changes64(handle_.get())); }

  /// Throws what the last failed call on this connection says.
  /// Where its disk fails, the reason is `io_error`.
  [[noreturn]] void fail(StoreError::Reason io_error = StoreError::Reason::unavailable) const;

 private:
  friend class Statement;
  friend class Transaction;

  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };

  /// How it waits for a lock; SQLite knows where this stands.
  struct Waiting {
    std::shared_ptr<Lifeline> line;
    std::chrono::milliseconds patience;
    std::chrono::steady_clock::time_point deadline;
  };
  static int wait(void* waiting, int count);

  std::string file_;
  std::unique_ptr<Waiting> waiting_;
  std::unique_ptr<sqlite3, Close> handle_;
};

/// A prepared statement. Its database must outlive it.
class Statement {
 public:
  Statement(const Database& database, const std::string& sql);

 private:
  friend class Execution;

  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };

  const Database& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// One run of a statement; it ends, and lets go of the snapshot that it reads, when the object does.
/// Parameters are counted from 1, columns from 0.
class Execution {
 public:
  explicit Execution(const Statement& statement) : statement_(statement) {}
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;
  ~Execution() { sqlite3_reset(handle()); }

  Execution& bind(int parameter, std::int64_t value);
  Execution& bind(int parameter, const protocol::MessageId& id);
  /// The text must live as long as the execution.
  Execution& bind(int parameter, const std::string& text);
  Execution& bind(int parameter, std::string&& text) = delete;

  /// Goes to the next row; false if there is none.
  bool next();

  std::int64_t integer(int column) const { return sqlite3_column_int64(handle(), column); }
  std::string text(int column) const;
  protocol::MessageId id(int column) const;

 private:
  sqlite3_stmt* handle() const { return statement_.handle_.get(); }
  void check(int result) const;

  const Statement& statement_;
};

/// A transaction that may write, rolled back unless it is committed.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) { database_.execute("BEGIN IMMEDIATE"); }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  void commit();

 private:
  Database& database_;
};

}  // namespace troupe::db::sqlite
