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
      turn.reply(Numeric::rpl_endofnames, name, "End of /NAMES list");
  }
  refuse_excess(turn, targets);
}

void show_names(Turn& turn, Channel& channel) {
  const bool multi = turn.client.has(Capability::multi_prefix);
  const bool userhost = turn.client.has(Capability::userhost_in_names);
  const bool inside = sight_of(channel, turn.user) == Sight::all;
  const auto head = turn.numeric(Numeric::rpl_namreply).param(channel.secret ? "@" : "=").param(channel.name);
  std::vector<std::string> names;
  for (const auto& member : channel.members) {
    if (!inside && member.user->invisible) continue;
    names.push_back(member.prefix(multi) + (userhost ? member.user->source : member.user->nick));
  }
  for (const auto& part : protocol::wrap(names, head.width())) turn.response.add(head).text(part);
  turn.reply(Numeric::rpl_endofnames, channel.name, "End of /NAMES list");
}

void list(Room& room, Turn& turn) {
  // ELIST=MU: names and masks say which channels, ">n" and "<n" which of these by their number of users.
  std::vector<std::string> masks;
  std::size_t above = 0;
  auto below = std::numeric_limits<std::size_t>::max();
  for (auto conditions : {turn.param(0), turn.param(1)}) {
    for (auto condition : protocol::split(conditions, ',')) {
      const auto bound = condition.empty() ? std::nullopt : protocol::to_number(condition.substr(1));
      if (bound && condition.front() == '>')
        above = std::max(above, *bound);
      else if (bound && condition.front() == '<')
        below = std::min(below, *bound);
      else
        add_once(masks, protocol::casefold(condition));
    }
  }
  if (const auto most = find_command("LIST")->targets.most; masks.size() > most)
    return turn.reply(Numeric::err_toomanytargets, masks[most], "Too many masks");
  turn.reply(Numeric::rpl_liststart, "Channel", "Users  Name");
  for (const auto& [name, channel] : room.channels()) {
    const auto matches = [&name = name](std::string_view mask) { return protocol::matches(mask, name); };
    const auto sight = sight_of(channel, turn.user);
    if (sight == Sight::nothing) continue;
    const auto users = channel.members.size();
    if (users <= above || users >= below) continue;
    if (!masks.empty() && std::ranges::none_of(masks, matches)) continue;
    turn.response.add(turn.numeric(Numeric::rpl_list)
                          .param(channel.name)
                          .param(users)
                          .text(channel.topic && sight >= Sight::open ? std::string_view{channel.topic->text}
                                                                      : std::string_view{}));
  }
  turn.reply(Numeric::rpl_listend, "End of /LIST");
}

}  // namespace troupe::commands
