// NAMES and LIST.
#include "chat/command_table.hpp"
#include "chat/commands/commands.hpp"
#include "chat/targets.hpp"
#include "chat/visibility.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace troupe::commands {

using protocol::Capability;
using protocol::Numeric;

namespace {

void add_once(std::vector<std::string>& masks, std::string mask) {
  if (std::ranges::find(masks, mask) == masks.end()) masks.push_back(std::move(mask));
}

}  // namespace

void names(Room& room, Turn& turn) {
  if (turn.param(0).empty()) return turn.reply(Numeric::rpl_endofnames, "*", "End of /NAMES list");
  const auto targets = targets_of(turn);
  for (const auto& [name, place] : targets.named) {
    auto* channel = room.find_channel(name);
    if (channel && sight_of(*channel, turn.user) >= Sight::open)
      show_names(turn, *channel);
    else
      turn.steps.add([name = std::string{name}](Room&, Turn& turn) {
        turn.reply(Numeric::rpl_endofnames, name, "End of /NAMES list");
        return true;
      });
  }
  if (!targets.excess.empty())
    turn.steps.add([](Room&, Turn& turn) {
      refuse_excess(turn, targets_of(turn));
      return true;
    });
}

namespace {

/// Members of a channel as RPL_NAMREPLY lists them, from the one behind number `after` on. Says whether that
/// was all.
bool show_members(Turn& turn, Channel& channel, std::uint64_t& after) {
  const bool multi = turn.client.has(Capability::multi_prefix);
  const bool userhost = turn.client.has(Capability::userhost_in_names);
  const auto sight = sight_of(channel, turn.user);
  if (sight < Sight::open) return true;
  const auto head = turn.numeric(Numeric::rpl_namreply).param(channel.secret ? "@" : "=").param(channel.name);
  std::string names;
  const auto flush = [&] {
    if (!names.empty()) turn.response.add(head).text(names);
    names.clear();
  };
  for (auto at = channel.place_behind(after); at < channel.members.size(); ++at) {
    const auto& member = channel.members[at];
    if (sight != Sight::all && member.user->invisible) {
      turn.spend(1);
    } else {
      const auto name = member.prefix(multi) + (userhost ? member.user->source : member.user->nick);
      if (!names.empty() && names.size() + 1 + name.size() > head.width()) flush();
      if (names.empty() && turn.is_full()) return false;
      names.append(names.empty() ? "" : " ").append(name);
    }
    after = member.number;
    if (turn.work >= Turn::most_work) {
      flush();
      return false;
    }
  }
  flush();
  return true;
}

}  // namespace

void show_names(Turn& turn, Channel& channel) {
  turn.steps.add([folded = channel.folded, id = channel.id, name = channel.name, after = std::uint64_t{0}](
                     Room& room, Turn& turn) mutable {
    auto* channel = room.find_channel(folded);
    if (channel && channel->id == id && !show_members(turn, *channel, after)) return false;
    turn.reply(Numeric::rpl_endofnames, name, "End of /NAMES list");
    return true;
  });
}

namespace {

/// Which channels LIST asks for (ELIST=MU).
struct Listing {
  std::vector<std::string> masks;  ///< casefolded; none for all
  std::size_t length = 0;          ///< of all masks together
  std::size_t above = 0;           ///< how many users they have
  std::size_t below = std::numeric_limits<std::size_t>::max();

  bool wants(const std::string& folded, const Channel& channel) const {
    const auto matches = [&](const std::string& mask) { return protocol::matches(mask, folded); };
    const auto users = channel.members.size();
    return users > above && users < below && (masks.empty() || std::ranges::any_of(masks, matches));
  }
};

/// Shows the channels behind the name `after`; true if that was all.
bool show_channels(Room& room, Turn& turn, const Listing& listing, std::string& after) {
  const auto& channels = room.channels();
  for (auto at = channels.upper_bound(after); at != channels.end(); ++at) {
    if (turn.is_full()) return false;
    const auto& [folded, channel] = *at;
    turn.spend(1 + listing.masks.size() + listing.length * folded.size() / Turn::comparison);
    after = folded;
    const auto sight = sight_of(channel, turn.user);
    if (sight == Sight::nothing || !listing.wants(folded, channel)) continue;
    const bool shown = channel.topic && sight >= Sight::open;
    turn.response.add(turn.numeric(Numeric::rpl_list)
                          .param(channel.name)
                          .param(channel.members.size())
                          .text(shown ? std::string_view{channel.topic->text} : std::string_view{}));
  }
  return true;
}

}  // namespace

void list(Room&, Turn& turn) {
  // Names and masks say which channels, ">n" and "<n" which of these by their number of users. In a second
  // parameter only the latter count: it may as well name a server (RFC 2812, 3.2.6), and costs nothing.
  Listing listing;
  for (std::size_t i : {0u, 1u}) {
    for (auto condition : protocol::split(turn.param(i), ',')) {
      const auto bound = condition.empty() ? std::nullopt : protocol::to_number(condition.substr(1));
      if (bound && condition.front() == '>')
        listing.above = std::max(listing.above, *bound);
      else if (bound && condition.front() == '<')
        listing.below = std::min(listing.below, *bound);
      else if (i == 0)
        add_once(listing.masks, protocol::casefold(condition));
    }
  }
  for (const auto& mask : listing.masks) listing.length += mask.size();
  if (const auto most = find_command("LIST")->targets.most; listing.masks.size() > most)
    return turn.reply(Numeric::err_toomanytargets, listing.masks[most], "Too many masks");
  turn.reply(Numeric::rpl_liststart, "Channel", "Users  Name");
  turn.steps.add([listing = std::move(listing), after = std::string{}](Room& room, Turn& turn) mutable {
    if (!show_channels(room, turn, listing, after)) return false;
    turn.reply(Numeric::rpl_listend, "End of /LIST");
    return true;
  });
}

}  // namespace troupe::commands
