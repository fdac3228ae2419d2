#pragma once

#include "db/message_log.hpp"

#include <string>

struct sqlite3;

namespace troupe::db::test {

/// A SQLite file of its own in a fresh directory, which goes with the object.
class SqlitePlace {
 public:
  SqlitePlace();
  SqlitePlace(const SqlitePlace&) = delete;
  SqlitePlace& operator=(const SqlitePlace&) = delete;
  ~SqlitePlace();

  /// Always.
  bool available() const { return true; }
  std::string url() const { return "sqlite:" + file(); }
  std::string file() const { return directory_ + "/troupe.db"; }

  /// Runs SQL past the store.
  void execute(const std::string& sql) const;

  /// As long as this lives nobody else can write to the file.
  class Locked {
   public:
    explicit Locked(const SqlitePlace& place);
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;
    ~Locked();

   private:
    sqlite3* database_ = nullptr;
  };

 private:
  std::string directory_;
};

/// A schema of its own in the database that TROUPE_TEST_POSTGRESQL names, dropped with the object.
class PostgresPlace {
 public:
  PostgresPlace();
  PostgresPlace(const PostgresPlace&) = delete;
  PostgresPlace& operator=(const PostgresPlace&) = delete;
  ~PostgresPlace();

  /// False, and said so on the terminal, if the variable is not set.
  bool available() const;
  std::string url() const { return url_with("options=-csearch_path%3D" + schema_); }
  /// The database's URL, which the tests share, with these parameters.
  std::string url_with(const std::string& parameters) const;

  const std::string& schema() const { return schema_; }

  /// Runs one statement that no transaction allows.
  static void administer(const std::string& sql);

  /// Runs SQL past the store; the first column of the first row, if there is one.
  std::string execute(const std::string& sql) const;

 private:
  std::string schema_;
};

/// A message in `channel` of so many milliseconds after 1970; `number` tells messages of one time apart.
Message message_at(long long milliseconds, std::string channel = "#lobby", unsigned number = 0);

/// The error that opening `url` ends in; throws another one if it succeeds.
StoreError error_of_opening(const std::string& url);

}  // namespace troupe::db::test
