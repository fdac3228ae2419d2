#pragma once

#include "actors/interfaces.hpp"
#include "chat/room.hpp"
#include "protocol/wall_clock.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace troupe {

/// When the room shows a channel's message to its members.
enum class Durability {
  strict,   ///< once it is committed
  relaxed,  ///< at once; it is committed behind that, and lost if the server dies in between
  none,     ///< at once; nothing is stored
};

/// What the room begins with.
struct RoomSetup {
  RoomConfig chat;
  std::optional<protocol::MessageId> newest;  ///< the last id in the store: later ones come after it
  Durability durability = Durability::strict;
  std::vector<switchboard_actor> switchboards;   ///< one for each event loop
  std::optional<persistence_actor> persistence;  ///< none with Durability::none
  std::optional<archive_actor> archive;          ///< likewise
  std::optional<records_actor> records = {};     ///< likewise
  /// What the records hold of channels' lives; nothing if they are still to be read.
  std::optional<std::vector<db::ChannelLife>> lives = {};
  protocol::WallClock wall_clock = protocol::system_time;
};

class RoomState {
 public:
  static constexpr const char* name = "room";
  using Self = room_actor::stateful_pointer<RoomState>;

  explicit RoomState(Self self) : self_(self) {}

  room_actor::behavior_type start(RoomSetup setup);

 private:
  using SharedBatch = std::shared_ptr<const Batch>;

  void pump();
  void seal();
  void append(SharedBatch batch);
  void appended(SharedBatch batch, const caf::error* refused);
  void log_refusal(std::size_t messages, const caf::error* refused);
  void deliver();
  void recall();
  void read_lives();
  void keep_lives();
  bool has_kept_lives() const {
    return !records_ || records_away_ || (!keeping_lives_ && !chat_->has_lives());
  }
  Measured measure() const;
  std::int64_t microseconds_since(caf::actor_clock::time_point then) const {
    return std::chrono::duration_cast<std::chrono::microseconds>(self_->clock().now() - then).count();
  }
  bool idle() const {
    return !appending_ && !ready_ && delivering_ == 0 && behind_.empty() && !chat_->has_output();
  }

  Self self_;
  std::optional<Room> chat_;
  Durability durability_ = Durability::strict;
  protocol::WallClock wall_clock_;
  std::vector<switchboard_actor> switchboards_;
  std::optional<persistence_actor> persistence_;
  std::optional<archive_actor> archive_;
  std::optional<records_actor> records_;
  bool keeping_lives_ = false;  ///< the records are being told
  bool records_away_ = false;   ///< the last time that failed

  // At most one batch is being stored, one waits to be delivered, and one is on its way. The next one gathers
  // in the chat meanwhile: the busier the machine, the larger the batches.
  SharedBatch appending_;
  std::optional<Deliver> ready_;
  std::size_t delivering_ = 0;               ///< switchboards that have not answered yet
  std::deque<SharedBatch> behind_;           ///< relaxed: shown already, and still to be stored
  bool going_on_ = false;                    ///< a GoOn is on its way
  std::chrono::microseconds commit_time_{};  ///< of the last batch
  std::size_t refused_ = 0;                  ///< messages since some were stored
  std::optional<caf::typed_response_promise<Drained>> draining_;
};

/// The room around its logic: takes commands in, and sees to it that what happened is stored and delivered in
/// order.
room_actor::behavior_type room(RoomState::Self self, RoomSetup setup);

}  // namespace troupe
