#pragma once

#include "chat/batch.hpp"

#include <limits>
#include <string>
#include <string_view>
#include <tsl/robin_map.h>
#include <vector>

namespace troupe {

/// Answers to a client's commands, as it hears of them.
struct Answer {
  std::uint32_t commands = 0;  ///< how many are answered
  Standing standing = Standing::unchanged;
  bool ask = false;  ///< the room wants to know when the client has taken what it was sent

  bool operator==(const Answer&) const = default;
};

/// Who delivers to one client.
class Receiver {
 public:
  /// Here are lines for the client. Valid during the call.
  virtual void hear(std::string_view bytes) = 0;
  virtual void answered(const Answer& answer) = 0;

 protected:
  ~Receiver() = default;
};

/// Which clients are here, and in which channels: it expands the audiences of batches. It learns of clients
/// by `seat`, and all else about them from the batches themselves, in their order. Clients of a batch that
/// are not seated here are somewhere else, or gone, and are ignored.
class Roster {
 public:
  Roster() {
    // Half as much memory for what is idle, and as quick.
    places_.max_load_factor(0.8F);
    channels_.max_load_factor(0.8F);
  }

  /// A client is here. Its receiver stays until it is vacated.
  void seat(ConnectionId id, Receiver& receiver);

  /// It hears nothing more, and is in no channel. Whoever is not seated is ignored.
  void vacate(ConnectionId id);

  /// Brings each client here what it is meant to hear of a batch whose messages were `kept` or `refused`: its
  /// receiver hears all lines at once, then what was answered.
  void deliver(const Batch& batch, Batch::Outcome outcome);

  std::size_t size() const { return places_.size(); }
  /// Channels with members here.
  std::size_t channels() const { return channels_.size(); }

 private:
  using Index = std::uint32_t;  ///< of a client in `clients_`
  static constexpr auto none = std::numeric_limits<std::uint32_t>::max();

  /// What delivering needs of a client; one cache line.
  struct alignas(64) Client {
    Receiver* receiver = nullptr;  ///< null if the place is free
    std::uint64_t mark = 0;        ///< the last audience of peers that it was found in
    Slice last;  ///< what it is to hear last; the stretches before it are a chain of `links_`
    std::uint32_t chain = none;
    std::uint32_t chain_end = none;
    std::uint32_t answers = 0;  ///< commands answered
    protocol::CapabilitySet capabilities;
    Shape shape = Shape::plain;
    Standing standing = Standing::unchanged;
    bool touched = false;  ///< it is among `touched_`
    bool asked = false;
    bool answered = false;
  };
  struct Place {
    ChannelId channel{};
    std::uint32_t index = 0;  ///< among its members
  };
  struct Details {
    ConnectionId id{};
    std::vector<Place> places;
  };
  struct Member {
    Index client = 0;
    Rank rank = Rank::none;
  };
  struct Link {
    Slice slice;
    std::uint32_t next = none;
  };
  using Members = std::vector<Member>;

  void take(const Batch::Said& said);
  void take(const Batch::Entered& change) { negotiate(change.client, change.capabilities); }
  void take(const Batch::Negotiated& change) { negotiate(change.client, change.capabilities); }
  void take(const Batch::Left& change);
  void take(const Batch::Joined& change);
  void take(const Batch::Parted& change);
  void take(const Batch::Ranked& change);
  void take(const Batch::Answered& answer);

  void negotiate(ConnectionId id, protocol::CapabilitySet capabilities);
  void tell_members(const Batch::Said& said, Index except);
  void tell_peers(const Batch::Said& said, Index except);
  void tell(Client& client, const Slice& slice);
  void touch(Client& client);
  void leave_all(Index index);
  void leave(Index index, const Place& place);
  Place* place_in(Index index, ChannelId channel);
  void hand_over(Client& client);
  Index find(ConnectionId id) const;

  std::vector<Client> clients_;
  std::vector<Details> details_;  ///< of each of them
  std::vector<Index> free_;
  tsl::robin_map<ConnectionId, Index> places_;
  tsl::robin_map<ChannelId, Members> channels_;
  std::uint64_t mark_ = 0;

  // While a batch is being delivered.
  const Batch* batch_ = nullptr;
  Batch::Outcome outcome_ = Batch::Outcome::kept;
  std::vector<Index> touched_;
  std::vector<Link> links_;
  std::string gathered_;
};

}  // namespace troupe
