#pragma once

#include "client/conversation.hpp"
#include "client/event.hpp"
#include "client/options.hpp"
#include "client/status.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::client {

/// Who is at the other end of standard input and output.
enum class Manner {
  terminal,  ///< a person: sees everything, the latest history included, and is reconnected
  script,    ///< a program: sees what others say, and is told by the exit status how it went
};

using Clock = std::chrono::steady_clock;

/// The program's end: its status and, unless it is empty, one line for standard error.
struct Ending {
  Status status;
  std::string complaint;
};

/// What is to be done after an input, in the order of the members.
struct Step {
  std::string bytes;          ///< to send to the server
  std::vector<Event> events;  ///< to show
  bool disconnect = false;    ///< to close the connection, or to give up connecting
  bool connect = false;       ///< to connect
  std::optional<Ending> end;  ///< the program ends
};

/// The course of the program from its first connection to its exit status: one conversation after another,
/// when to give up, when to try again, and when to leave. A plain state machine: it is told what happened and
/// at what time.
class Session {
 public:
  /// The inputs that may wait before no more is read.
  static constexpr std::size_t most_waiting = 64;

  Session(Options options, Manner manner);

  Step start(Clock::time_point now);

  /// The connection stands.
  Step connected(Clock::time_point now);
  /// The server sent these lines.
  Step received(Clock::time_point now, const std::vector<std::string>& lines);
  /// The connection is closed, or could not be made. Comes exactly once after each `Step::connect`.
  Step lost(Clock::time_point now, std::string_view reason);
  /// A line was typed.
  Step typed(Clock::time_point now, std::string_view line);
  /// There will be no more input: leaves once everything is answered.
  Step input_ended(Clock::time_point now);
  /// SIGINT, SIGTERM or SIGHUP: leaves at once; the second time without saying so.
  Step interrupted(Clock::time_point now);
  /// `deadline` has passed.
  Step expired(Clock::time_point now);

  /// When `expired` is to be called next.
  std::optional<Clock::time_point> deadline() const;

  /// False while enough input waits, and after its end.
  bool wants_input() const { return !finishing_ && conversation_.backlog() < most_waiting; }

  /// "[#lobby] ", or what takes its place in no room and without a connection. It is printable, whatever the
  /// server calls the room.
  std::string prompt() const;

 private:
  enum class Phase {
    dialling,  // the connection is being made
    talking,   // it stands: the server is registering us, or has
    quitting,  // QUIT was said, the server will close
    closing,   // we closed
    pausing,   // until the next attempt
    over,
  };

  void absorb(Output output);
  void review(Clock::time_point now);
  void dial(Clock::time_point now);
  void try_again(Clock::time_point now, const std::string& why);
  void quit(Clock::time_point now);
  void end(Status status, std::string complaint);
  void say(EventKind kind, std::string text);
  void report_loss();
  void end_lost(const std::string& why);
  void finish(Clock::time_point now, std::string reason);
  std::optional<Clock::time_point> phase_deadline() const;
  std::string address() const;
  Status final_status() const;
  Step take();

  Options options_;
  Manner manner_;
  Phase phase_ = Phase::dialling;
  Conversation conversation_;
  Step step_;

  bool was_registered_ = false;   // ever: from then on a lost connection is made again
  std::size_t failures_ = 0;      // besides the conversation's own
  Clock::time_point since_;       // when the phase began; while talking, when the server was heard last
  bool pinged_ = false;           // and not heard since
  std::chrono::seconds pause_{};  // before the next attempt
  bool finishing_ = false;
  Clock::time_point finishing_since_;
  std::string quit_reason_;
};

}  // namespace troupe::client
