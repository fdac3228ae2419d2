#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::protocol {

/// A time as messages carry it: UTC, to the millisecond.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

/// "2026-01-31T23:59:59.999Z" (server-time), and the way back; nothing if the text is not of that form. A
/// time before the year 0000 or after 9999 is shown as the first or last that has the form. A leap second, as
/// in "2012-06-30T23:59:60.419Z", is read as the first second of the next minute.
std::string to_timestamp(Time time);
std::optional<Time> parse_timestamp(std::string_view text);

/// A message's identity and place in the order: a UUID of version 7 (RFC 9562, section 5.7). Compares in the
/// order in which one generator made them.
struct MessageId {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const MessageId&) const = default;

  /// The time in its first 48 bits: a place in the order. A message's time is `time_of`.
  Time time() const;
};

/// "018f3c5e-7b2a-7c3d-8e4f-0123456789ab", and the way back; nothing if the text is not of exactly that form
/// (in lower case, since a msgid is case-sensitive) or not of version 7.
std::string to_string(const MessageId& id);
std::optional<MessageId> parse_message_id(std::string_view text);

/// How far ahead of the clock a message may be dated, so that times grow with the ids over small steps back.
inline constexpr std::chrono::minutes most_ahead{5};

/// The time of a message that was given this id at `now`: the id's own, unless that is further ahead, because
/// the clock was set back since an earlier id. Then ids keep their order, and messages bear the clock's time.
Time time_of(const MessageId& id, Time now);

/// Makes ids that only ever grow, also when the clock stands still or goes back: the 74 bits after the time
/// count on from a random start in each millisecond (RFC 9562, section 6.2, method 2).
class MessageIdGenerator {
 public:
  /// `random` gives 64 random bits a call.
  explicit MessageIdGenerator(std::function<std::uint64_t()> random);

  /// An id larger than every one before; its time is `now`, or that of the last id if that is later. (Only
  /// when all the ids of a millisecond are used up is it one later still.) Times before 1970 count as 1970.
  MessageId next(Time now);

  /// The largest id so far; zero if there was none.
  const MessageId& last() const { return last_; }

  /// Makes every later id larger than `id`, for instance the largest one in a store. They begin a millisecond
  /// later at a random place: two runs of a server that both go on from there never give out the same ones.
  /// One of the last millisecond that an id can hold, in the year 10889, is passed over: none can be larger.
  void advance_past(const MessageId& id);

 private:
  std::function<std::uint64_t()> random_;
  MessageId last_;
  bool passed_ = false;  ///< `last_` is one that was to be passed, and not of our own making
};

}  // namespace troupe::protocol
