// MODE, of channels and of users.
#include "protocol/modes.hpp"

#include "chat/commands/commands.hpp"
#include "protocol/limits.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <algorithm>
#include <utility>

namespace troupe::commands {

namespace limits = protocol::limits;
using protocol::ModeChange;
using protocol::Numeric;

namespace {

/// Carries out one change; false if it changes nothing. `change` becomes what the members are told.
bool apply(Room& room, Turn& turn, Channel& channel, ModeChange& change) {
  const bool on = change.sign == ModeChange::Sign::add;
  const auto set = [&](bool& flag) { return std::exchange(flag, on) != on; };
  switch (change.mode) {
    case 'i':
      return set(channel.invite_only);
    case 'm':
      return set(channel.moderated);
    case 'n':
      return set(channel.no_external);
    case 't':
      return set(channel.topic_protected);
    case 'k':
      if (on) return std::exchange(channel.key, change.parameter) != change.parameter;
      return std::exchange(channel.key, {}).has_value();
    case 'l': {
      const auto limit = on ? protocol::to_number(change.parameter) : std::nullopt;
      return std::exchange(channel.limit, limit) != limit;
    }
    case 'o':
    case 'v': {
      auto* user = room.find_user(change.parameter);
      auto* member = user ? channel.find(*user) : nullptr;
      if (!user) {
        turn.reply(Numeric::err_nosuchnick, change.parameter, "No such nick");
        return false;
      }
      if (!member) {
        turn.response.add(turn.numeric(Numeric::err_usernotinchannel)
                              .param(user->nick)
                              .param(channel.name)
                              .text("They aren't on that channel"));
        return false;
      }
      change.parameter = user->nick;
      return set(change.mode == 'o' ? member->op : member->voice);
    }
    case 'b': {
      auto mask = protocol::complete_mask(change.parameter);
      const auto same = [folded = protocol::casefold(mask)](const Channel::Ban& ban) {
        return protocol::casefold(ban.mask) == folded;
      };
      change.parameter = mask;
      if (!on) return std::erase_if(channel.bans, same) > 0;
      if (std::ranges::any_of(channel.bans, same)) return false;
      if (channel.bans.size() >= limits::bans) {
        turn.response.add(turn.numeric(Numeric::err_banlistfull)
                              .param(channel.name)
                              .param(mask)
                              .text("Channel ban list is full"));
        return false;
      }
      channel.bans.push_back({std::move(mask), turn.user.source, turn.now});
      return true;
    }
    default:
      return false;
  }
}

void show_bans(Turn& turn, const Channel& channel) {
  for (const auto& ban : channel.bans) {
    turn.response.add(turn.numeric(Numeric::rpl_banlist)
                          .param(channel.name)
                          .param(ban.mask)
                          .param(ban.setter)
                          .param(whole_seconds(ban.time.time_since_epoch())));
  }
  turn.reply(Numeric::rpl_endofbanlist, channel.name, "End of channel ban list");
}

void channel_mode(Room& room, Turn& turn, Channel& channel) {
  const auto& params = turn.message.params;
  auto request = protocol::parse_channel_modes(params[1], std::span{params}.subspan(2));
  for (auto mode : request.unknown)
    turn.reply(Numeric::err_unknownmode, std::string_view{&mode, 1}, "is unknown mode char to me");
  if (request.list_bans) show_bans(turn, channel);
  if (request.changes.empty() && request.invalid.empty() && request.missing.empty()) return;

  const auto* member = channel.find(turn.user);
  if (!member) return turn.reply(Numeric::err_notonchannel, channel.name, "You're not on that channel");
  if (!member->op)
    return turn.reply(Numeric::err_chanoprivsneeded, channel.name, "You're not channel operator");
  const auto refuse = [&](char mode, std::string_view parameter, std::string_view why) {
    turn.response.add(turn.numeric(Numeric::err_invalidmodeparam)
                          .param(channel.name)
                          .param({&mode, 1})
                          .param(parameter)
                          .text(why));
  };
  for (auto mode : request.missing) refuse(mode, "*", "You must specify a parameter");
  for (const auto& change : request.invalid) {
    if (change.mode == 'k')
      turn.reply(Numeric::err_invalidkey, channel.name, "Key is not well-formed");
    else
      refuse(change.mode, "*",
             change.mode == 'l' ? "The limit must be a positive number" : "The mask is not valid");
  }
  std::vector<ModeChange> done;
  for (auto& change : request.changes)
    if (apply(room, turn, channel, change)) done.push_back(std::move(change));
  for (std::span<const ModeChange> rest{done}; !rest.empty();) {
    // As many as fit into a line; a single change always does.
    auto fit = rest.size();
    auto line = Line(turn.user.source, "MODE").param(channel.name).param(protocol::render_mode_changes(rest));
    while (fit > 1 && line.base().size() + 2 > limits::line)
      line = Line(turn.user.source, "MODE")
                 .param(channel.name)
                 .param(protocol::render_mode_changes(rest.first(--fit)));
    room.announce(turn, channel, line);
    rest = rest.subspan(fit);
  }
}

void user_mode(Room& room, Turn& turn) {
  auto& user = turn.user;
  const auto* target = room.find_user(turn.param(0));
  if (!target) return turn.reply(Numeric::err_nosuchnick, turn.param(0), "No such nick");
  if (target != &user) return turn.reply(Numeric::err_usersdontmatch, "Can't change mode for other users");
  if (turn.message.params.size() == 1) {
    turn.response.add(turn.numeric(Numeric::rpl_umodeis).param(user.invisible ? "+i" : "+"));
    return;
  }
  const auto request = protocol::parse_user_modes(turn.param(1));
  std::vector<ModeChange> done;
  for (const auto& change : request.changes) {
    const bool on = change.sign == ModeChange::Sign::add;
    if (change.mode != 'i' || user.invisible == on) continue;
    room.set_invisible(user, on);
    done.push_back(change);
  }
  if (!done.empty())
    turn.response.add(Line(user.source, "MODE").param(user.nick).param(protocol::render_mode_changes(done)));
  if (request.unknown) turn.reply(Numeric::err_umodeunknownflag, "Unknown MODE flag");
}

}  // namespace

void mode(Room& room, Turn& turn) {
  const auto target = turn.param(0);
  if (!protocol::is_channel(target)) return user_mode(room, turn);
  auto* channel = room.find_channel(target);
  if (!channel) return turn.reply(Numeric::err_nosuchchannel, target, "No such channel");
  if (turn.message.params.size() > 1) return channel_mode(room, turn, *channel);

  const bool inside = channel->find(turn.user) != nullptr;
  turn.response.add(
      turn.numeric(Numeric::rpl_channelmodeis).param(channel->name).param(channel->modes(inside)));
  turn.response.add(turn.numeric(Numeric::rpl_creationtime)
                        .param(channel->name)
                        .param(whole_seconds(channel->created.time_since_epoch())));
}

}  // namespace troupe::commands
