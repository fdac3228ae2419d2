#pragma once

#include "chat/channel.hpp"

namespace troupe {

/// A channel that both are in; null if there is none.
Channel* shared_channel(User& a, User& b);

/// True if `to` may find `user` without knowing its nick (user mode +i).
bool is_visible(User& user, User& to);

}  // namespace troupe
