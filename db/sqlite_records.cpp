#include "db/sqlite_home.hpp"

#include <utility>

namespace troupe::db {

namespace {

using sqlite::Execution;
using sqlite::Statement;
using sqlite::Transaction;

class SqliteRecords final : public Records {
 public:
  SqliteRecords(const std::string& file, const HomeSetup& setup)
      : lock_(setup.lock), database_(open_home_file(file, setup)) {}

  std::vector<ChannelLife> lives() override {
    database_.begin();
    std::vector<ChannelLife> lives;
    Execution rows(lives_);
    while (rows.next()) lives.push_back({rows.text(0), rows.id(1), rows.integer(2) != 0});
    return lives;
  }

  void keep(std::span<const ChannelLife> lives) override {
    database_.begin();
    Transaction transaction(database_);
    for (const ChannelLife& life : lives) {
      if (life.is_plain())
        Execution(forget_life_).bind(1, life.channel).next();
      else
        Execution(keep_life_).bind(1, life.channel).bind(2, life.begins).bind(3, life.closed ? 1 : 0).next();
      if (life.channel.empty()) Execution(forget_older_).bind(1, life.begins).next();
    }
    transaction.commit();
  }

  void hold(std::shared_ptr<Lifeline> line) override { database_.hold(std::move(line)); }

 private:
  std::shared_ptr<FileLock> lock_;  ///< outlives what is opened under it; may be null
  sqlite::Database database_;
  Statement lives_{database_, "SELECT channel, begins, closed FROM channel_lives"};
  Statement keep_life_{database_,
                       "INSERT OR REPLACE INTO channel_lives (channel, begins, closed) VALUES (?, ?, ?)"};
  Statement forget_life_{database_, "DELETE FROM channel_lives WHERE channel = ?"};
  Statement forget_older_{database_,
                          "DELETE FROM channel_lives WHERE channel <> '' AND begins <= ? AND NOT closed"};
};

}  // namespace

std::unique_ptr<Records> open_sqlite_records(const std::string& file, const HomeSetup& setup) {
  return std::make_unique<SqliteRecords>(file, setup);
}

}  // namespace troupe::db
