// JOIN, PART, KICK, TOPIC, INVITE, NAMES and LIST.
#include "chat/room.hpp"
#include "protocol/limits.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace troupe {

namespace limits = protocol::limits;
using protocol::Capability;
using protocol::Numeric;

void Room::join(Turn& turn) {
  if (turn.message.params.size() == 1 && turn.param(0) == "0") {
    while (!turn.from.seats.empty()) part_one(turn, *turn.from.seats.back().channel, {});
    return;
  }
  const auto keys = protocol::split(turn.param(1), ',');
  std::size_t i = 0;
  for (auto name : protocol::split(turn.param(0), ',')) {
    join_one(turn, name, i < keys.size() ? keys[i] : std::string_view{});
    ++i;
  }
}

void Room::join_one(Turn& turn, std::string_view name, std::string_view key) {
  auto& user = turn.from;
  auto* channel = find_channel(name);
  if (!channel) {
    if (protocol::check_channel(name))
      return reply(turn, Numeric::err_nosuchchannel, name, "Invalid channel name");
    if (user.seats.size() >= limits::channels)
      return reply(turn, Numeric::err_toomanychannels, name, "You have joined too many channels");
    auto folded = protocol::casefold(name);
    channel = &channels_[folded];
    channel->name = name;
    channel->folded = std::move(folded);
    channel->created = turn.now;
    channel->past = &past_of(channel->folded);
  } else if (channel->find(user) || !may_join(turn, *channel, key)) {
    return;
  }

  const bool first = channel->members.empty();
  channel->add(user).op = first;
  note("joined", user, {{"channel", channel->name}});
  channel->uninvite(user);
  const auto line = Line(user.source, "JOIN").param(channel->name);
  turn.response.add(line);
  tell_channel(*channel, line, turn.now, &user);
  if (user.away) {
    const auto away = Line(user.source, "AWAY").text(*user.away);
    Outbox::Shared shared(away, turn.now);
    for (const auto& member : channel->members)
      if (member.user != &user && member.user->has(Capability::away_notify))
        outbox_.send(outbox_.to(member.user->id, member.user->slot), shared, member.user->shape);
  }
  if (channel->topic) show_topic(turn, *channel);
  show_names(turn, *channel);
  show_past(turn, *channel);
}

bool Room::may_join(Turn& turn, Channel& channel, std::string_view key) {
  auto& user = turn.from;
  const auto refuse = [&](Numeric code, std::string_view text) {
    reply(turn, code, channel.name, text);
    return false;
  };
  if (user.seats.size() >= limits::channels)
    return refuse(Numeric::err_toomanychannels, "You have joined too many channels");
  if (channel.has_invited(user)) return true;
  if (channel.invite_only) return refuse(Numeric::err_inviteonlychan, "Cannot join channel (+i)");
  if (channel.is_banned(user)) return refuse(Numeric::err_bannedfromchan, "Cannot join channel (+b)");
  if (channel.key && key != *channel.key)
    return refuse(Numeric::err_badchannelkey, "Cannot join channel (+k)");
  if (channel.limit && channel.members.size() >= *channel.limit)
    return refuse(Numeric::err_channelisfull, "Cannot join channel (+l)");
  return true;
}

void Room::part(Turn& turn) {
  const auto reason = protocol::cut(turn.param(1), limits::reason);
  for (auto name : protocol::split(turn.param(0), ',')) {
    auto* channel = find_channel(name);
    if (!channel)
      reply(turn, Numeric::err_nosuchchannel, name, "No such channel");
    else if (!channel->find(turn.from))
      reply(turn, Numeric::err_notonchannel, channel->name, "You're not on that channel");
    else
      part_one(turn, *channel, reason);
  }
}

void Room::part_one(Turn& turn, Channel& channel, std::string_view reason) {
  Line line(turn.from.source, "PART");
  line.param(channel.name);
  if (!reason.empty()) line.text(reason);
  turn.response.add(line);
  tell_channel(channel, line, turn.now, &turn.from);
  note("parted", turn.from, {{"channel", channel.name}});
  saw(channel, turn.from, ids_.last());
  depart(channel, turn.from, turn.now);
}

void Room::kick(Turn& turn) {
  auto* channel = find_channel(turn.param(0));
  if (!channel) return reply(turn, Numeric::err_nosuchchannel, turn.param(0), "No such channel");
  const auto* kicker = channel->find(turn.from);
  if (!kicker) return reply(turn, Numeric::err_notonchannel, channel->name, "You're not on that channel");
  if (!kicker->op)
    return reply(turn, Numeric::err_chanoprivsneeded, channel->name, "You're not channel operator");

  const auto given = protocol::cut(turn.param(2), limits::kick);
  const auto reason = given.empty() ? std::string_view{turn.from.nick()} : given;
  for (auto nick : protocol::split(turn.param(1), ',')) {
    auto* user = find_user(nick);
    if (!user || !channel->find(*user)) {
      const bool fits = !nick.empty() && nick.find(' ') == std::string_view::npos && nick.front() != ':';
      turn.response.add(numeric(turn, Numeric::err_usernotinchannel)
                            .param(fits ? nick : "*")
                            .param(channel->name)
                            .text("They aren't on that channel"));
      continue;
    }
    const auto line = Line(turn.from.source, "KICK").param(channel->name).param(user->nick()).text(reason);
    turn.response.add(line);
    tell_channel(*channel, line, turn.now, &turn.from);
    note("kicked", *user, {{"channel", channel->name}, {"by", turn.from.nick()}});
    saw(*channel, *user, ids_.last());
    const bool last = channel->members.size() == 1;
    depart(*channel, *user, turn.now);
    if (last || user == &turn.from) return;
  }
}

void Room::topic(Turn& turn) {
  auto* channel = find_channel(turn.param(0));
  if (!channel) return reply(turn, Numeric::err_nosuchchannel, turn.param(0), "No such channel");
  const auto* member = channel->find(turn.from);
  if (!member) return reply(turn, Numeric::err_notonchannel, channel->name, "You're not on that channel");
  if (turn.message.params.size() == 1) {
    if (channel->topic) return show_topic(turn, *channel);
    return reply(turn, Numeric::rpl_notopic, channel->name, "No topic is set");
  }
  if (channel->topic_protected && !member->op)
    return reply(turn, Numeric::err_chanoprivsneeded, channel->name, "You're not channel operator");

  const auto text = protocol::cut(turn.param(1), limits::topic);
  if (text.empty())
    channel->topic.reset();
  else
    channel->topic = {std::string{text}, turn.from.source, turn.now};
  const auto line = Line(turn.from.source, "TOPIC").param(channel->name).text(text);
  turn.response.add(line);
  tell_channel(*channel, line, turn.now, &turn.from);
}

void Room::invite(Turn& turn) {
  if (turn.message.params.empty()) {
    for (const auto* channel : turn.from.invitations)
      turn.response.add(numeric(turn, Numeric::rpl_invitelist).param(channel->name));
    return reply(turn, Numeric::rpl_endofinvitelist, "End of /INVITE list");
  }
  if (turn.message.params.size() == 1)
    return reply(turn, Numeric::err_needmoreparams, "INVITE", "Not enough parameters");
  auto* user = find_user(turn.param(0));
  if (!user) return reply(turn, Numeric::err_nosuchnick, turn.param(0), "No such nick");
  auto* channel = find_channel(turn.param(1));
  if (!channel) return reply(turn, Numeric::err_nosuchchannel, turn.param(1), "No such channel");
  const auto* member = channel->find(turn.from);
  if (!member) return reply(turn, Numeric::err_notonchannel, channel->name, "You're not on that channel");
  if (channel->invite_only && !member->op)
    return reply(turn, Numeric::err_chanoprivsneeded, channel->name, "You're not channel operator");
  if (channel->find(*user)) {
    turn.response.add(numeric(turn, Numeric::err_useronchannel)
                          .param(user->nick())
                          .param(channel->name)
                          .text("is already on channel"));
    return;
  }
  // Only an operator's word opens a channel's doors; anybody may tell of a channel that is open.
  if (member->op) channel->invite(*user);
  turn.response.add(numeric(turn, Numeric::rpl_inviting).param(user->nick()).param(channel->name));
  if (user->away) turn.response.add(numeric(turn, Numeric::rpl_away).param(user->nick()).text(*user->away));
  const auto line = Line(turn.from.source, "INVITE").param(user->nick()).param(channel->name);
  tell(*user, line, turn.now);
  Outbox::Shared shared(line, turn.now);
  for (const auto& [peer, op, voice] : channel->members)
    if (op && peer != &turn.from && peer->has(Capability::invite_notify))
      outbox_.send(outbox_.to(peer->id, peer->slot), shared, peer->shape);
}

void Room::names(Turn& turn) {
  if (turn.param(0).empty()) return reply(turn, Numeric::rpl_endofnames, "*", "End of /NAMES list");
  for (auto name : protocol::split(turn.param(0), ',')) {
    if (auto* channel = find_channel(name))
      show_names(turn, *channel);
    else
      reply(turn, Numeric::rpl_endofnames, name, "End of /NAMES list");
  }
}

void Room::show_names(Turn& turn, Channel& channel) {
  const bool multi = turn.from.has(Capability::multi_prefix);
  const bool userhost = turn.from.has(Capability::userhost_in_names);
  const bool inside = channel.find(turn.from) != nullptr;
  const auto head = numeric(turn, Numeric::rpl_namreply).param("=").param(channel.name);
  const auto room = limits::line - 2 - head.base().size() - 2;
  std::string names;
  const auto flush = [&] {
    if (!names.empty()) turn.response.add(head).text(names);
    names.clear();
  };
  for (const auto& member : channel.members) {
    if (!inside && member.user->invisible) continue;
    const auto prefix = member.prefix(multi);
    const auto& name = userhost ? member.user->source : member.user->nick();
    if (names.size() + 1 + prefix.size() + name.size() > room) flush();
    if (!names.empty()) names += ' ';
    names.append(prefix).append(name);
  }
  flush();
  reply(turn, Numeric::rpl_endofnames, channel.name, "End of /NAMES list");
}

void Room::show_topic(Turn& turn, const Channel& channel) {
  turn.response.add(numeric(turn, Numeric::rpl_topic).param(channel.name).text(channel.topic->text));
  turn.response.add(numeric(turn, Numeric::rpl_topicwhotime)
                        .param(channel.name)
                        .param(channel.topic->setter)
                        .param(whole_seconds(channel.topic->time.time_since_epoch())));
}

void Room::list(Turn& turn) {
  // ELIST=MU: names and masks say which channels, ">n" and "<n" which of these by their number of users.
  std::vector<std::string_view> masks;
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
        masks.push_back(condition);
    }
  }
  reply(turn, Numeric::rpl_liststart, "Channel", "Users  Name");
  for (const auto& [name, channel] : channels_) {
    const auto matches = [&name = name](std::string_view mask) { return protocol::matches(mask, name); };
    const auto users = channel.members.size();
    if (users <= above || users >= below) continue;
    if (!masks.empty() && std::ranges::none_of(masks, matches)) continue;
    turn.response.add(numeric(turn, Numeric::rpl_list)
                          .param(channel.name)
                          .param(users)
                          .text(channel.topic ? std::string_view{channel.topic->text} : std::string_view{}));
  }
  reply(turn, Numeric::rpl_listend, "End of /LIST");
}

}  // namespace troupe
