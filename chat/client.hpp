#pragma once

#include "chat/ids.hpp"
#include "chat/registration.hpp"
#include "chat/shape.hpp"
#include "protocol/message.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace troupe {

struct User;

/// One connection's view of the room: what it can read, and how far its commands are. Who it speaks for is
/// its user.
struct Client {
  ConnectionId id{};
  Shape shape = Shape::plain;
  User* user = nullptr;

  Negotiated negotiated;
  protocol::CapabilitySet told;       ///< of its capabilities, what rosters have been told
  std::size_t waiting = 0;            ///< what its next command has to wait for
  std::optional<std::uint64_t> asks;  ///< its CHATHISTORY waits for the answer to this question
  std::vector<Input> held_back;       ///< its commands that wait

  bool has(protocol::Capability c) const { return negotiated.has(c); }
};

}  // namespace troupe
