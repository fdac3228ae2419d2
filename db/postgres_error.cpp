#include "db/postgres_error.hpp"

#include <algorithm>
#include <array>
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
  if (sqlstate == "53100") return {full, telling_line(message)};
  // Connection lost; transaction rolled back (deadlock); out of resources; lock not available; the server
  // stops or a time limit cancelled the statement; a standby, which takes no writes until it is promoted.
  static constexpr std::array<std::string_view, 7> passing{"08", "40", "53", "55", "57", "58", "25006"};
  const bool passes = sqlstate.empty() || std::ranges::any_of(passing, [&](std::string_view prefix) {
                        return sqlstate.starts_with(prefix);
                      });
  return {passes ? unavailable : refused, telling_line(message)};
}

}  // namespace troupe::db
