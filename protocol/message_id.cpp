#include "protocol/message_id.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace troupe::protocol {

namespace {

using namespace std::chrono;

constexpr std::string_view timestamp_form = "0000-00-00T00:00:00.000Z";
constexpr std::string_view id_form = "00000000-0000-0000-0000-000000000000";

constexpr Time first_time = sys_days{year{0} / January / 1};
constexpr Time last_time = sys_days{year{10000} / January / 1} - milliseconds{1};

// RFC 9562, section 5.7: 48 bits of time, 4 of version, 12 of the counter, 2 of variant, 62 of the counter.
constexpr std::uint64_t version_7 = 0x7000;
constexpr std::uint64_t variant = 0x8000'0000'0000'0000;
constexpr std::uint64_t high_mask = 0x0FFF;
constexpr std::uint64_t low_mask = 0x3FFF'FFFF'FFFF'FFFF;
constexpr std::int64_t last_millisecond = (std::int64_t{1} << 48) - 1;

// An id's parts: the time, and the upper 12 and lower 62 bits of the counter.
struct Parts {
  std::uint64_t time;
  std::uint64_t high;
  std::uint64_t low;
};

std::uint64_t load(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | bytes[i];
  return value;
}

void store(std::uint8_t* bytes, std::uint64_t value) {
  for (int i = 7; i >= 0; --i, value >>= 8) bytes[i] = static_cast<std::uint8_t>(value);
}

Parts take_apart(const MessageId& id) {
  const auto first = load(&id.bytes[0]);
  return {first >> 16, first & high_mask, load(&id.bytes[8]) & low_mask};
}

MessageId put_together(const Parts& parts) {
  MessageId id;
  store(&id.bytes[0], parts.time << 16 | version_7 | parts.high);
  store(&id.bytes[8], variant | parts.low);
  return id;
}

MessageId successor(const MessageId& id) {
  auto parts = take_apart(id);
  parts.low = (parts.low + 1) & low_mask;
  if (parts.low == 0) parts.high = (parts.high + 1) & high_mask;
  if (parts.low == 0 && parts.high == 0) ++parts.time;
  return put_together(parts);
}

void append_digits(std::string& out, std::int64_t value, int count) {
  for (int divisor = count == 4 ? 1000 : count == 3 ? 100 : 10; divisor > 0; divisor /= 10) {
    out += static_cast<char>('0' + value / divisor % 10);
  }
}

// True if `text` has a character that `is_digit` accepts wherever `form` has a 0, and the form's elsewhere.
template <class IsDigit>
bool has_form(std::string_view text, std::string_view form, IsDigit is_digit) {
  return std::ranges::equal(text, form, [&](char c, char f) { return f == '0' ? is_digit(c) : c == f; });
}

int digits(std::string_view text, std::size_t position, std::size_t count) {
  int value = 0;
  for (const char c : text.substr(position, count)) value = value * 10 + (c - '0');
  return value;
}

}  // namespace

std::string to_timestamp(Time time) {
  time = std::clamp(time, first_time, last_time);
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};

  std::string text;
  text.reserve(timestamp_form.size());
  append_digits(text, static_cast<int>(date.year()), 4);
  text += '-';
  append_digits(text, static_cast<unsigned>(date.month()), 2);
  text += '-';
  append_digits(text, static_cast<unsigned>(date.day()), 2);
  text += 'T';
  append_digits(text, clock.hours().count(), 2);
  text += ':';
  append_digits(text, clock.minutes().count(), 2);
  text += ':';
  append_digits(text, clock.seconds().count(), 2);
  text += '.';
  append_digits(text, clock.subseconds().count(), 3);
  text += 'Z';
  return text;
}

std::optional<Time> parse_timestamp(std::string_view text) {
  if (!has_form(text, timestamp_form, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  const auto date = year{digits(text, 0, 4)} / digits(text, 5, 2) / digits(text, 8, 2);
  const hours hour{digits(text, 11, 2)};
  const minutes minute{digits(text, 14, 2)};
  const seconds second{digits(text, 17, 2)};
  if (!date.ok() || hour >= days{1} || minute >= hours{1} || second > minutes{1}) return std::nullopt;
  return sys_days{date} + hour + minute + second + milliseconds{digits(text, 20, 3)};
}

Time MessageId::time() const { return Time{milliseconds{take_apart(*this).time}}; }

std::string to_string(const MessageId& id) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string text(id_form);
  std::size_t at = 0;
  for (const auto byte : id.bytes) {
    if (text[at] == '-') ++at;
    text[at++] = hex[byte >> 4];
    text[at++] = hex[byte & 0x0F];
  }
  return text;
}

std::optional<MessageId> parse_message_id(std::string_view text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (!has_form(text, id_form, is_digit)) return std::nullopt;
  MessageId id;
  std::size_t at = 0;
  for (auto& byte : id.bytes) {
    if (text[at] == '-') ++at;
    std::from_chars(&text[at], &text[at] + 2, byte, 16);
    at += 2;
  }
  if (id != put_together(take_apart(id))) return std::nullopt;
  return id;
}

Time time_of(const MessageId& id, Time now) {
  const auto time = id.time();
  return time > now && time - now > most_ahead ? now : time;
}

MessageIdGenerator::MessageIdGenerator(std::function<std::uint64_t()> random) : random_(std::move(random)) {}

// The counter starts with its top bit clear, so that it has room to count in.
MessageId MessageIdGenerator::next(Time now) {
  const auto clamped = std::clamp<std::int64_t>(now.time_since_epoch().count(), 0, last_millisecond);
  const auto last = take_apart(last_).time;
  const auto time =
      std::max(static_cast<std::uint64_t>(clamped), std::exchange(passed_, false) ? last + 1 : 0);
  if (time > last) {
    last_ = put_together({time, random_() & (high_mask >> 1), random_() & low_mask});
  } else {
    last_ = successor(last_);
  }
  return last_;
}

void MessageIdGenerator::advance_past(const MessageId& id) {
  if (id <= last_ || take_apart(id).time == last_millisecond) return;
  last_ = id;
  passed_ = true;
}

}  // namespace troupe::protocol
