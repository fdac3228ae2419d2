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

}  // namespace

void who(Room& room, Turn& turn) {
  const auto mask = turn.param(0);
  if (auto* channel = protocol::is_channel(mask) ? room.find_channel(mask) : nullptr) {
    const auto sight = sight_of(*channel, turn.user);
    for (const auto& member : channel->members)
      if (sight == Sight::all || (sight == Sight::open && !member.user->invisible))
        show_who(turn, *member.user, channel);
  } else if (auto* user = room.find_user(mask)) {
    show_who(turn, *user, shared_channel(*user, turn.user));
  } else if (!protocol::is_channel(mask)) {
    const bool everybody = mask.empty() || mask == "0";
    for (auto& [folded, candidate] : room.users())
      if ((everybody || protocol::matches(mask, candidate.nick) || protocol::matches(mask, candidate.host)) &&
          is_visible(candidate, turn.user))
        show_who(turn, candidate, shared_channel(candidate, turn.user));
  }
  turn.reply(Numeric::rpl_endofwho, mask.empty() ? "*" : mask, "End of WHO list");
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
  turn.response.add(
      about(Numeric::rpl_whoisuser).param(user->username).param(user->host).param("*").text(user->realname));
  std::vector<std::string> channels;
  for (const auto& joined : user->channels) {
    const auto sight = sight_of(*joined.channel, turn.user);
    if (sight < Sight::open || (sight == Sight::open && user->invisible)) continue;
    const auto prefix =
        joined.channel->members[joined.index].prefix(turn.client.has(Capability::multi_prefix));
    channels.push_back(prefix + joined.channel->name);
  }
  const auto head = about(Numeric::rpl_whoischannels);
  for (const auto& names : protocol::wrap(channels, head.width())) turn.response.add(head).text(names);
  turn.response.add(about(Numeric::rpl_whoisserver).param(turn.server).text(room.config().network_name));
  if (user->away) turn.response.add(about(Numeric::rpl_away).text(*user->away));
  turn.response.add(about(Numeric::rpl_whoisidle)
                        .param(whole_seconds(turn.now - user->spoke))
                        .param(user->signed_on)
                        .text("seconds idle, signon time"));
  turn.reply(Numeric::rpl_endofwhois, target, "End of /WHOIS list");
}

}  // namespace troupe::commands
