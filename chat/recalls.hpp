#pragma once

#include "chat/batch.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace troupe {

/// The room's questions that only the store can answer. Few of them are on their way at a time; the others
/// wait, and clients take turns: who has many of them delays nobody else's by more than one.
class Recalls {
 public:
  /// Questions on their way at a time: one that the archive works on, and the next one.
  static constexpr std::size_t most = 2;

  struct Question {
    std::uint64_t number = 0;
    std::vector<db::Query> queries;
  };
  /// The messages found for all of a question's queries, one after the other; nothing if the store can't be
  /// asked.
  using Answer = std::optional<std::vector<db::Message>>;
  using Then = std::function<void(const Answer&, protocol::Time)>;

  /// Puts a question on behalf of a client. Says its number; `then` is called with the answer.
  std::uint64_t ask(ConnectionId whose, std::vector<db::Query> queries, Then then);

  /// Takes a question back that is still waiting: its `then` is never called. False if it is on its way or
  /// answered.
  bool withdraw(std::uint64_t number);

  /// The questions to be sent off now.
  std::vector<Question> take();

  /// How many are unanswered.
  std::size_t size() const { return open_.size(); }

  /// Here is the answer to one of these. Others are ignored.
  void answered(std::uint64_t number, const Answer& answer, protocol::Time now);

 private:
  struct Open {
    ConnectionId whose{};
    Then then;
  };

  std::map<std::uint64_t, Open> open_;  ///< by number: those that wait, and those on their way
  std::map<ConnectionId, std::deque<Question>> queues_;  ///< those that wait; none is empty
  std::deque<ConnectionId> turns_;                       ///< each client that has a queue, once
  std::set<std::uint64_t> on_their_way_;
  std::uint64_t last_ = 0;
};

}  // namespace troupe
