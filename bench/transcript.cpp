#include "bench/transcript.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace troupe::bench {
namespace {

constexpr std::size_t most_examples = 5;

std::string digits_of(std::uint32_t number) {
  auto text = std::to_string(number);
  return std::string(Transcript::shortest_text - text.size(), '0') + text;
}

std::string filler_of(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 1; i < size; ++i) text[i] = static_cast<char>('a' + i % 26);
  return text;
}

}  // namespace

Violations& Violations::operator+=(const Violations& other) {
  lost += other.lost;
  doubled += other.doubled;
  reordered += other.reordered;
  interleaved += other.interleaved;
  altered += other.altered;
  for (const auto& example : other.examples)
    if (examples.size() < most_examples) examples.push_back(example);
  return *this;
}

Transcript::Transcript(Cast cast, Histogram& latencies, OtherLine other_line)
    : cast_(std::move(cast)),
      latencies_(latencies),
      other_line_(std::move(other_line)),
      command_("PRIVMSG " + cast_.channel + " :"),
      filler_(filler_of(cast_.bytes - shortest_text)),
      voices_(cast_.speakers),
      members_(cast_.nicks.size()) {
  if (cast_.speakers > 0 && cast_.speakers >= cast_.nicks.size())
    throw std::invalid_argument("each channel needs a member that does not speak");
  for (Member speaker = 0; speaker < cast_.speakers; ++speaker)
    speakers_.emplace(cast_.nicks[speaker], speaker);
}

std::string_view Transcript::send(Member speaker, Instant now) {
  auto& voice = voices_[speaker];
  voice.unlogged.push_back(now);
  line_ = command_ + digits_of(++voice.sent) + filler_ + "\r\n";
  return line_;
}

std::size_t Transcript::receive(Member member, std::string_view bytes, Instant now) {
  forget_completed();
  auto& place = members_[member];
  // The only entries that a member can stand before, though everybody has seen them, are its own.
  if (place.entry < first_entry_) place.entry = first_entry_;
  place.read_at = now;
  const auto logged = first_entry_ + entries_.size();
  completed_ = 0;
  if (place.waiting) {
    place.unread += bytes;
  } else if (place.unread.empty()) {
    advance(member, bytes, now);
  } else {
    const auto all = std::exchange(place.unread, {}).append(bytes);
    advance(member, all, now);
  }
  if (first_entry_ + entries_.size() > logged) resume_waiting();
  return completed_;
}

void Transcript::resume_waiting() {
  for (const auto member : std::exchange(waiting_, {})) {
    auto& place = members_[member];
    place.waiting = false;
    const auto bytes = std::exchange(place.unread, {});
    advance(member, bytes, place.read_at);
  }
}

void Transcript::advance(Member member, std::string_view bytes, Instant now) {
  auto& place = members_[member];
  for (;;) {
    follow(member, bytes, now);
    if (bytes.empty()) return;
    // A line that is not the log's next one. Part of it may have been read before, and looked like that one.
    std::string line;
    if (const auto matched = std::exchange(place.matched, 0); matched > 0)
      line = log_.substr(entries_[place.entry - first_entry_].begin - first_byte_, matched);
    const auto end = bytes.find('\n');
    line += bytes.substr(0, end == bytes.npos ? end : end + 1);
    bytes.remove_prefix(end == bytes.npos ? bytes.size() : end + 1);
    if (end == bytes.npos) {
      place.unread = std::move(line);
      return;
    }
    if (!take(member, line, now)) {
      place.unread = line.append(bytes);
      place.waiting = true;
      waiting_.push_back(member);
      return;
    }
  }
}

/// Takes from `bytes` what equals the log from where the member stands.
void Transcript::follow(Member member, std::string_view& bytes, Instant now) {
  auto& place = members_[member];
  const auto end = first_entry_ + entries_.size();
  for (; place.entry < end; ++place.entry) {
    auto& entry = entries_[place.entry - first_entry_];
    if (entry.speaker == member) continue;
    const auto* expected = log_.data() + (entry.begin - first_byte_) + place.matched;
    const auto size = std::min<std::size_t>(bytes.size(), entry.length - place.matched);
    if (size == 0 || std::memcmp(bytes.data(), expected, size) != 0) return;
    bytes.remove_prefix(size);
    place.matched += static_cast<std::uint32_t>(size);
    if (place.matched < entry.length) return;
    place.matched = 0;
    seen(entry, now);
  }
}

/// Takes a whole line, wherever it belongs. False if that cannot be known yet.
bool Transcript::take(Member member, std::string_view line, Instant now) {
  const auto said = parse(member, line);
  if (!said) return true;
  if (said->speaker == member) {
    note(violations_.doubled, member, "was shown its own message", said->speaker, said->number);
  } else if (said->number <= voices_[said->speaker].logged) {
    take_logged(member, *said, now);
  } else if (member < cast_.speakers && !finishing_) {
    return false;
  } else {
    extend(member, *said, line, now);
  }
  return true;
}

/// Takes a message that is in the log, or was when everybody had seen it, but is not the member's next one.
void Transcript::take_logged(Member member, const Said& said, Instant now) {
  const auto is_it = [&](const Entry& e) { return e.speaker == said.speaker && e.number == said.number; };
  const auto found = std::ranges::find_if(entries_, is_it);
  const auto index = first_entry_ + static_cast<std::uint64_t>(found - entries_.begin());
  if (found != entries_.end() && index >= members_[member].entry) {
    skip_to(member, index);
    ++members_[member].entry;
    seen(*found, now);
  } else if (missing_.erase({member, said.speaker, said.number}) > 0) {
    take_late(member, said, index, now);
  } else {
    note(violations_.doubled, member, "was shown again", said.speaker, said.number);
  }
}

/// Takes a message that was missing.
void Transcript::take_late(Member member, const Said& said, std::uint64_t index, Instant now) {
  const auto first = entries_.begin() + static_cast<std::ptrdiff_t>(index - first_entry_);
  const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(members_[member].entry - first_entry_);
  const bool same_speaker = std::any_of(first + 1, end, [&](const Entry& later) {
    return later.speaker == said.speaker && !missing_.contains({member, later.speaker, later.number});
  });
  if (same_speaker)
    note(violations_.reordered, member, "was shown too late", said.speaker, said.number);
  else
    note(violations_.interleaved, member, "was shown in another order than others", said.speaker,
         said.number);
  seen(*first, now);
}

/// Takes a message that nobody has seen before: it is the log's next one.
void Transcript::extend(Member member, const Said& said, std::string_view line, Instant now) {
  auto& voice = voices_[said.speaker];
  while (voice.logged < said.number) {  // more than once only if this member was not shown earlier ones
    entries_.push_back({.begin = first_byte_ + log_.size(),
                        .sent = voice.unlogged.front(),
                        .length = static_cast<std::uint32_t>(line.size()),
                        .remaining = static_cast<std::uint32_t>(members_.size() - 1),
                        .speaker = said.speaker,
                        .number = ++voice.logged});
    voice.unlogged.pop_front();
    log_.append(line).replace(log_.size() - line.size() + said.digits, shortest_text,
                              digits_of(voice.logged));
  }
  const auto last = first_entry_ + entries_.size() - 1;
  skip_to(member, last);
  ++members_[member].entry;
  seen(entries_.back(), now);
}

/// Lets a member stand before an entry. What it has not seen before that is missing, and may come later.
void Transcript::skip_to(Member member, std::uint64_t entry) {
  for (auto& at = members_[member].entry; at < entry; ++at) {
    const auto& skipped = entries_[at - first_entry_];
    if (skipped.speaker != member) missing_.insert({member, skipped.speaker, skipped.number});
  }
}

/// What a line says, if it is a message of this channel's.
std::optional<Transcript::Said> Transcript::parse(Member member, std::string_view line) {
  auto rest = line.substr(0, line.find_last_not_of("\r\n") + 1);
  const auto whole = rest;
  if (rest.starts_with('@')) rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1);
  const auto space = std::min(rest.find(' '), rest.size());
  const auto prefix = rest.substr(0, space);
  rest.remove_prefix(std::min(space + 1, rest.size()));
  if (!prefix.starts_with(':') || !rest.starts_with(command_)) {
    other_line_(member, whole);
    return std::nullopt;
  }
  rest.remove_prefix(command_.size());
  const auto speaker = speakers_.find(std::string(prefix.substr(1, prefix.find('!') - 1)));
  std::uint32_t number = 0;
  const auto digits = rest.substr(0, shortest_text);
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool sent = speaker != speakers_.end() && number > 0 && number <= voices_[speaker->second].sent;
  if (!sent || rest != digits_of(number) + filler_) {
    ++violations_.altered;
    if (violations_.examples.size() < most_examples)
      violations_.examples.push_back(cast_.nicks[member] +
                                     " was shown what nobody said: " + std::string(whole));
    return std::nullopt;
  }
  return Said{speaker->second, number, static_cast<std::size_t>(rest.data() - line.data())};
}

void Transcript::seen(Entry& entry, Instant now) {
  latencies_.add(now - entry.sent);
  if (--entry.remaining > 0) return;
  ++completed_;
  while (completed_prefix_ < entries_.size() && entries_[completed_prefix_].remaining == 0)
    ++completed_prefix_;
}

void Transcript::forget_completed() {
  constexpr std::size_t worth_it = 64;
  if (completed_prefix_ < worth_it || completed_prefix_ * 2 < entries_.size()) return;
  const auto bytes =
      completed_prefix_ < entries_.size() ? entries_[completed_prefix_].begin - first_byte_ : log_.size();
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(completed_prefix_));
  log_.erase(0, bytes);
  first_entry_ += completed_prefix_;
  first_byte_ += bytes;
  completed_prefix_ = 0;
}

void Transcript::finish() {
  finishing_ = true;
  resume_waiting();
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].remaining > 0) report_lost(entries_[i], first_entry_ + i);
  for (Member speaker = 0; speaker < voices_.size(); ++speaker) {
    const auto unseen = voices_[speaker].unlogged.size();
    if (unseen == 0) continue;
    violations_.lost += unseen * (members_.size() - 1);
    if (violations_.examples.size() < most_examples)
      violations_.examples.push_back(std::to_string(unseen) + " messages of " + cast_.nicks[speaker] +
                                     " were not shown to anybody");
  }
}

void Transcript::report_lost(const Entry& entry, std::uint64_t index) {
  Member member = 0;
  while (member == entry.speaker ||
         (members_[member].entry > index && !missing_.contains({member, entry.speaker, entry.number})))
    ++member;
  note(violations_.lost, member, "was not shown", entry.speaker, entry.number);
  violations_.lost += entry.remaining - 1;
}

void Transcript::note(std::uint64_t& count, Member member, const char* what, Member speaker,
                      std::uint32_t number) {
  ++count;
  if (violations_.examples.size() >= most_examples) return;
  violations_.examples.push_back(cast_.nicks[member] + " " + what + ": message " + std::to_string(number) +
                                 " of " + cast_.nicks[speaker]);
}

}  // namespace troupe::bench
