#include "chat/channel.hpp"

#include "protocol/limits.hpp"
#include "protocol/names.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

void Channel::ban(std::string mask, std::string setter, protocol::Time now) {
  bans.push_back({std::move(mask), std::move(setter), now, ++last_ban});
}

// Up to the number `matched` no mask matches, but perhaps that one itself: if it is gone, the later ones
// count.
bool Channel::is_banned(Membership& member) const {
  auto next = std::ranges::lower_bound(bans, member.matched, {}, &Ban::number);
  if (next != bans.end() && next->number == member.matched) {
    if (member.banned) return true;
    ++next;
  }
  member.banned = false;
  for (; next != bans.end() && !member.banned; ++next) {
    member.matched = next->number;
    member.banned = protocol::matches(next->mask, member.user->source);
  }
  return member.banned;
}

std::size_t Channel::unmatched(const Membership& member) const {
  auto next = std::ranges::lower_bound(bans, member.matched, {}, &Ban::number);
  if (next != bans.end() && next->number == member.matched) {
    if (member.banned) return 0;
    ++next;
  }
  return static_cast<std::size_t>(bans.end() - next);
}

bool Channel::bans_outsider(const User& user) const {
  return std::ranges::any_of(bans, [&](const Ban& ban) { return protocol::matches(ban.mask, user.source); });
}

std::size_t Channel::place_behind(std::uint64_t number) const {
  const auto found = std::ranges::upper_bound(members, number, {}, &Membership::number);
  return static_cast<std::size_t>(found - members.begin());
}

Membership& Channel::add(User& user) {
  ++readers[static_cast<std::size_t>(user.client->shape)];
  user.channels.push_back({this, ++last_member});
  return members.emplace_back(Membership{&user, last_member});
}

void Channel::remove(User& user) {
  --readers[static_cast<std::size_t>(user.client->shape)];
  const auto* joined = user.joined(*this);
  members.erase(members.begin() + static_cast<std::ptrdiff_t>(place_behind(joined->number - 1)));
  user.channels.erase(user.channels.begin() + (joined - user.channels.data()));
}

void Channel::reshape(Shape before, Shape after) {
  --readers[static_cast<std::size_t>(before)];
  ++readers[static_cast<std::size_t>(after)];
}

ShapeSet Channel::shapes_without(const User* user) const {
  auto left = readers;
  if (user && user->joined(*this)) --left[static_cast<std::size_t>(user->client->shape)];
  ShapeSet set;
  for (std::size_t i = 0; i < shapes; ++i)
    if (left[i] > 0) set.add(static_cast<Shape>(i));
  return set;
}

void Channel::invite(User& user) {
  if (has_invited(user)) return;
  if (user.invitations.size() >= protocol::limits::invitations) user.invitations.front()->uninvite(user);
  invited.push_back(&user);
  user.invitations.push_back(this);
}

void Channel::uninvite(User& user) {
  std::erase(invited, &user);
  std::erase(user.invitations, this);
}

bool Channel::has_invited(const User& user) const {
  return std::ranges::find(user.invitations, this) != user.invitations.end();
}

}  // namespace troupe
