#pragma once

#include "chat/client.hpp"
#include "chat/token_bucket.hpp"
#include "protocol/message_id.hpp"

#include <cstdint>
#include <limits>
#include <memory>
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
  std::string source;   ///< "nick!user@host"
  std::string network;  ///< whose members count as one address
  std::optional<std::string> away;
  bool invisible = false;
  protocol::Time signed_on;
  protocol::Time spoke;          ///< when it last sent a message
  std::vector<Joined> channels;  ///< in the order of joining
  /// How many invitations it takes: by those who share no channel with it, and by others.
  std::unique_ptr<Bucket<protocol::Time>> by_strangers;
  std::unique_ptr<Bucket<protocol::Time>> by_others;
  std::vector<Channel*> invitations;  ///< that stand, in the order in which they came; see Channel::invited

  Joined* joined(const Channel& channel) {
    for (auto& joined : channels)
      if (joined.channel == &channel) return &joined;
    return nullptr;
  }
  /// True if somebody may invite it now: a stranger, who shares no channel with it, or another.
  bool takes_invitation(bool stranger, protocol::Time now) {
    auto& bucket = stranger ? by_strangers : by_others;
    if (!bucket)
      bucket = std::make_unique<Bucket<protocol::Time>>(stranger ? 1.0 / 30 : 0.2, stranger ? 5 : 20, now);
    return bucket->take(now);
  }

  const Joined* joined(const Channel& channel) const { return const_cast<User&>(*this).joined(channel); }
};

}  // namespace troupe
