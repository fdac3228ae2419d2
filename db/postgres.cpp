#include "db/postgres.hpp"

#include "db/postgres_error.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <string_view>
#include <utility>

namespace troupe::db::postgres {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto no_answer = "PostgreSQL: no answer in time";

/// How long connecting may take, as the URL says; nothing: for ever.
std::optional<std::chrono::seconds> connect_timeout(PGconn* handle) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> all(PQconninfo(handle), PQconninfoFree);
  for (const auto* option = all.get(); option != nullptr && option->keyword != nullptr; ++option) {
    if (std::string_view(option->keyword) != "connect_timeout" || option->val == nullptr) continue;
    const long seconds = std::strtol(option->val, nullptr, 10);
    if (seconds > 0) return std::chrono::seconds{std::max(seconds, 2L)};
  }
  return {};
}

/// `texts` as libpq takes them.
std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> all;
  all.reserve(texts.size());
  for (const auto& text : texts) all.push_back(text.c_str());
  return all;
}

}  // namespace

std::string Result::text(int row, int column) const {
  return {PQgetvalue(handle_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(handle_.get(), row, column))};
}

std::int64_t Result::integer(int row, int column) const {
  return std::strtoll(PQgetvalue(handle_.get(), row, column), nullptr, 10);
}

std::size_t Result::affected() const { return std::strtoull(PQcmdTuples(handle_.get()), nullptr, 10); }

Connection::Connection(const std::string& url, std::shared_ptr<const Lifeline> line)
    : handle_(PQconnectStart(url.c_str())), line_(std::move(line)) {
  PGconn* handle = handle_.get();
  if (PQstatus(handle) == CONNECTION_BAD) throw connect_error(PQerrorMessage(handle));
  Deadline deadline;
  if (const auto timeout = connect_timeout(handle)) deadline = Clock::now() + *timeout;
  for (auto status = PGRES_POLLING_WRITING; status != PGRES_POLLING_OK; status = PQconnectPoll(handle)) {
    if (status == PGRES_POLLING_FAILED) throw connect_error(PQerrorMessage(handle));
    if (!wait(status == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline))
      throw StoreError(StoreError::Reason::unavailable, no_answer);
  }
  PQsetnonblocking(handle, 1);
  PQsetNoticeProcessor(
      handle, [](void*, const char*) {}, nullptr);
}

bool Connection::is_lost() const {
  if (PQstatus(handle_.get()) != CONNECTION_OK) return true;
  // What a server says between two operations is that it closes the connection.
  pollfd readable{PQsocket(handle_.get()), POLLIN, 0};
  return ::poll(&readable, 1, 0) != 0;
}

std::string Connection::parameter(const char* name) const {
  const char* value = PQparameterStatus(handle_.get(), name);
  return value == nullptr ? "" : value;
}

Result Connection::execute(const std::string& sql) {
  check_sent(PQsendQuery(handle_.get(), sql.c_str()));
  return finish();
}

Result Connection::execute(const std::string& sql, const std::vector<std::string>& parameters) {
  const auto values = pointers(parameters);
  check_sent(PQsendQueryParams(handle_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                               values.data(), nullptr, nullptr, 0));
  return finish();
}

Result Connection::execute_prepared(const char* name, const std::vector<std::string>& parameters) {
  const auto values = pointers(parameters);
  check_sent(PQsendQueryPrepared(handle_.get(), name, static_cast<int>(values.size()), values.data(), nullptr,
                                 nullptr, 0));
  return finish();
}

/// Waits for the socket; false if the line is cut or the deadline over.
bool Connection::wait(short events, Deadline deadline) const {
  pollfd files[] = {{PQsocket(handle_.get()), events, 0}, {line_->descriptor(), POLLIN, 0}};
  int timeout = -1;
  if (deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
    timeout = static_cast<int>(std::max<std::int64_t>(left.count(), 0));
  }
  int ready = 0;
  do {
    ready = ::poll(files, 2, timeout);
  } while (ready == -1 && errno == EINTR);
  return ready > 0 && files[1].revents == 0;
}

void Connection::check_sent(int sent) {
  if (sent == 0) fail();
}

/// The last result of what was sent; throws if there is a failed one among them.
Result Connection::finish() {
  PGconn* handle = handle_.get();
  for (int unsent = PQflush(handle); unsent != 0; unsent = PQflush(handle)) {
    if (unsent < 0) break;  // what the server said of it comes yet
    if (!wait(POLLIN | POLLOUT)) throw Failure("", no_answer);
    if (PQconsumeInput(handle) == 0) break;
  }
  Result last(nullptr);
  while (true) {
    while (PQisBusy(handle) != 0) {
      if (!wait(POLLIN)) throw Failure("", no_answer);
      if (PQconsumeInput(handle) == 0) break;
    }
    Result next(PQgetResult(handle));
    if (!next.handle_) break;
    const bool has_failed = last.handle_ && PQresultStatus(last.handle_.get()) == PGRES_FATAL_ERROR;
    if (!has_failed) last = std::move(next);
  }
  if (!last.handle_) fail();
  const auto status = PQresultStatus(last.handle_.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY) fail(last);
  return last;
}

void Connection::fail(const Result& result) const {
  const char* sqlstate = PQresultErrorField(result.handle_.get(), PG_DIAG_SQLSTATE);
  const char* severity = PQresultErrorField(result.handle_.get(), PG_DIAG_SEVERITY_NONLOCALIZED);
  // What ends the session, such as a crash of the server, may also end it after a commit.
  const bool ended = PQstatus(handle_.get()) != CONNECTION_OK || severity == nullptr ||
                     severity != std::string_view("ERROR");
  throw Failure(ended || sqlstate == nullptr ? "" : sqlstate, PQresultErrorMessage(result.handle_.get()));
}

void Connection::fail() const {
  throw Failure("", PQstatus(handle_.get()) == CONNECTION_OK ? PQerrorMessage(handle_.get())
                                                             : "the connection was lost");
}

}  // namespace troupe::db::postgres
