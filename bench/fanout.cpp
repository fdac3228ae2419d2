#include "bench/fanout.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace troupe::bench {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_turn{100};
constexpr milliseconds chat_pace{5};
constexpr milliseconds last_words{500};

std::string nick_of(std::size_t client) { return "b" + std::to_string(client); }

std::string percent(std::chrono::duration<double> part, std::chrono::duration<double> whole) {
  return std::to_string(std::clamp(static_cast<int>(100 * (part / whole)), 0, 100)) + " %";
}

}  // namespace

Fanout::Fanout(FanoutOptions options, Progress& progress)
    : options_(std::move(options)),
      progress_(progress),
      crowd_(ServerAddress::resolve(options_.host, options_.port), options_.at_a_time,
             [this](Crowd::Id id, std::string_view bytes, Instant now) {
               const auto [channel, member] = seats_[id];
               const auto completed = transcripts_[channel].receive(member, bytes, now);
               if (completed == 0) return;
               completed_ += completed;
               outstanding_ -= completed;
               last_completed_ = now;
             }) {}

Measurements Fanout::run() {
  constexpr std::size_t other_files = 64;
  raise_file_limit(options_.idle + options_.chat + options_.clients + options_.deaf + other_files);
  result_.at_start = usage();
  try {
    for (std::size_t i = 0; i < options_.idle; ++i) {
      crowd_.add({nick_of(seats_.size()), ""});
      seats_.emplace_back();
    }
    if (options_.chat > 0) {
      seat(options_.chat, 1, options_.chat / 2, "#chat");
      join();
      storm();
    } else {
      seat(options_.clients, options_.channels, options_.joins_only ? 0 : options_.speakers, "#bench");
      add_deaf();
      join();
    }
    settle();
    result_.at_joined = usage();
    if (!options_.joins_only) measure();
    drain();
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(error.what() + (last_error_.empty() ? "" : " after " + last_error_));
  }
  result_.at_end = usage();
  result_.deaf_closed = closed_deaf();
  result_.connections = crowd_.size();
  for (auto& transcript : transcripts_) {
    transcript.finish();
    result_.violations += transcript.violations();
  }
  return std::move(result_);
}

/// Has clients come, and spreads them over channels; the first ones speak.
void Fanout::seat(std::size_t clients, std::size_t channels, std::size_t speakers, const std::string& name) {
  const auto first = seats_.size();
  for (std::size_t channel = 0; channel < channels; ++channel) {
    Cast cast{.channel = name + std::to_string(channel), .nicks = {}, .speakers = 0, .bytes = options_.bytes};
    for (auto client = channel; client < clients; client += channels) {
      cast.nicks.push_back(nick_of(first + client));
      if (client < speakers) ++cast.speakers;
    }
    transcripts_.emplace_back(
        std::move(cast), result_.latencies,
        [this, id = first + channel, channels](Transcript::Member m, std::string_view l) {
          if (l.starts_with("ERROR")) last_error_ = l;
          crowd_.answer(static_cast<Crowd::Id>(id + m * channels), l);
        });
  }
  const auto first_channel = transcripts_.size() - channels;
  for (std::size_t client = 0; client < clients; ++client) {
    const auto channel = client % channels;
    seats_.push_back({static_cast<std::uint32_t>(first_channel + channel),
                      static_cast<Transcript::Member>(client / channels)});
    const auto id = crowd_.add({nick_of(first + client), name + std::to_string(channel)});
    if (client < speakers) speakers_.push_back(id);
  }
}

void Fanout::add_deaf() {
  for (std::size_t i = 0; i < options_.deaf; ++i) {
    deaf_.push_back(crowd_.add({.nick = nick_of(seats_.size()), .channel = "#bench0", .deaf = true}));
    seats_.emplace_back();
  }
}

std::size_t Fanout::closed_deaf() {
  return static_cast<std::size_t>(
      std::ranges::count_if(deaf_, [this](auto id) { return crowd_.was_closed(id, last_words); }));
}

void Fanout::join() {
  const auto begin = Clock::now();
  const auto before = crowd_.ready();
  const auto cpu = usage().cpu;
  const auto own = own_cpu();
  auto moved = begin;
  for (auto ready = before; crowd_.ready() < crowd_.size(); ready = crowd_.ready()) {
    crowd_.turn(options_.chat > 0 ? milliseconds{1} : longest_turn);
    const auto now = Clock::now();
    if (crowd_.ready() > ready) moved = now;
    if (now - moved > 2 * options_.stall)
      throw std::runtime_error("the server lets nobody in any more: " + std::to_string(crowd_.ready()) +
                               " of " + std::to_string(crowd_.size()) + " clients are");
    if (next_chat_ != Instant{}) chat(now);
    if (progress_.due())
      progress_.show("joined " + std::to_string(crowd_.ready()) + " of " + std::to_string(crowd_.size()));
  }
  result_.joining = Clock::now() - begin;
  result_.joins = crowd_.ready() - before;
  result_.server_cpu = usage().cpu - cpu;
  result_.own_cpu = own_cpu() - own;
}

/// Has all clients join while the chat goes on, and measures both.
void Fanout::storm() {
  settle();
  seat(options_.clients, options_.channels, 0, "#bench");
  next_chat_ = last_completed_ = Clock::now();
  join();
  drain();
  result_.length = result_.joining;
  result_.messages = completed_;
  result_.deliveries = result_.latencies.count();
}

/// Has the next speaker send so many messages at once.
void Fanout::speak(std::size_t messages) {
  const auto id = speakers_[next_speaker_];
  next_speaker_ = (next_speaker_ + 1) % speakers_.size();
  const auto [channel, member] = seats_[id];
  const auto now = Clock::now();
  lines_.clear();
  for (std::size_t i = 0; i < messages; ++i) lines_ += transcripts_[channel].send(member, now);
  outstanding_ += messages;
  crowd_.send(id, lines_);
}

void Fanout::speak_within_window() {
  while (outstanding_ < options_.window) speak(std::min(options_.burst, options_.window - outstanding_));
}

void Fanout::chat(Instant now) {
  if (now < next_chat_) return;
  speak(1);
  next_chat_ = std::max(next_chat_ + chat_pace, now);
}

/// Reads on until the last joins have been told to everybody.
void Fanout::settle() {
  constexpr milliseconds quiet{50};
  constexpr std::chrono::seconds at_most{5};
  for (const auto end = Clock::now() + at_most; Clock::now() < end && crowd_.turn(quiet);) continue;
}

bool Fanout::stalled() const { return outstanding_ > 0 && Clock::now() - last_completed_ > options_.stall; }

/// Speaks for so long or, if that is not 0, until so many messages have been seen by everybody.
void Fanout::play(std::chrono::duration<double> length, std::uint64_t messages, const char* what) {
  const auto begin = Clock::now();
  const auto first = completed_;
  const auto deliveries = result_.latencies.count();
  last_completed_ = begin;
  for (auto now = begin; messages > 0 ? completed_ - first < messages : now - begin < length;
       now = Clock::now()) {
    speak_within_window();
    crowd_.turn(longest_turn);
    if (stalled()) return;
    if (!progress_.due()) continue;
    const std::chrono::duration<double> past = Clock::now() - begin;
    const auto rate = static_cast<double>(result_.latencies.count() - deliveries) / past.count();
    progress_.show(std::string(what) + " " + percent(past, length) + "  " +
                   std::to_string(static_cast<std::uint64_t>(rate)) + " deliveries/s");
  }
}

void Fanout::measure() {
  play(options_.warm_up, 0, "warming up");
  drain();  // or a message on its way would be measured in part
  result_.latencies.clear();
  const auto completed = completed_;
  const auto cpu = usage().cpu;
  const auto own = own_cpu();
  const auto begin = Clock::now();
  play(options_.length, options_.messages, "measuring");
  result_.length = Clock::now() - begin;
  result_.server_cpu = usage().cpu - cpu;
  result_.own_cpu = own_cpu() - own;
  result_.messages = completed_ - completed;
  result_.deliveries = result_.latencies.count();
}

/// Waits until everybody has seen what is outstanding.
void Fanout::drain() {
  if (stalled()) return;
  last_completed_ = Clock::now();
  while (outstanding_ > 0 && !stalled()) crowd_.turn(longest_turn);
}

}  // namespace troupe::bench
