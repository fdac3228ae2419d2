#include "client/lines.hpp"

#include "protocol/text.hpp"

#include <algorithm>
#include <utility>

namespace troupe::client {

std::vector<std::string> LineBuffer::add(std::string_view bytes) {
  std::vector<std::string> lines;
  for (;;) {
    const auto end = bytes.find('\n');
    const auto part = bytes.substr(0, end);
    unfinished_.append(part.substr(0, longest_ - std::min(longest_, unfinished_.size())));
    if (end == std::string_view::npos) return lines;
    if (unfinished_.ends_with('\r')) unfinished_.pop_back();
    lines.push_back(std::exchange(unfinished_, {}));
    bytes.remove_prefix(end + 1);
  }
}

std::optional<std::string> LineBuffer::rest() {
  if (unfinished_.empty()) return std::nullopt;
  return std::exchange(unfinished_, {});
}

std::vector<std::string_view> split_text(std::string_view text, std::size_t bytes) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    auto part = protocol::cut(text, bytes);
    if (part.size() < text.size()) {
      const auto space = part.rfind(' ');
      if (space != std::string_view::npos && space + 1 >= bytes - bytes / 4) part = part.substr(0, space + 1);
    }
    parts.push_back(part);
    text.remove_prefix(part.size());
  }
  return parts;
}

}  // namespace troupe::client
