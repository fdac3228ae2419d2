#include "chat/visibility.hpp"

namespace troupe {

Channel* shared_channel(User& a, User& b) {
  for (const auto& joined : a.channels)
    if (b.joined(*joined.channel)) return joined.channel;
  return nullptr;
}

bool is_visible(User& user, User& to) { return !user.invisible || &user == &to || shared_channel(user, to); }

}  // namespace troupe
