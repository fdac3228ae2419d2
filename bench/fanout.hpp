#pragma once

#include "bench/crowd.hpp"
#include "bench/histogram.hpp"
#include "bench/process.hpp"
#include "bench/progress.hpp"
#include "bench/transcript.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::bench {

/// What is to be played to which server.
struct FanoutOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6667;
  std::vector<pid_t> processes;  ///< the server's
  std::size_t clients = 1000;    ///< who join, spread evenly over the channels
  std::size_t channels = 1;
  std::size_t speakers = 1;     ///< of all clients
  std::size_t window = 1;       ///< messages that may be outstanding in all
  std::size_t burst = 1;        ///< messages that a speaker sends at once, as far as the window allows
  std::size_t bytes = 64;       ///< a message's text
  std::size_t idle = 0;         ///< further clients that register only
  std::size_t deaf = 0;         ///< further members of the first channel, who never read
  std::size_t chat = 0;         ///< members of a channel that chats, at a fixed pace, while the clients join
  bool joins_only = false;      ///< nothing is said after the joins
  std::size_t at_a_time = 500;  ///< clients on their way in at once
  std::chrono::duration<double> warm_up{1};
  std::chrono::duration<double> length{5};  ///< of the measuring
  std::uint64_t messages = 0;               ///< if not 0, the measuring ends after so many instead
  std::chrono::duration<double> stall{10};  ///< what no member has seen for so long is lost
};

/// What came out.
struct Measurements {
  std::chrono::duration<double> joining{};  ///< from the first client's connecting to the last one's joining
  std::size_t joins = 0;
  std::size_t connections = 0;  ///< in all

  std::chrono::duration<double> length{};  ///< of the measuring of deliveries, if there was one
  std::uint64_t messages = 0;              ///< seen by everybody in that time
  std::uint64_t deliveries = 0;
  Histogram latencies;  ///< of each delivery, from the sender's send() to the receiver's read

  std::chrono::nanoseconds server_cpu{};  ///< in that time or, if joins are what was measured, for them
  std::chrono::nanoseconds own_cpu{};

  ProcessUsage at_start;   ///< before the first connection
  ProcessUsage at_joined;  ///< after the last join
  ProcessUsage at_end;

  std::size_t deaf_closed = 0;  ///< deaf members whom the server had closed in the end
  Violations violations;
};

/// Plays clients to a server and measures it.
class Fanout {
 public:
  Fanout(FanoutOptions options, Progress& progress);

  /// Throws std::runtime_error if the server refuses or disconnects a client.
  Measurements run();

 private:
  struct Seat {
    std::uint32_t channel;
    Transcript::Member member;
  };

  void seat(std::size_t clients, std::size_t channels, std::size_t speakers, const std::string& name);
  void add_deaf();
  std::size_t closed_deaf();
  void join();
  void storm();
  void speak_within_window();
  void speak(std::size_t messages);
  void chat(Instant now);
  void settle();
  void play(std::chrono::duration<double> length, std::uint64_t messages, const char* what);
  void measure();
  void drain();
  bool stalled() const;
  ProcessUsage usage() const { return usage_of(options_.processes); }

  FanoutOptions options_;
  Progress& progress_;
  Crowd crowd_;
  std::vector<Transcript> transcripts_;
  std::vector<Seat> seats_;  ///< of each client of the crowd
  std::vector<Crowd::Id> speakers_;
  std::vector<Crowd::Id> deaf_;
  std::size_t next_speaker_ = 0;

  std::string lines_;  ///< what is being said
  std::size_t outstanding_ = 0;
  std::uint64_t completed_ = 0;
  Instant last_completed_{};
  Instant next_chat_{};
  std::string last_error_;  ///< the last ERROR line
  Measurements result_;
};

}  // namespace troupe::bench
