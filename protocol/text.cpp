#include "protocol/text.hpp"

#include <charconv>
#include <cstdint>
#include <cstring>

namespace troupe::protocol {

namespace {

using Byte = unsigned char;

bool is_continuation(Byte byte) { return (byte & 0xC0) == 0x80; }

const Byte* skip_ascii(const Byte* p, const Byte* end) {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  while (end - p >= 8) {
    std::uint64_t eight;
    std::memcpy(&eight, p, sizeof eight);
    if (eight & high_bits) break;
    p += 8;
  }
  while (p != end && *p < 0x80) ++p;
  return p;
}

// The length of the well-formed character of more than one byte at `p`, or 0 if there is none.
std::ptrdiff_t character_length(const Byte* p, const Byte* end) {
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const Byte lead = *p;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const int length = 2 + (lead >= 0xE0) + (lead >= 0xF0);
  if (end - p < length) return 0;
  std::uint32_t code = lead & (0x7Fu >> length);
  bool continued = true;
  for (int i = 1; i < length; ++i) {
    continued &= is_continuation(p[i]);
    code = code << 6 | (p[i] & 0x3Fu);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return continued && code >= smallest[length] && code <= 0x10FFFF && !surrogate ? length : 0;
}

template <class Word>
std::vector<std::string> wrapped(std::span<const Word> words, std::size_t bytes) {
  std::vector<std::string> texts;
  for (const auto& word : words) {
    if (texts.empty() || texts.back().size() + 1 + word.size() > bytes)
      texts.emplace_back(word);
    else
      texts.back().append(" ").append(word);
  }
  return texts;
}

}  // namespace

bool is_utf8(std::string_view text) {
  const auto* p = reinterpret_cast<const Byte*>(text.data());
  const auto* const end = p + text.size();
  while ((p = skip_ascii(p, end)) != end) {
    const auto length = character_length(p, end);
    if (length == 0) return false;
    p += length;
  }
  return true;
}

std::string_view cut(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && is_continuation(static_cast<Byte>(text[bytes]))) --bytes;
  return text.substr(0, bytes);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  if (text.empty()) return parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string upper(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c & ~0x20);
  return out;
}

std::vector<std::string> wrap(std::span<const std::string> words, std::size_t bytes) {
  return wrapped(words, bytes);
}

std::vector<std::string> wrap(std::span<const std::string_view> words, std::size_t bytes) {
  return wrapped(words, bytes);
}

bool is_word(std::string_view text) {
  return !text.empty() && text.front() != ':' && text.find(' ') == std::string_view::npos;
}

std::optional<std::size_t> to_number(std::string_view text) {
  std::size_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

}  // namespace troupe::protocol
