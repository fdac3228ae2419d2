#pragma once

#include "protocol/limits.hpp"
#include "protocol/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::protocol {

/// One tag, its value unescaped. A tag without a value and one with an empty value are the same
/// (message-tags, "Format").
struct Tag {
  std::string key;
  std::string value;
  bool operator==(const Tag&) const = default;
};

/// One IRC message (Modern IRC, "Message Format"). `command` is in upper case; `params` hold the trailing one
/// as any other; `source` is empty where there is none.
struct Message {
  std::vector<Tag> tags;
  std::string source;
  std::string command;
  std::vector<std::string> params;

  /// The value of the tag named `key`, if it is there.
  std::optional<std::string_view> tag(std::string_view key) const;

  bool operator==(const Message&) const = default;
};

/// Why a line is not a message.
enum class ParseError {
  empty,          ///< nothing but spaces: to be ignored in silence
  too_long,       ///< more than `limits::line` without tags and line end: 417
  tags_too_long,  ///< more than `max_tags`: 417
  invalid_utf8,   ///< FAIL * INVALID_UTF8 (utf8-only)
  malformed,      ///< no command or none of letters or three digits, an empty source, or a NUL, CR or LF
};

/// Reads one line, given without its CR LF. Spaces before, between and after its parts may be any number.
/// Never throws but for want of memory, and never reads past the line. Copies each byte of the line at most
/// once, into one string for each part, tag and parameter. Of a tag given twice the last one counts; a tag
/// without a key is dropped. `max_tags` bounds what stands between '@' and ' ': a client that reads what a
/// server sends passes `limits::tags`.
Result<Message, ParseError> parse(std::string_view line, std::size_t max_tags = limits::client_tags);

/// Writes the message as one line with CR LF: the inverse of `parse` for every message that `parse` can
/// return. Requires that no parameter but the last is empty, holds a space, or starts with ':'.
std::string render(const Message& message);

/// The tags as they stand between '@' and the space, values escaped; empty for none.
std::string render_tags(const std::vector<Tag>& tags);

/// A tag's value with ; space \ CR LF escaped, and the way back (message-tags, "Escaping values"). Unescaping
/// drops a backslash that escapes nothing.
std::string escape_tag_value(std::string_view value);
std::string unescape_tag_value(std::string_view value);

}  // namespace troupe::protocol
