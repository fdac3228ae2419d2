#include "db/sqlite.hpp"

#include "db/error.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace troupe::db::sqlite {

namespace {

constexpr std::chrono::milliseconds pause(2);

/// `io_error` is what a disk that fails means to the call.
StoreError::Reason reason_of(int result, int system_error, StoreError::Reason io_error) {
  using enum StoreError::Reason;
  if (result == SQLITE_IOERR_FSYNC) return io_error;
  result &= 0xff;
  if (result == SQLITE_FULL || system_error == ENOSPC || system_error == EDQUOT) return full;
  switch (result) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_NOMEM:
      return unavailable;
    case SQLITE_IOERR:
      return io_error;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return rejected;
    case SQLITE_CANTOPEN:
      return system_error == EMFILE || system_error == ENFILE ? unavailable : refused;
    default:
      return refused;
  }
}

}  // namespace

Database::Database(const std::string& file, std::shared_ptr<Lifeline> line,
                   std::chrono::milliseconds patience)
    : file_(file),
      waiting_(new Waiting{line ? std::move(line) : std::make_shared<Lifeline>(), patience, {}}) {
  sqlite3* handle = nullptr;
  const int result =
      sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  handle_.reset(handle);
  if (result != SQLITE_OK) fail();
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_handler(handle, &Database::wait, waiting_.get());
}

/// Asked by SQLite when it has found the file locked so many times: whether it is to try again.
int Database::wait(void* waiting, int count) {
  auto& [line, patience, deadline] = *static_cast<Waiting*>(waiting);
  const auto now = std::chrono::steady_clock::now();
  if (count == 0) deadline = now + patience;
  return now < deadline && !line->is_cut(pause) ? 1 : 0;
}

void Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

void Database::switch_to_write_ahead_log() {
  const auto deadline = std::chrono::steady_clock::now() + waiting_->patience;
  while (sqlite3_exec(handle_.get(), "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr) != SQLITE_OK) {
    const bool busy = (sqlite3_errcode(handle_.get()) & 0xff) == SQLITE_BUSY;
    if (!busy || std::chrono::steady_clock::now() > deadline) fail();
    // Where somebody else has the file open as well, SQLite fails here at once, without its busy handler.
    if (waiting_->line->is_cut(pause)) fail();
  }
}

void Database::fail(StoreError::Reason io_error) const {
  if (!handle_) throw StoreError(StoreError::Reason::unavailable, file_ + ": out of memory");
  const int code = sqlite3_extended_errcode(handle_.get());
  const int result = code & 0xff;
  const bool has_system_error = result == SQLITE_CANTOPEN || result == SQLITE_IOERR;
  const int system_error = has_system_error ? sqlite3_system_errno(handle_.get()) : 0;
  std::string what = file_ + ": " + sqlite3_errmsg(handle_.get());
  if (system_error != 0) what += " (" + std::generic_category().message(system_error) + ")";
  throw StoreError(reason_of(code, system_error, io_error), what);
}

Statement::Statement(const Database& database, const std::string& sql) : database_(database) {
  sqlite3_stmt* handle = nullptr;
  const int result = sqlite3_prepare_v3(database.handle_.get(), sql.c_str(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  handle_.reset(handle);
  if (result != SQLITE_OK) database.fail();
}

Execution& Execution::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(handle(), parameter, value));
  return *this;
}

Execution& Execution::bind(int parameter, const protocol::MessageId& id) {
  check(sqlite3_bind_blob(handle(), parameter, id.bytes.data(), static_cast<int>(id.bytes.size()),
                          SQLITE_TRANSIENT));
  return *this;
}

Execution& Execution::bind(int parameter, const std::string& text) {
  check(sqlite3_bind_text(handle(), parameter, text.data(), static_cast<int>(text.size()), SQLITE_STATIC));
  return *this;
}

bool Execution::next() {
  const int result = sqlite3_step(handle());
  if (result != SQLITE_ROW && result != SQLITE_DONE) statement_.database_.fail();
  return result == SQLITE_ROW;
}

std::string Execution::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle(), column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle(), column))};
}

protocol::MessageId Execution::id(int column) const {
  protocol::MessageId id;
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle(), column));
  std::copy_n(data, std::min(size, id.bytes.size()), id.bytes.begin());
  return id;
}

void Execution::check(int result) const {
  if (result != SQLITE_OK) statement_.database_.fail();
}

void Transaction::commit() {
  // A commit whose last step failed may be found complete when the file is opened the next time.
  if (sqlite3_exec(database_.handle_.get(), "COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK)
    database_.fail(StoreError::Reason::lost);
}

Transaction::~Transaction() {
  if (sqlite3_get_autocommit(database_.handle_.get()) == 0) {
    sqlite3_exec(database_.handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

}  // namespace troupe::db::sqlite
