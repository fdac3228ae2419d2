#pragma once

#include "db/records.hpp"
#include "protocol/message_id.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// Who may read a channel's past: its members, back to the beginning of its present life. An unregistered
/// channel's life ends when its last member leaves. The past of a life that was open to everybody all the
/// time passes on to the next one; that of a life that was ever closed (+i, +k, +s, a ban) does not. (A life
/// in which nothing was said has no past of its own: whatever it was, what went before it passes on.)
///
/// A server's restart is no end. But what barred others from a channel does not outlive a restart yet, so
/// that anybody may come first: the past of a life that had been closed is not readable after it. Privacy
/// goes before convenience. Open channels keep their past.
///
/// What has to outlive a restart is kept in records. A server that started without them shows nothing from
/// before its start until it has read them, and says that it can't.
///
/// A `mark` lies between the ids of what was said so far and of what will be said.
class Lives {
 public:
  /// So many channels' beginnings are remembered, apart from those of channels that are closed now. Of more
  /// of them the oldest are given up: then what is older than that is readable in no channel.
  static constexpr std::size_t most = 100'000;

  explicit Lives(std::size_t capacity = most) : capacity_(capacity) {}

  // -- what happens

  /// A channel has its first member; it is open.
  void began(const std::string& channel, const protocol::MessageId& mark);
  /// It is not open to everybody now.
  void closed(const std::string& channel);
  /// Its last member has left. If nothing was said since it has had members, all is as it was before.
  void ended(const std::string& channel, const protocol::MessageId& mark, bool spoken = true);

  /// What the records hold.
  void load(const std::vector<db::ChannelLife>& kept, const protocol::MessageId& mark);
  /// There are no records: what is known is all there is.
  void stand_alone() {
    known_ = true;
    recorded_ = false;
  }

  // -- what follows

  /// Only messages with larger ids may be read in this channel, which has members.
  protocol::MessageId readable_from(std::string_view channel) const;

  /// False if messages with ids after this one may turn out to be readable in the channel although
  /// `readable_from` does not allow them yet: the records have not been read.
  bool is_settled_after(const protocol::MessageId& after, std::string_view channel) const {
    return known_ || after >= readable_from(channel);
  }

  /// What is to be kept in the records since the last call, each channel once, at most so many. Nothing
  /// before they have been read.
  std::vector<db::ChannelLife> take_changes(std::size_t limit);
  bool has_changes() const { return known_ && !changed_.empty(); }
  /// These could not be kept: what is known of their channels by then is still to be.
  void not_kept(std::span<const db::ChannelLife> lives);

  std::size_t size() const { return lives_.size(); }

 private:
  struct Life {
    protocol::MessageId begins;
    bool closed = false;  ///< it was at some time, and has not ended
  };
  /// A life in a server that has not read the records yet.
  struct Unknown {
    protocol::MessageId began;
    bool closed = false;
    bool was_closed = false;  ///< one before it that ended since the start
    bool ended = false;
  };

  void set(const std::string& channel, const Life& life);
  void give_up_oldest();

  std::size_t capacity_;
  bool known_ = false;
  bool recorded_ = true;
  std::map<std::string, Life, std::less<>> lives_;              ///< those that are not plain
  std::set<std::pair<protocol::MessageId, std::string>> open_;  ///< of those that are open, by beginning
  protocol::MessageId floor_{};                                 ///< nothing older is readable anywhere
  std::map<std::string, Unknown, std::less<>> unknown_;
  std::set<std::string> changed_;
};

}  // namespace troupe
