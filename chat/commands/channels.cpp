// JOIN, PART, KICK, TOPIC and INVITE.
#include "chat/commands/commands.hpp"
#include "chat/targets.hpp"
#include "chat/visibility.hpp"
#include "protocol/limits.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <utility>

namespace troupe::commands {

namespace limits = protocol::limits;
using protocol::Capability;
using protocol::Numeric;

namespace {

void part_one(Room& room, Turn& turn, Channel& channel, std::string_view reason) {
  Line line(turn.user.source, "PART");
  line.param(channel.name);
  if (!reason.empty()) line.text(reason);
  room.announce(turn, channel, line);
  room.note("parted", turn.user, {{"channel", channel.name}}, log::Level::debug);
  room.saw_all(channel, turn.user);
  room.depart(channel, turn.user, turn.now);
}

bool may_join(Turn& turn, Channel& channel, std::string_view key) {
  auto& user = turn.user;
  const auto refuse = [&](Numeric code, std::string_view text) {
    turn.reply(code, channel.name, text);
    return false;
  };
  if (user.channels.size() >= limits::channels)
    return refuse(Numeric::err_toomanychannels, "You have joined too many channels");
  if (channel.has_invited(user)) return true;
  if (channel.invite_only) return refuse(Numeric::err_inviteonlychan, "Cannot join channel (+i)");
  turn.spend(channel.bans.size());
  if (channel.bans_outsider(user)) return refuse(Numeric::err_bannedfromchan, "Cannot join channel (+b)");
  if (channel.key && key != *channel.key)
    return refuse(Numeric::err_badchannelkey, "Cannot join channel (+k)");
  if (channel.limit && channel.members.size() >= *channel.limit)
    return refuse(Numeric::err_channelisfull, "Cannot join channel (+l)");
  return true;
}

/// A channel that is to be joined.
struct Wanted {
  std::string name;
  std::string key;
};

void join_one(Room& room, Turn& turn, std::string_view name, std::string_view key) {
  auto& user = turn.user;
  auto* channel = room.find_channel(name);
  if (!channel) {
    if (protocol::check_channel(name))
      return turn.reply(Numeric::err_nosuchchannel, name, "Invalid channel name");
    if (user.channels.size() >= limits::channels)
      return turn.reply(Numeric::err_toomanychannels, name, "You have joined too many channels");
    if (!room.may_found(user))
      return turn.reply(Numeric::err_toomanychannels, name, "Too many channels were made from your address");
    channel = &room.found(name, user, turn.now);
  } else if (channel->find(user) || !may_join(turn, *channel, key)) {
    return;
  }

  const bool first = channel->members.empty();
  room.admit(*channel, user, first);
  room.note("joined", user, {{"channel", channel->name}}, log::Level::debug);
  channel->uninvite(user);
  const auto line = Line(user.source, "JOIN").param(channel->name);
  room.announce(turn, *channel, line);
  if (user.away)
    room.tell_members(*channel, Line(user.source, "AWAY").text(*user.away), turn.now,
                      {.except = &user, .needs = Capability::away_notify});
  if (channel->topic) show_topic(turn, *channel);
  show_names(turn, *channel);
  room.show_past(turn, *channel);
}

}  // namespace

void join(Room& room, Turn& turn) {
  if (turn.message.params.size() == 1 && turn.param(0) == "0") {
    while (!turn.user.channels.empty()) part_one(room, turn, *turn.user.channels.back().channel, {});
    return;
  }
  const auto keys = protocol::split(turn.param(1), ',');
  const auto targets = targets_of(turn);
  std::vector<Wanted> wanted;
  for (const auto& [name, place] : targets.named)
    wanted.push_back({std::string{name}, place < keys.size() ? std::string{keys[place]} : std::string{}});
  // One after the other: what is told of a channel may take several portions.
  turn.steps.add([wanted = std::move(wanted), next = std::size_t{0}](Room& room, Turn& turn) mutable {
    if (next < wanted.size()) {
      join_one(room, turn, wanted[next].name, wanted[next].key);
      if (++next < wanted.size()) return false;
    }
    return true;
  });
  if (!targets.excess.empty())
    turn.steps.add([](Room&, Turn& turn) {
      refuse_excess(turn, targets_of(turn));
      return true;
    });
}

void part(Room& room, Turn& turn) {
  const auto reason = protocol::cut(turn.param(1), limits::reason);
  const auto targets = targets_of(turn);
  for (const auto& [name, place] : targets.named) {
    auto* channel = find_visible(room, name, turn.user);
    if (!channel)
      turn.reply(Numeric::err_nosuchchannel, name, "No such channel");
    else if (!channel->find(turn.user))
      turn.reply(Numeric::err_notonchannel, channel->name, "You're not on that channel");
    else
      part_one(room, turn, *channel, may_speak(*channel, turn.user) ? reason : std::string_view{});
  }
  refuse_excess(turn, targets);
}

void kick(Room& room, Turn& turn) {
  auto* channel = find_visible(room, turn.param(0), turn.user);
  if (!channel) return turn.reply(Numeric::err_nosuchchannel, turn.param(0), "No such channel");
  const auto* kicker = channel->find(turn.user);
  if (!kicker) return turn.reply(Numeric::err_notonchannel, channel->name, "You're not on that channel");
  if (!kicker->op)
    return turn.reply(Numeric::err_chanoprivsneeded, channel->name, "You're not channel operator");

  const auto given = protocol::cut(turn.param(2), limits::kick);
  const auto reason = given.empty() ? std::string_view{turn.user.nick} : given;
  const auto targets = targets_of(turn);
  for (const auto& [nick, place] : targets.named) {
    auto* user = room.find_user(nick);
    if (!user || !channel->find(*user)) {
      turn.response.add(turn.numeric(Numeric::err_usernotinchannel)
                            .echo(nick)
                            .param(channel->name)
                            .text("They aren't on that channel"));
      continue;
    }
    const auto line = Line(turn.user.source, "KICK").param(channel->name).param(user->nick).text(reason);
    room.announce(turn, *channel, line);
    room.note("kicked", *user, {{"channel", channel->name}, {"by", turn.user.nick}});
    room.saw_all(*channel, *user);
    const bool last = channel->members.size() == 1;
    room.depart(*channel, *user, turn.now);
    if (last || user == &turn.user) break;
  }
  refuse_excess(turn, targets);
}

void topic(Room& room, Turn& turn) {
  auto* channel = find_visible(room, turn.param(0), turn.user);
  if (!channel) return turn.reply(Numeric::err_nosuchchannel, turn.param(0), "No such channel");
  const auto* member = channel->find(turn.user);
  if (!member) return turn.reply(Numeric::err_notonchannel, channel->name, "You're not on that channel");
  if (turn.message.params.size() == 1) {
    if (channel->topic) return show_topic(turn, *channel);
    return turn.reply(Numeric::rpl_notopic, channel->name, "No topic is set");
  }
  if (channel->topic_protected && !member->op)
    return turn.reply(Numeric::err_chanoprivsneeded, channel->name, "You're not channel operator");
  if (!may_speak(*channel, turn.user))
    return turn.reply(Numeric::err_cannotsendtochan, channel->name, "Cannot send to channel");

  const auto text = protocol::cut(turn.param(1), limits::topic);
  if (text.empty())
    channel->topic.reset();
  else
    channel->topic = {std::string{text}, turn.user.source, turn.now};
  const auto line = Line(turn.user.source, "TOPIC").param(channel->name).text(text);
  room.announce(turn, *channel, line);
}

void invite(Room& room, Turn& turn) {
  if (turn.message.params.empty()) {
    for (const auto* channel : turn.user.invitations)
      turn.response.add(turn.numeric(Numeric::rpl_invitelist).param(channel->name));
    return turn.reply(Numeric::rpl_endofinvitelist, "End of /INVITE list");
  }
  if (turn.message.params.size() == 1)
    return turn.reply(Numeric::err_needmoreparams, "INVITE", "Not enough parameters");
  auto* user = room.find_user(turn.param(0));
  if (!user) return turn.reply(Numeric::err_nosuchnick, turn.param(0), "No such nick");
  auto* channel = find_visible(room, turn.param(1), turn.user);
  if (!channel) return turn.reply(Numeric::err_nosuchchannel, turn.param(1), "No such channel");
  const auto* member = channel->find(turn.user);
  if (!member) return turn.reply(Numeric::err_notonchannel, channel->name, "You're not on that channel");
  if (channel->invite_only && !member->op)
    return turn.reply(Numeric::err_chanoprivsneeded, channel->name, "You're not channel operator");
  if (channel->find(*user)) {
    turn.response.add(turn.numeric(Numeric::err_useronchannel)
                          .param(user->nick)
                          .param(channel->name)
                          .text("is already on channel"));
    return;
  }
  if (!user->takes_invitation(shared_channel(*user, turn.user) == nullptr, turn.now))
    return turn.reply(Numeric::rpl_tryagain, "INVITE",
                      user->nick + " has been invited too often, please try again later");
  // Only an operator's word opens a channel's doors; anybody may tell of a channel that is open.
  if (member->op) channel->invite(*user);
  turn.response.add(turn.numeric(Numeric::rpl_inviting).param(user->nick).param(channel->name));
  if (user->away) turn.response.add(turn.numeric(Numeric::rpl_away).param(user->nick).text(*user->away));
  const auto line = Line(turn.user.source, "INVITE").param(user->nick).param(channel->name);
  room.tell(*user, line, turn.now);
  room.tell_members(*channel, line, turn.now,
                    {.except = &turn.user, .needs = Capability::invite_notify, .least = Rank::op});
}

void show_topic(Turn& turn, const Channel& channel) {
  turn.response.add(turn.numeric(Numeric::rpl_topic).param(channel.name).text(channel.topic->text));
  turn.response.add(turn.numeric(Numeric::rpl_topicwhotime)
                        .param(channel.name)
                        .param(channel.topic->setter)
                        .param(channel.topic->time));
}

}  // namespace troupe::commands
