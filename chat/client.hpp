#pragma once

#include "chat/ids.hpp"
#include "chat/long_answer.hpp"
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

  // What it is answered in portions: the next one when it has taken the last one.
  std::vector<LongAnswer> answers;  ///< that go on; the first one first
  std::size_t owed = 0;             ///< bytes of answers that it may not have taken yet
  bool asked = false;   ///< it is to tell when it has (Room::taken); until then it is given no more
  bool queued = false;  ///< it is among those who get their next portion

  /// What a client may owe, about: with more it gets no further answer.
  static constexpr std::size_t most_owed = 16 * 1024;

  /// True if nothing keeps it from its next command, or the next part of an answer.
  bool goes_on() const { return !asked && !asks && waiting == 0; }

  bool has(protocol::Capability c) const { return negotiated.has(c); }
};

}  // namespace troupe
