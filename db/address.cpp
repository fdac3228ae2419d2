#include "db/address.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>

namespace troupe::db {

namespace {

constexpr std::string_view sqlite = "sqlite:";

/// The parameters after the question mark without those that are secret.
std::string public_parameters(std::string_view all) {
  std::string kept;
  while (!all.empty()) {
    const auto one = all.substr(0, all.find('&'));
    all.remove_prefix(std::min(one.size() + 1, all.size()));
    const auto key = one.substr(0, one.find('='));
    if (key != "password" && key != "sslpassword") kept.append(kept.empty() ? "?" : "&").append(one);
  }
  return kept;
}

}  // namespace

bool names_database(const std::string& url) {
  return !file_of(url).empty() || url.starts_with("postgresql://") || url.starts_with("postgres://");
}

std::string file_of(const std::string& url) {
  return url.starts_with(sqlite) ? url.substr(sqlite.size()) : "";
}

std::string address_of(const std::string& url) {
  if (url.starts_with(sqlite)) {
    std::error_code error;
    const auto file = std::filesystem::weakly_canonical(std::filesystem::absolute(file_of(url)), error);
    return error ? url : std::string(sqlite) + file.string();
  }
  std::string shown = url;
  const auto user = url.find("://") == std::string::npos ? 0 : url.find("://") + 3;
  // The last one: in a malformed URL the password may hold any of "@/?#".
  const auto at = url.rfind('@');
  const auto colon = url.find(':', user);
  if (at != std::string::npos && colon < at) shown.erase(colon, at - colon);
  const auto question_mark = std::min(shown.find('?'), shown.size());
  const auto parameters = std::string_view(shown).substr(std::min(question_mark + 1, shown.size()));
  return shown.substr(0, question_mark) + public_parameters(parameters);
}

}  // namespace troupe::db
