#pragma once

#include "chat/batch.hpp"
#include "chat/line.hpp"

#include <deque>
#include <span>
#include <utility>

namespace troupe {

/// Gathers batches: what happens, in order. A batch that has grown large is sealed, and the next one begins.
class Outbox {
 public:
  Outbox() { batch_.number = 1; }

  /// A batch with so much in it gets no further turn's part. Slices could tell apart a thousand times as
  /// much; a turn alone never comes near that.
  static constexpr std::size_t large = std::size_t{4} << 20;
  /// A batch is full with so much to be written to all who hear it together: some milliseconds of an event
  /// loop, in which nobody else hears anything.
  static constexpr std::size_t heavy = std::size_t{8} << 20;

  /// A line, or several in a row, as they stand in the batch that gathers. They may be said to several
  /// audiences, until the turn ends.
  using Written = std::array<Slice, shapes>;

  /// Writes a line once for each shape that somebody who is to hear it has.
  Written write(const Line& line, ShapeSet wanted, protocol::Time now);
  Written write(std::span<const Line> lines, ShapeSet wanted, protocol::Time now);
  /// Writes text for one client alone.
  Written write(std::string_view text);

  /// Says it to an audience of about so many.
  void say(const Audience& to, const Written& written, Batch::Outcome when = Batch::Outcome::any,
           std::size_t hearers = 1);

  /// Names the channels of an audience of peers.
  Audience peers(std::span<const ChannelId> channels, ConnectionId except);

  /// Adds a change of rosters, or an answer.
  void add(const Batch::Item& item) { batch_.items.push_back(item); }

  /// Adds a message to be stored before this batch is shown.
  void store(db::Message message);

  /// A turn is over: all that belongs together has been said. `newest` is the last message id that was given
  /// out.
  void turn_ends(const protocol::MessageId& newest);

  bool empty() const { return sealed_.empty() && batch_.empty(); }

  /// The batch that gathers has had enough until it is taken: what can wait is for the next one.
  bool is_full() const { return weight_ >= heavy || !sealed_.empty(); }

  /// The number of the batch that gathers.
  std::uint64_t number() const { return batch_.number; }

  /// The oldest batch that was not taken yet.
  Batch take(const protocol::MessageId& newest);

 private:
  void seal(const protocol::MessageId& newest);

  std::deque<Batch> sealed_;
  Batch batch_;
  std::size_t stored_ = 0;  ///< bytes of its messages
  std::size_t weight_ = 0;  ///< bytes that its audiences are to be written
};

}  // namespace troupe
