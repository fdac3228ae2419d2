#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::protocol {

/// True if `text` is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
bool is_utf8(std::string_view text);

/// The longest prefix of a well-formed text that has at most `bytes` bytes and cuts no character in two.
std::string_view cut(std::string_view text, std::size_t bytes);

/// Splits at every `separator`; empty parts are kept, an empty text has none.
std::vector<std::string_view> split(std::string_view text, char separator);

/// A decimal number without sign or blanks; nothing if it is not one or does not fit.
std::optional<std::size_t> to_number(std::string_view text);

}  // namespace troupe::protocol
