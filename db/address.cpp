#include "db/address.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>

namespace troupe::db {

namespace {

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

std::string address_of(const std::string& url) {
  const std::string sqlite = "sqlite:";
  if (url.starts_with(sqlite)) {
    std::error_code error;
    const auto file =
        std::filesystem::weakly_canonical(std::filesystem::absolute(url.substr(sqlite.size())), error);
    return error ? url : sqlite + file.string();
  }
  const auto question_mark = std::min(url.find('?'), url.size());
  std::string place = url.substr(0, question_mark);
  const auto user = place.find("://") == std::string::npos ? 0 : place.find("://") + 3;
  const auto at = place.rfind('@');
  const auto colon = place.find(':', user);
  if (at != std::string::npos && colon < at) place.erase(colon, at - colon);
  return place + public_parameters(std::string_view(url).substr(std::min(question_mark + 1, url.size())));
}

}  // namespace troupe::db
