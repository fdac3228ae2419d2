#pragma once

#include <cstddef>
#include <optional>
#include <span>
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

/// The ASCII letters in upper case.
std::string upper(std::string_view text);

/// Joins words by spaces into as few texts of at most `bytes` bytes as hold them in order; a longer word
/// stands alone.
std::vector<std::string> wrap(std::span<const std::string> words, std::size_t bytes);
std::vector<std::string> wrap(std::span<const std::string_view> words, std::size_t bytes);

/// True if `text` can stand as a parameter before the last one: it is not empty, holds no space and does not
/// begin with ':'.
bool is_word(std::string_view text);

/// A decimal number without sign or blanks; nothing if it is not one or does not fit.
std::optional<std::size_t> to_number(std::string_view text);

}  // namespace troupe::protocol
