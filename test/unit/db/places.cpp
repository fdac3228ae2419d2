#include "places.hpp"

#include "db/id_range.hpp"

#include <sqlite3.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <libpq-fe.h>
#include <memory>
#include <stdexcept>
#include <unistd.h>

namespace troupe::db::test {

namespace {

std::string postgresql_url() {
  const char* url = std::getenv("TROUPE_TEST_POSTGRESQL");
  return url == nullptr ? "" : url;
}

/// The first column of the first row that the last statement gives, if there is one.
std::string run(const std::string& url, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> rows(PQexec(connection.get(), sql.c_str()), PQclear);
  const auto status = PQresultStatus(rows.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    throw std::runtime_error(PQerrorMessage(connection.get()));
  return PQntuples(rows.get()) == 0 || PQnfields(rows.get()) == 0 ? "" : PQgetvalue(rows.get(), 0, 0);
}

}  // namespace

SqlitePlace::SqlitePlace() {
  directory_ = (std::filesystem::temp_directory_path() / "troupe-db-XXXXXX").string();
  if (mkdtemp(directory_.data()) == nullptr) throw std::runtime_error("mkdtemp " + directory_);
}

SqlitePlace::~SqlitePlace() { std::filesystem::remove_all(directory_); }

void SqlitePlace::execute(const std::string& sql) const {
  sqlite3* database = nullptr;
  const bool done = sqlite3_open(file().c_str(), &database) == SQLITE_OK &&
                    sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  const std::string error = sqlite3_errmsg(database);
  sqlite3_close(database);
  if (!done) throw std::runtime_error(error);
}

SqlitePlace::Locked::Locked(const SqlitePlace& place) {
  if (sqlite3_open(place.file().c_str(), &database_) != SQLITE_OK ||
      sqlite3_exec(database_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(database_));
}

SqlitePlace::Locked::~Locked() { sqlite3_close(database_); }

PostgresPlace::PostgresPlace() {
  if (!available()) {
    static const std::ostream& once = std::cerr
                                      << "PostgreSQL tests are skipped: TROUPE_TEST_POSTGRESQL is not set\n";
    static_cast<void>(once);
    return;
  }
  static std::atomic<int> count = 0;
  schema_ = "troupe_test_" + std::to_string(getpid()) + "_" + std::to_string(++count);
  execute("CREATE SCHEMA " + schema_);
}

PostgresPlace::~PostgresPlace() {
  if (available()) execute("DROP SCHEMA " + schema_ + " CASCADE");
}

bool PostgresPlace::available() const { return !postgresql_url().empty(); }

std::string PostgresPlace::url_with(const std::string& parameters) const {
  const std::string url = postgresql_url();
  return url + (url.find('?') == std::string::npos ? '?' : '&') + parameters;
}

std::string PostgresPlace::execute(const std::string& sql) const {
  return run(url(), "SET client_min_messages = warning; " + sql);
}

void PostgresPlace::administer(const std::string& sql) { run(postgresql_url(), sql); }

Message message_at(long long milliseconds, std::string channel, unsigned number) {
  Message message;
  message.id = first_id_at(protocol::Time(std::chrono::milliseconds(milliseconds)));
  message.id.bytes[6] = 0x70;
  message.id.bytes[8] = 0x80;
  message.id.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  message.id.bytes[15] = static_cast<std::uint8_t>(number);
  message.time = protocol::Time(std::chrono::milliseconds(milliseconds));
  message.channel = std::move(channel);
  message.nick = "alice";
  message.user = "~alice";
  message.host = "localhost";
  message.text = "message " + std::to_string(milliseconds) + "/" + std::to_string(number);
  return message;
}

StoreError error_of_opening(const std::string& url) {
  try {
    open(url)->newest();
  } catch (const StoreError& error) {
    return error;
  }
  throw std::logic_error(url + " was opened");
}

}  // namespace troupe::db::test
