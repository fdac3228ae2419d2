#pragma once

#include "protocol/message.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::client {

/// What a message to the server is for.
enum class Purpose {
  say,      ///< a text for others: many may be under way at once
  command,  ///< anything else: sent and answered alone, so that what follows it sees its effect
  enter,    ///< as command: the JOIN of a room that is to be in from the start
  history,  ///< as command: asks for messages of the past
};

/// A message to the server that waits, or waits for its answer.
struct Sent {
  protocol::Message message;
  Purpose purpose = Purpose::say;
  std::string what;  ///< for `say`: the text, as the person wrote it
  std::uint64_t number = 0;
};

/// Keeps the order of what is sent, how much of it may be unanswered at a time, and what answers what.
///
/// Where the server labels its answers (labeled-response), every message carries a label, and the answer that
/// repeats it settles the message. Elsewhere a PING follows what was released, and its PONG settles all
/// before it.
class Outbox {
 public:
  /// The most messages that are unanswered at a time: a server slows down, or throws out, who sends more.
  static constexpr std::size_t window = 16;

  void push(protocol::Message message, Purpose purpose, std::string what = {});

  /// The same, ahead of all that wait.
  void push_next(protocol::Message message, Purpose purpose);

  /// Lines, with CR LF, that may be sent now.
  std::vector<std::string> release(bool labels);

  /// The message that `answer` is an answer to; nullptr if to none. Without labels that is a guess, which is
  /// made only if a single message is unanswered.
  const Sent* answered_by(const protocol::Message& answer) const;

  /// Takes off whatever `answer` completes, and follows batches. To be called for each message from the
  /// server, after `answered_by` and what follows from it.
  void settle(const protocol::Message& answer);

  /// True if more may be pushed without its waiting here: what it is can still depend on the answers before.
  bool accepting() const;

  /// True if a message for this purpose is unanswered.
  bool awaits(Purpose purpose) const;

  bool idle() const { return queue_.empty() && unanswered_.empty(); }
  std::size_t size() const { return queue_.size() + unanswered_.size(); }

  /// The texts of which it is not known that the server has them: released ones first.
  std::vector<std::string> unsettled_texts() const;

 private:
  struct Batch {
    std::uint64_t number;  // of the message that it answers
    bool outermost;        // its end is the answer's end
  };

  bool alone() const { return !unanswered_.empty() && unanswered_.back().purpose != Purpose::say; }
  std::uint64_t number_of(const protocol::Message& answer) const;
  void follow_batch(const protocol::Message& message);
  void settle(std::uint64_t number);

  std::deque<Sent> queue_;
  std::deque<Sent> unanswered_;
  std::map<std::string, Batch, std::less<>> batches_;  // the open ones that belong to an answer, by reference
  std::uint64_t last_ = 0;
  bool labels_ = false;
};

}  // namespace troupe::client
