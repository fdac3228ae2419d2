#pragma once

#include "chat/ids.hpp"
#include "chat/long_answer.hpp"
#include "chat/registration.hpp"
#include "chat/shape.hpp"
#include "protocol/message.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace troupe {

struct User;

/// One connection's view of the room: what it can read, and how far its commands are. Who it speaks for is
/// its user.
struct Client {
  /// What waits until it can be done, in this order.
  struct Later {
    std::vector<LongAnswer> answers;  ///< that go on, with the next portion when the last one was taken
    std::vector<Input> commands;
  };

  ConnectionId id{};
  User* user = nullptr;

  Negotiated negotiated;
  protocol::CapabilitySet told;  ///< of its capabilities, what rosters have been told
  Shape shape = Shape::plain;
  bool asked =
      false;  ///< it is to tell when it has taken what it owes (Room::taken); until then it is given no more
  bool queued = false;                ///< it is among those who have a turn next; see Room::go_on
  std::uint32_t waiting = 0;          ///< what its next command has to wait for
  std::size_t owed = 0;               ///< bytes of answers that it may not have taken yet
  std::optional<std::uint64_t> asks;  ///< a command of it waits for the answer to this question
  std::unique_ptr<Later> later;       ///< null if nothing waits, as mostly

  /// What a client may owe, about: with more it gets no further answer.
  static constexpr std::size_t most_owed = 16 * 1024;

  /// True if nothing keeps it from its next command, or the next part of an answer.
  bool goes_on() const { return !asked && !asks && waiting == 0; }

  bool has_answers() const { return later && !later->answers.empty(); }
  Later& add_later() {
    if (!later) later = std::make_unique<Later>();
    return *later;
  }
  /// Something was taken out of `later`.
  void tidy() {
    if (later->answers.empty() && later->commands.empty()) later.reset();
  }

  bool has(protocol::Capability c) const { return negotiated.has(c); }
};

}  // namespace troupe
