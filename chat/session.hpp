#pragma once

#include "chat/client.hpp"
#include "chat/rules.hpp"
#include "chat/token_bucket.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe {

/// One client's side of the conversation: bytes in; bytes, commands for the room and an end out. It frames
/// lines, registers, keeps the limits and the time, and knows nothing of sockets and actors. After each call
/// its effects are to be taken.
class Session {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  /// A registration complete enough to be brought before the room; answered by a standing.
  using ToRoom = std::variant<Registration, Input>;

  /// `rules` outlives the session; `host` is the client's address. Of the commands that it may say at once so
  /// many are missing: others from there have spent them.
  Session(const Rules& rules, std::string host, Instant now, double missing = 0);

  /// Takes what the client sent.
  void receive(std::string_view bytes, Instant now);

  /// The room has answered `commands` of this client.
  void answered(std::size_t commands, Standing standing, Instant now);

  /// A portion of a long answer was made, and the next one is to be asked for: an eighth of a command's cost,
  /// which the next command waits for.
  void took_portion() { rate_.charge(0.125); }

  /// Looks at the clock.
  void tick(Instant now);

  /// Takes nothing more from the client.
  void hush() { hushed_ = true; }

  /// Ends the session once what is unanswered is answered, or three seconds later: `reason` goes to the
  /// client, and to those who share a channel with it.
  void close(std::string reason, Instant now);

  /// Ends the session at once: the client is gone, or can't be written to.
  /// `silent` as in `silence`.
  void abandon(std::string reason, std::optional<std::chrono::milliseconds> silent = {});

  /// What the client is to be sent.
  std::string take_output() { return std::exchange(output_, {}); }
  /// What the room is to be told.
  std::vector<ToRoom> take_commands() { return std::exchange(commands_, {}); }

  bool wants_input() const;
  /// When the rate limit lets the next command pass, if it holds one back, or when the session ends without
  /// the answers that it waits for: `tick` is to be called then. Besides, it is to be called from time to
  /// time for the timeouts' sake.
  std::optional<Instant> due() const {
    return ending_ && ending_->gives_up_at ? ending_->gives_up_at : delayed_;
  }

  bool registered() const { return phase_ == Phase::registered; }
  /// True once nothing more will come of it: the socket may be closed when the output is written.
  bool ended() const { return phase_ == Phase::ended; }
  /// Why it ended; nothing before that.
  std::string_view reason() const { return ended() ? ending_->reason : std::string_view{}; }
  /// It ended for want of the right password.
  bool password_refused() const { return password_refused_; }
  /// How many commands it may say less at once than one that is new.
  double missing(Instant now) { return rate_.missing(now); }
  /// How long the client had been silent when it was given up, so that it may not have been told what it was
  /// sent; nothing if there is no telling.
  std::optional<std::chrono::milliseconds> silence() const {
    return ending_ ? ending_->silence : std::chrono::milliseconds{0};
  }
  /// The client's address, until it has entered.
  std::string_view host() const { return registering_ ? registering_->who.host : std::string_view{}; }

 private:
  enum class Phase : std::uint8_t { registering, entering, registered, ended };
  /// How it ends, once that is certain.
  struct Ending {
    std::string reason;
    std::optional<std::chrono::milliseconds> silence = std::chrono::milliseconds{0};
    std::optional<Instant> gives_up_at = {};  ///< when answers are not waited for any more
  };

  void work(Instant now);
  bool next_line(std::string_view& rest, Instant now);
  void handle(const Input& input, std::size_t size);
  void await_answer(std::size_t bytes);
  bool has_credit() const;
  void try_to_enter();
  void quit(const protocol::Message& message);
  void close(Ending ending, Instant now);
  void end(std::string reason, std::string_view told);

  const Rules& rules_;
  // The idle are many: what is needed at the beginning, at the end, or while something waits takes memory
  // only then.
  std::unique_ptr<Registering> registering_;  ///< until it has entered
  std::unique_ptr<Ending> ending_;            ///< while commands are still unanswered, and afterwards
  Phase phase_ = Phase::registering;
  bool password_refused_ = false;
  bool skipping_ = false;  ///< the rest of a line that was too long
  bool hushed_ = false;
  bool pinged_ = false;                    ///< a PING of ours is unanswered
  std::vector<std::uint32_t> unanswered_;  ///< the bytes of each command that the room is to answer
  std::size_t unanswered_bytes_ = 0;
  std::string input_;  ///< what could not be carried out yet
  std::string output_;
  std::vector<ToRoom> commands_;
  TokenBucket rate_;
  Instant heard_;  ///< when the client last sent something; before registration, when it came
  std::optional<Instant> delayed_;  ///< the rate limit holds the next command back until then
};

}  // namespace troupe
