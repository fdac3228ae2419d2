#pragma once

#include "chat/batch.hpp"
#include "chat/recent.hpp"

#include <map>
#include <span>
#include <utility>
#include <vector>

namespace troupe {

/// What the room knows of one channel's past, and who waits to be told of it.
///
/// The newcomer's rule: who joins sees every message of the channel that is kept, once. A newcomer's *mark*
/// is the last id that was given out before it joined. Later messages it is shown as they come, like every
/// member; those up to the mark it is shown in its *replay*, and by nothing else. So a message can be neither
/// missed nor seen twice, wherever on its way to the store it is.
///
/// A replay is due when every message up to the mark is *settled* (kept or refused, in the order of ids) and
/// the channel's past is *known*: memory holds the latest messages of the store. Both is mostly so when
/// somebody joins, and the replay stands in the answer to JOIN; otherwise it follows by itself. Joining never
/// waits. If the store can't be read, the replay is what memory holds, and says that it is not all.
///
/// What is in memory may leave it while nobody waits for it; then the past is not known any more, and is read
/// again when somebody joins.
///
/// Who asks with CHATHISTORY gets no replay, but its questions wait for its mark to be settled.
class Past {
 public:
  struct Newcomer {
    protocol::MessageId mark;
    protocol::MessageId last;  ///< of this channel's messages up to the mark: it has to be settled
    protocol::MessageId seen;  ///< it was here before, up to this message: only later ones are news
    bool replay = false;       ///< it is to be shown the past without asking
    bool in_vain = false;      ///< the store could not be read meanwhile
  };
  using Due = std::pair<ConnectionId, Newcomer>;

  Past() = default;
  explicit Past(const Recent::Bounds& bounds) : recent_(bounds) {}

  /// The latest messages: only such as are kept.
  const Recent& recent() const { return recent_; }
  /// Drops what is from before this time.
  void forget_before(protocol::Time time) { recent_.forget_before(time); }

  /// There is no store: what is in memory is all there is.
  void stand_alone();

  // -- messages, in the order of their ids

  /// A message to this channel was given this id.
  void said(const protocol::MessageId& id) { said_ = id; }
  /// What became of it, once for each.
  void kept(const db::Message& message);
  void refused(const protocol::MessageId& id) { settled_ = id; }
  bool settled() const { return settled_ >= said_; }

  // -- reading the store

  /// Memory holds the latest messages.
  bool known() const { return known_; }
  /// The store is being asked for them, by this question.
  std::optional<std::uint64_t> asked() const { return asked_; }
  void ask(std::uint64_t question) { asked_ = question; }
  /// The answer to `recent().to_load`.
  void load(std::vector<db::Message> stored);
  /// There is no answer.
  void give_up();
  /// So much was kept since the store is being asked that the next message pushes out the first one: the
  /// answer would leave a gap, and is not needed any more. Newcomers are due now, before that message.
  bool overflows(const db::Message& next) const { return asked_ && !known_ && recent_.is_full_for(next); }
  void overflow();

  /// Nobody waits for what is in memory, nor is it just being read.
  bool may_leave_memory() const { return newcomers_.empty() && !asked_; }
  /// What is in memory leaves it: the store has it, if there is one.
  void leave_memory();

  // -- newcomers

  /// Somebody joins. Its `last` is set here; true if its replay is due already, otherwise it will be among
  /// those that `take_due` gives.
  bool joined(ConnectionId who, Newcomer& newcomer);
  /// It has left: true if its replay was still to come.
  bool left(ConnectionId who);
  /// Those whose replay has become due, in the order of connections. To be asked after each change.
  std::vector<Due> take_due();
  /// A newcomer's replay: the latest of what it has not seen, at most so many, oldest first. Valid until the
  /// next change.
  std::span<const db::Message> replay(const Newcomer& newcomer, std::size_t limit) const {
    return recent_.latest(newcomer.seen, newcomer.mark, limit);
  }
  /// True if the store holds no more of it.
  bool is_whole(const Newcomer& newcomer, std::size_t limit) const {
    return recent_.has_latest(newcomer.seen, newcomer.mark, limit);
  }

  /// Somebody waits for a change, or the channel has no members any more, so that after one it may be
  /// dropped.
  bool is_watched() const { return deserted_ || !newcomers_.empty() || !waiting_.empty(); }
  bool is_deserted() const { return deserted_; }
  void desert() { deserted_ = true; }
  void revive() { deserted_ = false; }
  /// Nothing is under way: what is in memory can be read again.
  bool is_idle() const { return settled() && !asked_; }

  // -- questions

  /// True if this member's questions have to wait for a change.
  bool must_wait(ConnectionId who) const;
  void wait(ConnectionId who) { waiting_.push_back(who); }
  /// Those who wait, as soon as there was a change.
  std::vector<ConnectionId> take_waiting() { return std::exchange(waiting_, {}); }

 private:
  bool is_due(const Newcomer& newcomer) const;
  void read_in_vain();

  Recent recent_;
  protocol::MessageId said_;
  protocol::MessageId settled_;
  bool known_ = false;
  bool deserted_ = false;
  std::optional<std::uint64_t> asked_;
  std::map<ConnectionId, Newcomer> newcomers_;  ///< whose replay, or mark, is outstanding
  std::vector<ConnectionId> waiting_;
};

}  // namespace troupe
