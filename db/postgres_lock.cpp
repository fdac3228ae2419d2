#include "db/postgres_lock.hpp"

#include "db/error.hpp"

#include <chrono>

namespace troupe::db {

namespace {

using namespace std::chrono_literals;

/// How long a server that was just killed, or our own old connection, may take to vanish.
constexpr auto patience_with_others = 200ms;
constexpr auto patience_with_ourselves = 2s;
constexpr auto pause = 10ms;

/// A query for the process ids of the sessions that hold the advisory lock of this parameter, such as "$1".
std::string holders_of(const std::string& key) {
  return "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
         "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
         "AND pid <> pg_backend_pid() AND (classid::bigint << 32 | objid::bigint) = " +
         key + "::bigint";
}

/// Ends the holder of the lock if it is marked as ours; whether it is.
bool end_our_own(postgres::Connection& connection, const std::string& home, const std::string& mark) {
  const auto ours = connection.execute(holders_of("$1") + " INTERSECT " + holders_of("$2"), {home, mark});
  for (int i = 0; i < ours.rows(); ++i)
    connection.execute("SELECT pg_terminate_backend($1::int)", {ours.text(i, 0)});
  return ours.rows() > 0;
}

/// Who holds the lock, as far as we may know.
std::string holder(postgres::Connection& connection, const std::string& home) {
  const auto who = connection.execute(
      "SELECT coalesce(host(client_addr), 'its own host'), to_char(backend_start, 'YYYY-MM-DD HH24:MI:SS "
      "TZ') "
      "FROM pg_stat_activity WHERE pid IN (" +
          holders_of("$1") + ") AND backend_start IS NOT NULL",
      {home});
  if (who.rows() == 0) return "";
  return " (from " + who.text(0, 0) + ", since " + who.text(0, 1) + ")";
}

}  // namespace

void take_lock(postgres::Connection& connection, const std::string& what, const std::string& installation,
               const Lifeline& line) {
  const std::string home = "hashtextextended('troupe " + what + " ' || coalesce(current_schema(), ''), 0)";
  const std::string mark = "hashtextextended('troupe installation ' || $1, 0)";
  // The mark comes first: whoever has the lock has it already.
  const auto first = connection.execute(
      "SELECT pg_try_advisory_lock_shared(mark), pg_try_advisory_lock(home), home, mark "
      "FROM (SELECT " +
          home + " AS home, " + mark + " AS mark) AS keys",
      {installation});
  if (first.boolean(0, 1)) return;
  const auto home_key = first.text(0, 2), mark_key = first.text(0, 3);
  const auto start = std::chrono::steady_clock::now();
  do {
    const bool is_ours = end_our_own(connection, home_key, mark_key);
    const auto waited = std::chrono::steady_clock::now() - start;
    if (is_ours && waited > patience_with_ourselves)
      throw StoreError(StoreError::Reason::unavailable,
                       "PostgreSQL: an earlier connection of ours does not end");
    if (!is_ours && waited > patience_with_others)
      throw StoreError(StoreError::Reason::refused,
                       "another server works with this database" + holder(connection, home_key));
    if (line.is_cut(pause))
      throw StoreError(StoreError::Reason::unavailable, "PostgreSQL: no answer in time");
  } while (!connection.execute("SELECT pg_try_advisory_lock($1)", {home_key}).boolean(0, 0));
}

}  // namespace troupe::db
