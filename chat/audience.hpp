#pragma once

#include "chat/ids.hpp"
#include "protocol/capabilities.hpp"

#include <cstdint>
#include <optional>

namespace troupe {

/// A member's rank in a channel. Who has a higher one has the rights of the lower ones.
enum class Rank : std::uint8_t { none, voice, op };

/// Who hears something. It names nobody but a single client: whoever keeps a roster knows who is meant.
struct Audience {
  enum class Kind : std::uint8_t {
    client,   ///< one client, whether it is registered or not
    members,  ///< those in a channel
    peers,    ///< those in one of several channels, each once
  };

  Kind kind = Kind::client;
  Rank least = Rank::none;  ///< members of a lower rank don't hear it; of `members` only
  std::optional<protocol::Capability> needs = {};  ///< nor who has not negotiated this
  ConnectionId client{};                           ///< the one that hears it, or else the one that does not
  ChannelId channel{};                             ///< whose members
  std::uint32_t first = 0;  ///< where the channels of `peers` begin in `Batch::channels`
  std::uint32_t count = 0;  ///< and how many they are

  bool operator==(const Audience&) const = default;

  static Audience one(ConnectionId client) { return {.client = client}; }
  static Audience members(ChannelId channel, ConnectionId except = {}) {
    return {.kind = Kind::members, .client = except, .channel = channel};
  }
};

}  // namespace troupe
