#include "chat/visibility.hpp"

#include "chat/room.hpp"

namespace troupe {

Sight sight_of(const Channel& channel, User& user) {
  if (user.joined(channel)) return Sight::all;
  if (channel.secret) return Sight::nothing;
  if (channel.invite_only || channel.key) return Sight::existence;
  return Sight::open;
}

Channel* find_visible(Room& room, std::string_view name, User& user) {
  auto* channel = room.find_channel(name);
  return channel && sight_of(*channel, user) > Sight::nothing ? channel : nullptr;
}

bool may_read_past(Channel& channel, User& user) {
  auto* member = channel.find(user);
  return member && (member->rank() > Rank::none || !channel.is_banned(*member));
}

bool may_speak(Channel& channel, User& user) {
  if (auto* member = channel.find(user))
    return member->rank() > Rank::none || (!channel.moderated && !channel.is_banned(*member));
  return !channel.no_external && !channel.moderated && !channel.bans_outsider(user);
}

bool match_bans(Turn& turn) {
  for (const auto& joined : turn.user.channels) {
    auto& member = joined.channel->membership(joined);
    const auto masks = member.rank() > Rank::none ? 0 : joined.channel->unmatched(member);
    if (masks == 0) continue;
    if (turn.is_full()) return false;
    turn.spend(masks);
    joined.channel->is_banned(member);
  }
  return true;
}

Channel* shared_channel(User& a, User& b) {
  for (const auto& joined : a.channels)
    if (b.joined(*joined.channel)) return joined.channel;
  return nullptr;
}

bool is_visible(User& user, User& to) { return !user.invisible || &user == &to || shared_channel(user, to); }

}  // namespace troupe
