#include "protocol/message.hpp"

#include "protocol/text.hpp"

#include <algorithm>

namespace troupe::protocol {

namespace {

constexpr std::size_t line_end = 2;  // CR LF

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_command(std::string_view word) {
  if (word.size() == 3 && std::ranges::all_of(word, is_digit)) return true;
  return !word.empty() && std::ranges::all_of(word, is_letter);
}

void skip_spaces(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
}

// Takes what stands before the next space off `text`, and the spaces after it.
std::string_view take_word(std::string_view& text) {
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  skip_spaces(text);
  return word;
}

bool holds_forbidden(std::string_view line) {
  constexpr auto npos = std::string_view::npos;
  return line.find('\0') != npos || line.find('\r') != npos || line.find('\n') != npos;
}

// Of the tags with the same key, keeps the last. Sorts, since thousands of tags fit in a line.
void keep_last_of_each_key(std::vector<Tag>& tags) {
  if (tags.size() < 2) return;
  std::vector<Tag*> sorted;
  sorted.reserve(tags.size());
  for (auto& tag : tags) sorted.push_back(&tag);
  std::ranges::sort(sorted, [](const Tag* a, const Tag* b) {
    const int order = a->key.compare(b->key);
    return order != 0 ? order < 0 : a < b;
  });
  for (std::size_t i = 0; i + 1 < sorted.size(); ++i) {
    if (sorted[i]->key == sorted[i + 1]->key) sorted[i]->key.clear();
  }
  std::erase_if(tags, [](const Tag& tag) { return tag.key.empty(); });
}

std::vector<Tag> parse_tags(std::string_view data) {
  std::vector<Tag> tags;
  if (data.empty()) return tags;
  tags.reserve(static_cast<std::size_t>(std::ranges::count(data, ';')) + 1);
  while (!data.empty()) {
    const auto tag = data.substr(0, data.find(';'));
    data.remove_prefix(std::min(tag.size() + 1, data.size()));
    const auto key = tag.substr(0, tag.find('='));
    if (key.empty()) continue;
    const auto value = tag.substr(std::min(key.size() + 1, tag.size()));
    tags.push_back({std::string(key), unescape_tag_value(value)});
  }
  keep_last_of_each_key(tags);
  return tags;
}

void append_escaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    switch (c) {
      case ';':
        out += "\\:";
        break;
      case ' ':
        out += "\\s";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\n':
        out += "\\n";
        break;
      default:
        out += c;
    }
  }
}

void append_tags(std::string& out, const std::vector<Tag>& tags) {
  for (const auto& tag : tags) {
    if (&tag != &tags.front()) out += ';';
    out += tag.key;
    if (tag.value.empty()) continue;
    out += '=';
    append_escaped(out, tag.value);
  }
}

}  // namespace

std::optional<std::string_view> Message::tag(std::string_view key) const {
  const auto found = std::ranges::find(tags, key, &Tag::key);
  if (found == tags.end()) return std::nullopt;
  return found->value;
}

Result<Message, ParseError> parse(std::string_view line, std::size_t max_tags) {
  auto rest = line;
  skip_spaces(rest);
  if (rest.empty()) return ParseError::empty;

  std::string_view tags;
  auto max_line = limits::line - line_end;
  if (rest.front() == '@') {
    tags = take_word(rest).substr(1);
    if (tags.size() > max_tags) return ParseError::tags_too_long;
    max_line += tags.size() + 2;
  }
  if (line.size() > max_line) return ParseError::too_long;
  if (!is_utf8(line)) return ParseError::invalid_utf8;
  if (holds_forbidden(line)) return ParseError::malformed;

  Message message;
  if (rest.starts_with(':')) {
    message.source = take_word(rest).substr(1);
    if (message.source.empty()) return ParseError::malformed;
  }
  const auto command = take_word(rest);
  if (!is_command(command)) return ParseError::malformed;
  message.command = upper(command);
  message.tags = parse_tags(tags);
  if (!rest.empty()) message.params.reserve(4);
  while (!rest.empty()) {
    if (rest.front() == ':') {
      message.params.emplace_back(rest.substr(1));
      break;
    }
    message.params.emplace_back(take_word(rest));
  }
  return message;
}

std::string render(const Message& message) {
  std::string line;
  line.reserve(limits::line);
  if (!message.tags.empty()) {
    line += '@';
    append_tags(line, message.tags);
    line += ' ';
  }
  if (!message.source.empty()) {
    line += ':';
    line += message.source;
    line += ' ';
  }
  line += message.command;
  for (const auto& param : message.params) {
    line += ' ';
    if (&param == &message.params.back() && !is_word(param)) line += ':';
    line += param;
  }
  line += "\r\n";
  return line;
}

std::string render_tags(const std::vector<Tag>& tags) {
  std::string data;
  append_tags(data, tags);
  return data;
}

std::string escape_tag_value(std::string_view value) {
  std::string escaped;
  escaped.reserve(value.size());
  append_escaped(escaped, value);
  return escaped;
}

std::string unescape_tag_value(std::string_view value) {
  std::string plain;
  plain.reserve(value.size());
  for (;;) {
    const auto backslash = value.find('\\');
    plain += value.substr(0, backslash);
    if (backslash == std::string_view::npos || backslash + 1 == value.size()) return plain;
    value.remove_prefix(backslash + 1);
    switch (value.front()) {
      case ':':
        plain += ';';
        break;
      case 's':
        plain += ' ';
        break;
      case 'r':
        plain += '\r';
        break;
      case 'n':
        plain += '\n';
        break;
      default:
        plain += value.front();
    }
    value.remove_prefix(1);
  }
}

}  // namespace troupe::protocol
