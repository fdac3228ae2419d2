#include "db/id_mark.hpp"
#include "db/schema.hpp"
#include "db/spool.hpp"
#include "db/sqlite_file.hpp"
#include "db/sqlite_log.hpp"

#include <chrono>
#include <unistd.h>
#include <utility>

namespace troupe::db {

namespace {

using protocol::MessageId;
using sqlite::Database;
using sqlite::Execution;
using sqlite::Statement;
using sqlite::Transaction;

/// How long another program's lock on the file is waited for: somebody who looks into it, say.
constexpr std::chrono::seconds patience{5};

Database open_database(const std::string& file) {
  Database database(file, nullptr, patience);
  check_role(database, Role::spool);
  configure(database);
  migrate(database, spool_schemas());
  return database;
}

/// The first column of a query's only row, as a number.
std::int64_t number(const Database& database, const std::string& sql) {
  const Statement statement(database, sql);
  Execution row(statement);
  row.next();
  return row.integer(0);
}

std::optional<Home> home_in(const Statement& statement) {
  Execution row(statement);
  if (!row.next()) return std::nullopt;
  return Home{row.text(0), row.text(1)};
}

constexpr auto select_home = "SELECT id, address FROM home";

class SqliteSpool final : public SqliteLog<Spool> {
 public:
  SqliteSpool(const std::string& file, std::shared_ptr<FileLock> lock)
      : SqliteLog(std::move(lock), open_database(file), "NOT set_aside"), mark_(file + ".ids") {}

  void set_aside(std::span<const MessageId> ids) override {
    Transaction transaction(database_);
    for (const MessageId& id : ids) Execution(set_aside_).bind(1, id).next();
    transaction.commit();
  }

  void reserve(const MessageId& up_to) override {
    if (up_to > mark_.read()) mark_.write(up_to);
  }

  std::optional<MessageId> reserved() override { return mark_.read(); }

  std::optional<Home> home() override { return home_in(home_); }

  void dedicate(const Home& home) override {
    Transaction transaction(database_);
    database_.execute("DELETE FROM home");
    Execution(dedicate_).bind(1, home.id).bind(2, home.address).next();
    transaction.commit();
  }

 private:
  Statement set_aside_{database_, "UPDATE messages SET set_aside = 1 WHERE id = ?"};
  IdMark mark_;  ///< in a file of its own, as it has to be written on a full disk, too
  Statement home_{database_, select_home};
  Statement dedicate_{database_, "INSERT INTO home (id, address) VALUES (?, ?)"};
};

}  // namespace

std::unique_ptr<Spool> open_spool(const std::string& file, std::shared_ptr<FileLock> lock) {
  return std::make_unique<SqliteSpool>(file, std::move(lock));
}

std::string spool_id(const std::string& file) { return id_of(Database(file, nullptr, patience)); }

std::size_t spool_size(const std::string& file) {
  return static_cast<std::size_t>(number(Database(file, nullptr, patience), "SELECT count(*) FROM messages"));
}

struct FullSpool::Open {
  explicit Open(const std::string& file) : database(file, nullptr, patience) {
    // So SQLite keeps in memory where in the write-ahead log what stands, instead of in a file beside it.
    database.execute("PRAGMA locking_mode = EXCLUSIVE");
    check_role(database, Role::spool);
    is_new = !id_of(database).empty();
  }

  Database database;
  bool is_new = false;  ///< its schema is not that of the first release
  std::optional<SqliteMessages> messages;
};

FullSpool::FullSpool(const std::string& file) : open_(std::make_unique<Open>(file)) {
  if (number(open_->database, "SELECT count(*) FROM sqlite_schema WHERE name = 'messages'") > 0)
    open_->messages.emplace(open_->database, open_->is_new ? "NOT set_aside" : "true");
}

FullSpool::~FullSpool() = default;

std::string FullSpool::id() const { return id_of(open_->database); }

std::optional<Home> FullSpool::home() const {
  if (!open_->is_new) return std::nullopt;
  return home_in(Statement(open_->database, select_home));
}

std::size_t FullSpool::size() const {
  if (!open_->messages) return 0;
  return static_cast<std::size_t>(number(open_->database, "SELECT count(*) FROM messages"));
}

bool FullSpool::has_set_aside() const {
  return open_->is_new && number(open_->database, "SELECT count(*) FROM messages WHERE set_aside") > 0;
}

std::vector<Message> FullSpool::oldest(std::size_t limit, const MessageId& after) {
  if (!open_->messages) return {};
  return open_->messages->oldest(limit, after);
}

void clear_spool(const std::string& file, FileLock& lock) {
  // The log first: without it the file is an older state of the spool, and with it an emptied file is none.
  for (const auto* suffix : {"-wal", "-shm"}) ::unlink((file + suffix).c_str());
  lock.truncate();
}

}  // namespace troupe::db
