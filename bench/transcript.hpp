#pragma once

#include "bench/histogram.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace troupe::bench {

using Clock = std::chrono::steady_clock;
using Instant = Clock::time_point;

/// What a server did to messages that it must not do, by how often it did it.
struct Violations {
  std::uint64_t lost = 0;             ///< deliveries that never came
  std::uint64_t doubled = 0;          ///< deliveries that came again
  std::uint64_t reordered = 0;        ///< deliveries that came after a later message of the same speaker
  std::uint64_t interleaved = 0;      ///< deliveries that came after one that they precede for other members
  std::uint64_t altered = 0;          ///< messages that nobody sent so
  std::vector<std::string> examples;  ///< the first few, in words

  bool none() const { return lost + doubled + reordered + interleaved + altered == 0; }
  Violations& operator+=(const Violations& other);
};

/// A channel as it is played: who is in it, and what they say.
struct Cast {
  std::string channel;
  std::vector<std::string> nicks;  ///< of all members, those who speak first
  std::size_t speakers = 0;        ///< fewer than there are members: one at least has to see everything
  std::size_t bytes = 64;          ///< length of a message's text; at least `Transcript::shortest_text`
};

/// Everything that is said in one channel, and how far each member has seen it. Makes the messages, counts
/// and times their deliveries, and finds what was lost, doubled, reordered or altered.
///
/// All members have to see the same lines in the same order, except for their own. So the first silent
/// member that sees a line adds it to the log, and what any other one reads is only compared to the log's
/// bytes from where that member stands: a delivery costs a `memcmp`. Lines are taken apart only when they
/// differ. A speaker cannot tell where its own messages stand among the others', and thus adds nothing: if it
/// is ahead of all silent members, what it read waits until one of them has read it, too.
class Transcript {
 public:
  using Member = std::uint32_t;  ///< a place in the cast
  /// Given the lines that are no messages of this channel's cast, without their line end.
  using OtherLine = std::function<void(Member, std::string_view)>;

  static constexpr std::size_t shortest_text = 10;  ///< it holds the message's number

  /// Adds the time from sending to reading to `latencies` for each delivery; it must outlive this.
  Transcript(Cast cast, Histogram& latencies, OtherLine other_line);

  /// The line that `speaker` now has to send; it is valid until the next call.
  std::string_view send(Member speaker, Instant now);

  /// Takes the bytes that `member` read next. Says how many messages have thereby been seen by everybody.
  std::size_t receive(Member member, std::string_view bytes, Instant now);

  /// To be called when no more is to be expected: what has not been seen is lost.
  void finish();

  std::size_t members() const { return members_.size(); }
  std::size_t speakers() const { return voices_.size(); }
  const Violations& violations() const { return violations_; }

 private:
  /// A message's line as members see it.
  struct Entry {
    std::uint64_t begin;  ///< where its bytes begin, counted from the log's beginning
    Instant sent;
    std::uint32_t length;
    std::uint32_t remaining;  ///< members that have not seen it
    Member speaker;
    std::uint32_t number;
  };
  /// How far a member has read.
  struct Place {
    std::uint64_t entry = 0;    ///< the entry to be seen next, counted from the log's beginning
    std::uint32_t matched = 0;  ///< bytes of it that have been read
    bool waiting = false;       ///< for a silent member to see what is in `unread`
    Instant read_at{};
    std::string unread;  ///< bytes that could not be compared yet, from a line's beginning
  };
  /// What a speaker has said. Its messages are numbered from 1.
  struct Voice {
    std::uint32_t sent = 0;
    std::uint32_t logged = 0;
    std::deque<Instant> unlogged;  ///< when those that are not in the log yet were sent
  };
  struct Said {
    Member speaker;
    std::uint32_t number;
    std::size_t digits;  ///< where in its line the number stands
  };

  void advance(Member member, std::string_view bytes, Instant now);
  void follow(Member member, std::string_view& bytes, Instant now);
  bool take(Member member, std::string_view line, Instant now);
  void take_late(Member member, const Said& said, std::uint64_t index, Instant now);
  void take_logged(Member member, const Said& said, Instant now);
  void extend(Member member, const Said& said, std::string_view line, Instant now);
  std::optional<Said> parse(Member member, std::string_view line);
  void skip_to(Member member, std::uint64_t entry);
  void seen(Entry& entry, Instant now);
  void resume_waiting();
  void forget_completed();
  void report_lost(const Entry& entry, std::uint64_t index);
  void note(std::uint64_t& count, Member member, const char* what, Member speaker, std::uint32_t number);

  Cast cast_;
  Histogram& latencies_;
  OtherLine other_line_;
  std::unordered_map<std::string, Member> speakers_;
  std::string command_;  ///< what stands between prefix and text of a message
  std::string filler_;   ///< a message's text after its number
  std::string line_;

  std::deque<Voice> voices_;
  std::vector<Place> members_;
  std::vector<Member> waiting_;
  bool finishing_ = false;

  // The log from its first entry that not everybody has seen on, more or less.
  std::vector<Entry> entries_;
  std::string log_;
  std::uint64_t first_entry_ = 0;
  std::uint64_t first_byte_ = 0;
  std::size_t completed_prefix_ = 0;  ///< so many entries have been seen by all
  std::size_t completed_ = 0;         ///< since the call began

  /// Who has not seen which message, though a later one: member, speaker, number.
  std::set<std::tuple<Member, Member, std::uint32_t>> missing_;
  Violations violations_;
};

}  // namespace troupe::bench
