#include "db/spool.hpp"
#include "db/sqlite_store.hpp"

namespace troupe::db {

namespace {

using protocol::MessageId;
using sqlite::Database;
using sqlite::Execution;
using sqlite::Statement;
using sqlite::Transaction;

class SqliteSpool final : public Spool {
 public:
  explicit SqliteSpool(const std::string& file)
      : messages_(open_database(file, spool_migrations()), "NOT set_aside") {}

  void append(std::span<const Message> messages) override { messages_.append(messages); }
  std::vector<Message> read(const Query& query) override { return messages_.read(query); }
  std::vector<Message> oldest(std::size_t limit, const MessageId& after) override {
    return messages_.oldest(limit, after);
  }
  std::optional<MessageId> newest() override { return messages_.newest(); }
  std::size_t remove_before(protocol::Time time, std::size_t limit) override {
    return messages_.remove_before(time, limit);
  }
  void remove(std::span<const MessageId> ids) override { messages_.remove(ids); }

  void set_aside(std::span<const MessageId> ids) override {
    Transaction transaction(database_);
    for (const MessageId& id : ids) Execution(set_aside_).bind(1, id).next();
    transaction.commit();
  }

  void reserve(const MessageId& up_to) override {
    Transaction transaction(database_);
    Execution(reserve_).bind(1, up_to).next();
    if (database_.changes() == 0 && !reserved()) Execution(reserve_first_).bind(1, up_to).next();
    transaction.commit();
  }

  std::optional<MessageId> reserved() override {
    Execution row(reserved_);
    if (!row.next()) return std::nullopt;
    return row.id(0);
  }

  std::optional<Home> home() override {
    Execution row(home_);
    if (!row.next()) return std::nullopt;
    return Home{row.text(0), row.text(1)};
  }

  void dedicate(const Home& home) override {
    Transaction transaction(database_);
    database_.execute("DELETE FROM home");
    Execution(dedicate_).bind(1, home.id).bind(2, home.address).next();
    transaction.commit();
  }

 private:
  SqliteStore messages_;
  Database& database_ = messages_.database();
  Statement set_aside_{database_, "UPDATE messages SET set_aside = 1 WHERE id = ?"};
  Statement reserve_{database_, "UPDATE reserved SET up_to = max(up_to, ?)"};
  Statement reserve_first_{database_, "INSERT INTO reserved (up_to) VALUES (?)"};
  Statement reserved_{database_, "SELECT up_to FROM reserved"};
  Statement home_{database_, "SELECT id, address FROM home"};
  Statement dedicate_{database_, "INSERT INTO home (id, address) VALUES (?, ?)"};
};

}  // namespace

std::unique_ptr<Spool> open_spool(const std::string& file) { return std::make_unique<SqliteSpool>(file); }

}  // namespace troupe::db
