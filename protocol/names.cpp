#include "protocol/names.hpp"

#include "protocol/limits.hpp"
#include "protocol/text.hpp"

#include <algorithm>
#include <array>

namespace troupe::protocol {

namespace {

using Byte = unsigned char;

/// A set of bytes, one lookup to ask.
class ByteSet {
 public:
  constexpr explicit ByteSet(std::string_view more) {
    for (int c = 0; c < 26; ++c) holds_['a' + c] = holds_['A' + c] = true;
    for (int c = 0; c < 10; ++c) holds_['0' + c] = true;
    for (const char c : more) holds_[static_cast<Byte>(c)] = true;
  }
  constexpr bool operator()(char c) const { return holds_[static_cast<Byte>(c)]; }

 private:
  std::array<bool, 256> holds_{};
};

constexpr ByteSet nick_characters("-_[]{}\\|^`");
constexpr ByteSet user_characters("-_.~+[]{}\\|^`");

bool is_control(char c) { return static_cast<Byte>(c) < 0x20 || c == 0x7F; }

// U+0080 to U+009F are the two bytes C2 80 to C2 9F.
bool holds_control(std::string_view text) {
  Byte before = 0;
  for (const char c : text) {
    const auto byte = static_cast<Byte>(c);
    if (is_control(c) || (before == 0xC2 && byte >= 0x80 && byte < 0xA0)) return true;
    before = byte;
  }
  return false;
}

std::optional<NameError> check_length(std::string_view name, std::size_t limit) {
  if (name.empty()) return NameError::empty;
  if (name.size() > limit) return NameError::too_long;
  return std::nullopt;
}

char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// Where the UTF-8 character that `position` lies in ends.
std::size_t after_character(std::string_view text, std::size_t position) {
  do {
    ++position;
  } while (position < text.size() && (static_cast<Byte>(text[position]) & 0xC0) == 0x80);
  return position;
}

// Where a name's reading stands once the mask's next piece, which is not '*', has been matched against it.
struct Step {
  std::size_t mask;
  std::size_t name;
};

std::optional<Step> match_one(std::string_view mask, std::size_t m, std::string_view name, std::size_t n) {
  if (m == mask.size()) return std::nullopt;
  if (mask[m] == '?') return Step{m + 1, after_character(name, n)};
  const bool escape = mask[m] == '\\' && m + 1 < mask.size() && (mask[m + 1] == '*' || mask[m + 1] == '?');
  if (escape) ++m;
  if (fold(mask[m]) != fold(name[n])) return std::nullopt;
  return Step{m + 1, n + 1};
}

}  // namespace

std::optional<NameError> check_nick(std::string_view nick) {
  if (const auto error = check_length(nick, limits::nick)) return error;
  const char first = nick.front();
  if (first == '-' || (first >= '0' && first <= '9')) return NameError::invalid_characters;
  if (!std::ranges::all_of(nick, nick_characters)) return NameError::invalid_characters;
  return std::nullopt;
}

std::optional<NameError> check_channel(std::string_view channel) {
  if (const auto error = check_length(channel, limits::channel)) return error;
  const bool valid = is_channel(channel) && channel.find_first_of(" ,:") == std::string_view::npos &&
                     !holds_control(channel) && is_utf8(channel);
  if (!valid) return NameError::invalid_characters;
  return std::nullopt;
}

std::optional<NameError> check_key(std::string_view key) {
  if (const auto error = check_length(key, limits::key)) return error;
  const auto allowed = [](char c) { return c > ' ' && c < 0x7F && c != ','; };
  if (!is_word(key) || !std::ranges::all_of(key, allowed)) return NameError::invalid_characters;
  return std::nullopt;
}

std::optional<NameError> check_mask(std::string_view mask) {
  if (const auto error = check_length(mask, limits::mask)) return error;
  const bool valid = is_word(mask) && !holds_control(mask);
  if (!valid) return NameError::invalid_characters;
  return std::nullopt;
}

std::string clean_user(std::string_view user) {
  std::string clean;
  for (const char c : user) {
    if (clean.size() == limits::user) break;
    if (user_characters(c)) clean += c;
  }
  return clean;
}

std::string casefold(std::string_view name) {
  std::string folded(name);
  for (auto& c : folded) c = fold(c);
  return folded;
}

// On a mismatch it goes back to the last '*' alone and lets it take one byte more: an earlier one need not be
// tried again, since whatever it could take, the last one can take as well.
bool matches(std::string_view mask, std::string_view name) {
  std::optional<Step> last_star;
  std::size_t m = 0;
  std::size_t n = 0;
  while (n < name.size()) {
    if (m < mask.size() && mask[m] == '*') {
      last_star = Step{++m, n};
    } else if (const auto step = match_one(mask, m, name, n)) {
      m = step->mask;
      n = step->name;
    } else if (last_star) {
      m = last_star->mask;
      n = ++last_star->name;
    } else {
      return false;
    }
  }
  return mask.find_first_not_of('*', m) == std::string_view::npos;
}

std::string complete_mask(std::string_view mask) {
  const auto exclamation = mask.find('!');
  const bool nick_alone = exclamation == std::string_view::npos && mask.find('@') == std::string_view::npos;
  std::string_view nick;
  if (nick_alone) {
    nick = mask;
    mask = {};
  } else if (exclamation != std::string_view::npos) {
    nick = mask.substr(0, exclamation);
    mask.remove_prefix(exclamation + 1);
  }
  const auto at = mask.find('@');
  const auto user = mask.substr(0, at);
  const auto host = at == std::string_view::npos ? std::string_view{} : mask.substr(at + 1);

  const auto part = [](std::string_view text) { return text.empty() ? "*" : std::string(text); };
  return part(nick) + "!" + part(user) + "@" + part(host);
}

}  // namespace troupe::protocol
