#include "db/postgres_url.hpp"

#include "db/error.hpp"

#include <string_view>

namespace troupe::db {

namespace {

constexpr std::string_view defaults =
    "connect_timeout=5"  // seconds
    "&keepalives_idle=5&keepalives_interval=2&keepalives_count=3"
    "&tcp_user_timeout=10000"  // milliseconds
    "&fallback_application_name=troupe";

/// Whether the text after "postgresql://" has at most one '@', and it ends the user and password.
bool is_unambiguous(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return true;
  return text.find_first_of("@/?#") == at;
}

}  // namespace

std::string connection_url(const std::string& url) {
  const std::size_t start = url.find("://") + 3;
  if (!is_unambiguous(std::string_view(url).substr(start))) {
    throw StoreError(
        StoreError::Reason::refused,
        "malformed PostgreSQL URL: special characters in it, such as in the password, have to be "
        "percent-encoded");
  }
  // Of two parameters of one name the later one counts.
  const std::size_t question_mark = url.find('?');
  if (question_mark == std::string::npos) return url + '?' + std::string(defaults);
  const std::string parameters = url.substr(question_mark + 1);
  return url.substr(0, question_mark + 1) + std::string(defaults) +
         (parameters.empty() ? "" : "&" + parameters);
}

}  // namespace troupe::db
