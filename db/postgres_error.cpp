#include "db/postgres_error.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace troupe::db {

namespace {

/// The line of libpq's message that says what happened: the server's own words where it was reached at all,
/// since a host may have several addresses with a line for each.
std::string telling_line(std::string_view message) {
  std::size_t start = message.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return "PostgreSQL: no reason given";
  if (const std::size_t fatal = message.find("FATAL:"); fatal != std::string_view::npos) {
    start = message.rfind('\n', fatal) + 1;  // npos + 1 is the beginning
  }
  const std::string_view line = message.substr(start, message.find_first_of("\r\n", start) - start);
  return "PostgreSQL: " + std::string(line);
}

/// Whether libpq could not even make sense of the URL's parameters.
bool is_about_url(std::string_view message) {
  return message.starts_with("invalid ") || message.find(" URI") != message.npos ||
         message.find("percent-encoded") != message.npos;
}

}  // namespace

StoreError connect_error(std::string_view message) {
  // Where the server speaks another language than English, none of these match, and it counts as unavailable.
  static constexpr std::array<std::string_view, 7> final_words{
      "authentication failed for user",        // with a password or without
      "no password supplied",                  //
      "does not exist",                        // the database or the role
      "no pg_hba.conf entry",                  //
      "permission denied for database",        //
      "is not permitted to log in",            //
      "unrecognized configuration parameter",  // in the URL's options
  };
  std::string line = telling_line(message);
  if (is_about_url(message)) {
    // What libpq quotes at the end may be the URL, and so the password.
    line.resize(std::min(line.find(": \""), line.size()));
    return {StoreError::Reason::refused, line};
  }
  const bool refused =
      std::ranges::any_of(final_words, [&](std::string_view words) { return line.find(words) != line.npos; });
  return {refused ? StoreError::Reason::refused : StoreError::Reason::unavailable, line};
}

StoreError statement_error(std::string_view sqlstate, std::string_view message) {
  using enum StoreError::Reason;
  const auto is_one_of = [&](std::span<const std::string_view> classes) {
    return std::ranges::any_of(classes,
                               [&](std::string_view prefix) { return sqlstate.starts_with(prefix); });
  };
  // Connection lost; completion unknown; the server stops or ends the session.
  static constexpr std::array<std::string_view, 3> doubtful{"08", "40003", "57P"};
  // Transaction rolled back (deadlock); out of resources; lock not available; a time limit cancelled the
  // statement; the system failed it; a standby, which takes no writes until it is promoted.
  static constexpr std::array<std::string_view, 6> passing{"40", "53", "55", "57", "58", "25006"};
  // Data that no column takes; constraints, views and triggers that say no; too large.
  static constexpr std::array<std::string_view, 5> about_messages{"22", "23", "44", "54", "P0001"};
  const auto reason = [&] {
    if (sqlstate.empty() || is_one_of(doubtful)) return lost;
    if (sqlstate == "53100") return full;
    if (is_one_of(passing)) return unavailable;
    return is_one_of(about_messages) ? rejected : refused;
  };
  return {reason(), telling_line(message)};
}

StoreError set_up_error(std::string_view sqlstate, std::string_view message) {
  using enum StoreError::Reason;
  const StoreError error = statement_error(sqlstate, message);
  const bool is_final = error.reason() == rejected || error.reason() == refused;
  return {is_final ? refused : unavailable, error.what()};
}

}  // namespace troupe::db
