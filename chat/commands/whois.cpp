// WHO and WHOIS.
#include "chat/commands/commands.hpp"
#include "chat/visibility.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

namespace troupe::commands {

using protocol::Capability;
using protocol::Numeric;

namespace {

void show_who(Turn& turn, User& user, Channel* channel) {
  std::string flags = user.away ? "G" : "H";
  if (channel)
    if (const auto* member = channel->find(user))
      flags += member->prefix(turn.client.has(Capability::multi_prefix));
  turn.response.add(turn.numeric(Numeric::rpl_whoreply)
                        .param(channel ? std::string_view{channel->name} : std::string_view{"*"})
                        .param(user.username)
                        .param(user.host)
                        .param(turn.server)
                        .param(user.nick)
                        .param(flags)
                        .text("0 " + user.realname));
}

/// Shows the members of a channel behind number `after`; true if that was all.
bool show_members(Turn& turn, Channel& channel, std::uint64_t& after) {
  const auto sight = sight_of(channel, turn.user);
  if (sight < Sight::open) return true;
  for (auto at = channel.place_behind(after); at < channel.members.size(); ++at) {
    if (turn.is_full()) return false;
    const auto& member = channel.members[at];
    turn.spend(1);
    after = member.number;
    if (sight == Sight::all || !member.user->invisible) show_who(turn, *member.user, &channel);
  }
  return true;
}

/// Shows the users that match, behind the nick `after`; true if that was all.
bool show_matching(Room& room, Turn& turn, std::string_view mask, std::string& after) {
  const bool everybody = mask.empty() || mask == "0";
  auto& users = room.users();
  for (auto at = users.upper_bound(after); at != users.end(); ++at) {
    if (turn.is_full()) return false;
    auto& [folded, user] = *at;
    after = folded;
    turn.spend(1 + mask.size() * (user.nick.size() + user.host.size()) / Turn::comparison);
    if (!everybody && !protocol::matches(mask, user.nick) && !protocol::matches(mask, user.host)) continue;
    // That they share no channel takes a look at each of both.
    turn.spend(user.channels.size() * turn.user.channels.size() / 16);
    auto* shared = shared_channel(user, turn.user);
    if (shared || !user.invisible || &user == &turn.user) show_who(turn, user, shared);
  }
  return true;
}

}  // namespace

void who(Room& room, Turn& turn) {
  const auto mask = turn.param(0);
  if (auto* channel = protocol::is_channel(mask) ? room.find_channel(mask) : nullptr) {
    turn.steps.add([folded = channel->folded, id = channel->id, after = std::uint64_t{0}](
                       Room& room, Turn& turn) mutable {
      auto* channel = room.find_channel(folded);
      return !channel || channel->id != id || show_members(turn, *channel, after);
    });
  } else if (auto* user = room.find_user(mask)) {
    show_who(turn, *user, shared_channel(*user, turn.user));
  } else if (!protocol::is_channel(mask)) {
    turn.steps.add([after = std::string{}](Room& room, Turn& turn) mutable {
      return show_matching(room, turn, turn.param(0), after);
    });
  }
  turn.steps.add([](Room&, Turn& turn) {
    const auto mask = turn.param(0);
    turn.reply(Numeric::rpl_endofwho, mask.empty() ? "*" : mask, "End of WHO list");
    return true;
  });
}

void whois(Room& room, Turn& turn) {
  // With two parameters the first one names a server: there is only this one.
  const auto named = turn.message.params.size() > 1 ? turn.param(1) : turn.param(0);
  const auto target = named.substr(0, named.find(','));
  if (target.size() < named.size())
    return turn.reply(Numeric::err_toomanytargets, named.substr(target.size() + 1), "Too many targets");
  if (target.empty()) return turn.reply(Numeric::err_nonicknamegiven, "No nickname given");
  auto* user = room.find_user(target);
  if (!user) {
    turn.reply(Numeric::err_nosuchnick, target, "No such nick");
    return turn.reply(Numeric::rpl_endofwhois, target, "End of /WHOIS list");
  }
  const auto about = [&](Numeric code) { return turn.numeric(code).param(user->nick); };
  std::vector<Line> lines;
  lines.push_back(
      about(Numeric::rpl_whoisuser).param(user->username).param(user->host).param("*").text(user->realname));
  std::vector<std::string> channels;
  for (const auto& joined : user->channels) {
    const auto sight = sight_of(*joined.channel, turn.user);
    if (sight < Sight::open || (sight == Sight::open && user->invisible)) continue;
    const auto prefix = joined.channel->find(*user)->prefix(turn.client.has(Capability::multi_prefix));
    channels.push_back(prefix + joined.channel->name);
  }
  const auto head = about(Numeric::rpl_whoischannels);
  for (const auto& names : protocol::wrap(channels, head.width())) lines.push_back(Line{head}.text(names));
  lines.push_back(about(Numeric::rpl_whoisserver).param(turn.server).text(room.config().network_name));
  if (user->away) lines.push_back(about(Numeric::rpl_away).text(*user->away));
  lines.push_back(about(Numeric::rpl_whoisidle)
                      .param(whole_seconds(turn.now - user->spoke))
                      .param(user->signed_on)
                      .text("seconds idle, signon time"));
  lines.push_back(turn.numeric(Numeric::rpl_endofwhois).echo(target).text("End of /WHOIS list"));
  // As they are now: ten kilobytes at most.
  turn.steps.add([lines = std::move(lines), next = std::size_t{0}](Room&, Turn& turn) mutable {
    for (; next < lines.size(); ++next) {
      if (turn.is_full()) return false;
      turn.response.add(std::move(lines[next]));
    }
    return true;
  });
}

}  // namespace troupe::commands
