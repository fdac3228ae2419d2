#pragma once

#include "db/message.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace troupe::db {

/// How far the spool has been moved into the store: in the order of ids, a part at a time. What was moved
/// need not be removed from the spool for that, which takes space on its disk.
class Unloading {
 public:
  /// How many messages are moved at once.
  static constexpr std::size_t limit = 1000;
  using Part = std::shared_ptr<const std::vector<Message>>;

  // -- reading the spool

  /// Something was put into the spool, or may have been.
  void more() { unread_ = true; }
  /// There may be something behind `read_to`.
  bool has_unread() const { return unread_; }
  /// So much was there the last time that another whole part is likely.
  bool has_much() const { return unread_ && last_was_whole_; }
  const protocol::MessageId& read_to() const { return read_to_; }
  /// These are behind `read_to`, at most `limit`; fewer if that is all.
  void found(std::vector<Message> messages);
  /// The spool is known to be empty.
  void nothing() { unread_ = false; }
  /// The spool can't be read. It counts as read until there is `more`.
  void unreadable() { unread_ = false; }
  /// Those of them that are not in a part yet are not to be moved.
  void forget(const std::set<protocol::MessageId>& ids);

  // -- moving what was read

  bool has_part() const { return !read_.empty() && !part_; }
  bool is_moving() const { return part_ != nullptr; }
  bool is_idle() const { return read_.empty() && !part_; }
  /// Messages that were read and are not in the store yet.
  std::size_t in_memory() const { return read_.size() + (part_ ? part_->size() : 0); }
  /// What to append to the store now.
  Part take_part();
  /// That has been done. Returns how many messages it was.
  std::size_t moved();
  /// The store will never take it. Smaller parts are tried next; a single message is passed over, and
  /// returned.
  std::optional<Message> rejected();
  /// It came to nothing: everything behind what was moved is read again.
  void interrupted();

  // -- removing what was moved

  /// All up to here is in the store, but for what was passed over.
  const protocol::MessageId& moved_to() const { return moved_to_; }
  /// Some of that is still in the spool.
  bool has_leftovers() const { return removed_to_ < moved_to_; }
  /// Nothing is left of what was moved up to here.
  void removed(const protocol::MessageId& up_to) { removed_to_ = up_to; }
  /// What was passed over and has not been set aside yet: until then it must not be taken for moved.
  const std::set<protocol::MessageId>& passed_over() const { return passed_over_; }
  void set_aside(const std::vector<protocol::MessageId>& ids);

 private:
  bool unread_ = true;
  bool last_was_whole_ = false;
  protocol::MessageId read_to_{};
  std::deque<Message> read_;  ///< and not yet in a part
  Part part_;                 ///< under way
  std::size_t part_size_ = limit;
  protocol::MessageId moved_to_{};
  protocol::MessageId removed_to_{};
  std::set<protocol::MessageId> passed_over_;
};

}  // namespace troupe::db
