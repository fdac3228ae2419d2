#pragma once

#include <string>
#include <vector>

namespace troupe {

/// What RPL_ISUPPORT says of this server (Modern IRC, "Feature Advertisement").
std::vector<std::string> isupport_tokens(const std::string& network_name);

}  // namespace troupe
