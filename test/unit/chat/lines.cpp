#include "test/unit/chat/lines.hpp"

#include "protocol/message.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <ostream>

namespace troupe::test {

Lines Lines::with(std::string_view text) const {
  Lines some;
  std::ranges::copy_if(*this, std::back_inserter(some),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
  return some;
}

Lines Lines::untagged() const {
  Lines plain;
  for (const auto& line : *this)
    plain.push_back(line.starts_with('@') ? line.substr(line.find(' ') + 1) : line);
  return plain;
}

Lines Lines::sorted() const {
  auto ordered = *this;
  std::ranges::sort(ordered);
  return ordered;
}

std::ostream& operator<<(std::ostream& out, const Lines& lines) {
  out << (lines.empty() ? "(nothing)" : "");
  for (const auto& line : lines) out << "\n    " << line;
  return out;
}

Lines lines_of(std::string_view bytes) {
  Lines lines;
  while (!bytes.empty()) {
    const auto end = bytes.find("\r\n");
    REQUIRE(end != std::string_view::npos);
    lines.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(end + 2);
  }
  return lines;
}

std::string tag(std::string_view line, std::string_view key) {
  const auto message = protocol::parse(line, protocol::limits::tags);
  REQUIRE(message);
  return std::string{message->tag(key).value_or("")};
}

std::string times(std::size_t count, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace troupe::test
