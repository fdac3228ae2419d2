#pragma once

#include "protocol/message_id.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace troupe::db {

/// Which command a stored message was sent with.
enum class Kind : std::uint8_t { privmsg = 0, notice = 1, tagmsg = 2 };

/// A channel's message as it is kept.
struct Message {
  protocol::MessageId id;
  std::string channel;  ///< casefolded
  std::string nick;     ///< the sender's, as it was then
  std::string user;
  std::string host;
  Kind kind = Kind::privmsg;
  std::string text;
  std::string client_tags;  ///< as they stood on the wire, without the '@'
  protocol::Time time{};  ///< when it was said. The id's own time is an order: it may run ahead of the clock

  bool operator==(const Message&) const = default;
};

/// What a message counts as where bytes are bounded: its texts, and so much for what stands around them in
/// memory.
inline constexpr std::size_t message_overhead = 256;
std::size_t size_of(const Message& message);

/// Which messages of a channel to read. Both ends are exclusive.
///
/// First `limit` determines which ones are meant: so many from one end. Of these a read gives the first ones
/// in the order of ids, until `bytes` are reached: at least one, and the last one may go beyond. Who wants
/// the others as well asks for `rest_of` then.
struct Query {
  enum class Direction { oldest_first, newest_first };

  /// What one read gives if nobody says otherwise.
  static constexpr std::size_t portion = 64 * 1024;

  std::string channel;  ///< casefolded
  std::optional<protocol::MessageId> after;
  std::optional<protocol::MessageId> before;
  std::size_t limit = 0;
  Direction from = Direction::newest_first;  ///< from which end `limit` counts
  std::size_t bytes = portion;
  /// From which end `bytes` counts, if `limit` counts from the newest one: where both do, the latest messages
  /// are wanted, and no rest.
  Direction bytes_from = Direction::oldest_first;

  /// The newest messages are what is to be given if not all can be.
  bool wants_latest() const {
    return from == Direction::newest_first && bytes_from == Direction::newest_first;
  }
};

/// Whether these messages, which a read gave, may be fewer than the query means since they are so large.
bool is_cut(const Query& query, std::span<const Message> messages);

/// The question for what the query means beyond these messages, which it was answered with; nothing if that
/// was all. Exact also if there are newer messages by now.
std::optional<Query> rest_of(const Query& query, std::span<const Message> messages);

/// Of all messages between a query's ends, oldest first, those that a read of it gives.
std::span<const Message> given(const Query& query, std::span<const Message> all);

/// The same of a list of one's own.
void cut(const Query& query, std::vector<Message>& messages);

}  // namespace troupe::db
