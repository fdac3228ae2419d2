#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::test {

/// Lines as they stood on the wire, without CR LF. Can be compared, and shown when they differ.
struct Lines : std::vector<std::string> {
  using vector::vector;

  /// Those that hold `text`.
  Lines with(std::string_view text) const;
  /// Without their tags.
  Lines untagged() const;
  /// In alphabetical order, where the server promises none.
  Lines sorted() const;
};

std::ostream& operator<<(std::ostream& out, const Lines& lines);

/// Takes bytes apart; all of them must be complete lines.
Lines lines_of(std::string_view bytes);

/// A tag's value, as it stands in a line; "" if the line has no such tag.
std::string tag(std::string_view line, std::string_view key);

/// `count` times the same text.
std::string times(std::size_t count, std::string_view text);

}  // namespace troupe::test
