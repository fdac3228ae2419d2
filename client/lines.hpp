#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::client {

/// Cuts a stream of bytes into lines.
class LineBuffer {
 public:
  /// `longest`: the bytes of the longest line that is kept.
  explicit LineBuffer(std::size_t longest) : longest_(longest) {}

  /// Takes the next bytes and returns the lines that they complete, without LF or CR LF. What a line has
  /// beyond the longest is dropped.
  std::vector<std::string> add(std::string_view bytes);

  /// The line that the stream's end left unfinished, if it is not empty.
  std::optional<std::string> rest();

 private:
  std::size_t longest_;
  std::string unfinished_;
};

/// Cuts a text into parts of at most `bytes` bytes each (at least 4), between characters and, if one is near
/// the end of the part, after a space. Nothing is lost: the parts together are the text. An empty text has no
/// parts.
std::vector<std::string_view> split_text(std::string_view text, std::size_t bytes);

}  // namespace troupe::client
