#pragma once

#include <string_view>

namespace troupe::server {

inline constexpr std::string_view version = "troupe-" TROUPE_VERSION;

}  // namespace troupe::server
