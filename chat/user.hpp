#pragma once

#include "chat/client.hpp"
#include "chat/token_bucket.hpp"
#include "protocol/message_id.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

struct Channel;

/// A person in the room.
struct User {
  /// A channel that it is in.
  struct Joined {
    Channel* channel = nullptr;
    std::uint64_t number = 0;       ///< its membership's; see Membership::number
    std::uint64_t told = not_told;  ///< the batch that told it the channel's past

    static constexpr auto not_told = std::numeric_limits<std::uint64_t>::max();
  };

  Client* client = nullptr;  ///< its only one

  std::string nick;
  std::string username;
  std::string realname;
  std::string host;
  std::string source;  ///< "nick!user@host"
  std::optional<std::string> away;
  bool invisible = false;
  protocol::Time signed_on;
  protocol::Time spoke;          ///< when it last sent a message
  std::vector<Joined> channels;  ///< in the order of joining
  /// Invitations by those who share no channel with it.
  Bucket<protocol::Time> strangers{1.0 / 30, 5, {}};
  std::vector<Channel*> invitations;  ///< that stand, in the order in which they came; see Channel::invited

  Joined* joined(const Channel& channel) {
    for (auto& joined : channels)
      if (joined.channel == &channel) return &joined;
    return nullptr;
  }
  const Joined* joined(const Channel& channel) const { return const_cast<User&>(*this).joined(channel); }
};

}  // namespace troupe
