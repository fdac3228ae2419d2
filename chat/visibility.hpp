#pragma once

#include "chat/channel.hpp"

#include <string_view>

namespace troupe {

class Room;
struct Turn;

// What somebody may see. Every command asks here, so that none tells what another one hides.

/// What of a channel a user may see, from least to most.
enum class Sight {
  nothing,    ///< secret (+s): to outsiders it is as if there were no such channel
  existence,  ///< closed (+i or +k): outsiders may know its name, its modes and how many are in it
  open,       ///< also its topic in LIST, its bans, and its members but for those with user mode +i
  all,        ///< a member
};
Sight sight_of(const Channel& channel, User& user);

/// The channel of this name if the user may know that there is one; null otherwise. Commands that only
/// members may use answer by it that there is no such channel.
Channel* find_visible(Room& room, std::string_view name, User& user);

/// True if a user is shown what was said in a channel: a member that is not banned, or has a rank all the
/// same.
bool may_read_past(Channel& channel, User& user);

/// True if a user may say something in a channel, in whatever way.
bool may_speak(Channel& channel, User& user);

/// Compares the sender with the bans of all of its channels, as far as one portion goes, so that it costs
/// nothing to ask the above for each of these. True if that is done. For steps: there may be ten thousand.
bool match_bans(Turn& turn);

/// A channel that both are in; null if there is none.
Channel* shared_channel(User& a, User& b);

/// True if `to` may find `user` without knowing its nick (user mode +i).
bool is_visible(User& user, User& to);

}  // namespace troupe
