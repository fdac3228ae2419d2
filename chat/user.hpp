#pragma once

#include "chat/outbox.hpp"
#include "protocol/capabilities.hpp"
#include "protocol/message.hpp"

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

struct Channel;

/// What a client has said of itself when it asks to take part.
struct Registration {
  std::string nick;
  std::string user;
  std::string realname;
  std::string host;  ///< the address it connects from
  protocol::CapabilitySet capabilities;
  bool cap_302 = false;  ///< it asked for CAP LS 302, so that cap-notify can't be turned off
};

/// A line of a registered client: a message, or why it is none.
using Input = Result<protocol::Message, protocol::ParseError>;

/// Somebody who is in the room.
struct User {
  /// The place among a channel's members; see Channel::members.
  struct Seat {
    Channel* channel = nullptr;
    std::size_t index = 0;
    std::uint64_t told = not_told;  ///< the batch that told it the channel's past

    static constexpr auto not_told = std::numeric_limits<std::uint64_t>::max();
  };

  // What a message to a channel needs of each member comes first: one cache line of each.
  ConnectionId id{};
  Outbox::Slot slot;
  Shape shape = Shape::plain;

  Registration who;
  std::string source;  ///< "nick!user@host"
  std::optional<std::string> away;
  bool invisible = false;
  protocol::Time signed_on;
  protocol::Time spoke;               ///< when it last sent a message
  std::vector<Seat> seats;            ///< in the order of joining
  std::vector<Channel*> invitations;  ///< that stand, in the order in which they came; see Channel::invited
  std::size_t waiting = 0;            ///< what its next command has to wait for
  std::optional<std::uint64_t> asks;  ///< its CHATHISTORY waits for the answer to this question
  std::vector<Input> held_back;       ///< its commands that wait
  std::uint64_t mark = 0;             ///< see Room::tell_peers

  const std::string& nick() const { return who.nick; }
  bool has(protocol::Capability c) const { return who.capabilities.has(c); }

  Seat* seat(const Channel& channel) {
    for (auto& seat : seats)
      if (seat.channel == &channel) return &seat;
    return nullptr;
  }
};

}  // namespace troupe
