#pragma once

#include <string_view>

namespace troupe {

/// Why somebody left, as it may stand in the log: without what a client said in its QUIT.
inline std::string_view without_words(std::string_view reason) {
  return reason.starts_with("Quit: ") ? reason.substr(0, 4) : reason;
}

}  // namespace troupe
