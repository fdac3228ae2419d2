#include "log/log.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace troupe::log {
namespace {

/// A text from outside as a value: in quotes, and with nothing in it that could end them, or control a
/// terminal.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters as well.
    const bool c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[++i]));
    else if (byte < 0x20 || byte == 0x7F)
      out += fmt::format("\\x{:02x}", byte);
    else if (byte == '"' || byte == '\\')
      out.append("\\").append(1, text[i]);
    else
      out += text[i];
  }
  return out += '"';
}

bool is_key(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

std::string to_text(const Value& value) {
  if (const auto* yes = std::get_if<bool>(&value)) return *yes ? "true" : "false";
  if (const auto* n = std::get_if<std::int64_t>(&value)) return std::to_string(*n);
  const auto& text = std::get<std::string>(value);
  auto quoted = in_quotes(text);
  const bool plain = !text.empty() && quoted.size() == text.size() + 2 &&
                     text.find_first_of(" =") == std::string::npos && text != "true" && text != "false" &&
                     !number(text);
  return plain ? text : quoted;
}

/// The place of the next " key=" in a text, or its end.
std::size_t next_key(std::string_view text) {
  for (auto space = text.find(' '); space != std::string_view::npos; space = text.find(' ', space + 1)) {
    const auto rest = text.substr(space + 1);
    const auto sign = rest.find('=');
    if (sign == std::string_view::npos) break;
    if (is_key(rest.substr(0, sign))) return space;
  }
  return text.size();
}

/// Takes a value in quotes, as `in_quotes` makes them, from the beginning of a text.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    if (text[i] != '\\') {
      value += text[i];
      continue;
    }
    if (++i == text.size()) break;
    if (text[i] != 'x') {
      value += text[i];
      continue;
    }
    unsigned point = 0;
    if (i + 2 >= text.size() ||
        std::from_chars(text.data() + i + 1, text.data() + i + 3, point, 16).ptr != text.data() + i + 3)
      break;
    if (point >= 0x80) value += '\xC2';
    value += static_cast<char>(point);
    i += 2;
  }
  return {};
}

/// Takes a value from the beginning of a text: all up to a space if it is not in quotes.
std::optional<Value> take_value(std::string_view& text) {
  if (text.starts_with('"')) return take_quoted(text);
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  if (word == "true" || word == "false") return word == "true";
  if (const auto n = number(word)) return *n;
  return std::string{word};
}

}  // namespace

std::string to_text(const Event& event) {
  auto text = event.name;
  for (const auto& [key, value] : event.fields)
    text.append(" ").append(key).append("=").append(to_text(value));
  return text;
}

Event from_text(std::string_view text) {
  const auto begin = next_key(text);
  Event event{std::string{text.substr(0, begin)}, {}};
  for (auto rest = text.substr(begin); !rest.empty();) {
    const auto sign = rest.find('=');
    if (rest.front() != ' ' || sign == std::string_view::npos || !is_key(rest.substr(1, sign - 1)))
      return {std::string{text}, {}};
    event.fields.emplace_back(rest.substr(1, sign - 1), std::string{});
    rest.remove_prefix(sign + 1);
    auto value = take_value(rest);
    if (!value) return {std::string{text}, {}};
    event.fields.back().value = std::move(*value);
  }
  return event;
}

bool has_debug() { return spdlog::should_log(spdlog::level::debug); }

void write(const Line& line) {
  switch (line.level) {
    case Level::debug:
      return debug(line.event);
    case Level::info:
      return info(line.event);
    case Level::warn:
      return warn(line.event);
    case Level::error:
      return error(line.event);
    case Level::critical:
      return critical(line.event);
  }
}

void debug(const Event& event) {
  if (has_debug()) spdlog::debug("{}", to_text(event));
}
void info(const Event& event) { spdlog::info("{}", to_text(event)); }
void warn(const Event& event) { spdlog::warn("{}", to_text(event)); }
void error(const Event& event) { spdlog::error("{}", to_text(event)); }
void critical(const Event& event) { spdlog::critical("{}", to_text(event)); }

}  // namespace troupe::log
