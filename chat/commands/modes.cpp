// MODE, of channels and of users.
#include "protocol/modes.hpp"

#include "chat/channel_modes.hpp"
#include "chat/commands/commands.hpp"
#include "chat/user_modes.hpp"
#include "chat/visibility.hpp"
#include "protocol/names.hpp"

#include <algorithm>
#include <utility>

namespace troupe::commands {

using protocol::ModeChange;
using protocol::Numeric;

namespace {

/// What the parser could make nothing of.
void refuse(Turn& turn, const Channel& channel, const protocol::ChannelModeRequest& request) {
  const auto about = [&](char letter, std::string_view text) {
    turn.response.add(turn.numeric(Numeric::err_invalidmodeparam)
                          .param(channel.name)
                          .param({&letter, 1})
                          .param("*")
                          .text(text));
  };
  for (auto letter : request.missing) about(letter, "You must specify a parameter");
  for (const auto& change : request.invalid) {
    const auto& mode = channel_mode(change.mode);
    if (mode.refusal == Numeric::err_invalidmodeparam)
      about(change.mode, mode.invalid);
    else
      turn.reply(mode.refusal, channel.name, mode.invalid);
  }
}

/// Tells the members of changes, as many in a line as fit; a single one always does.
void announce(Room& room, Turn& turn, Channel& channel, std::span<const ModeChange> changes) {
  const auto line_of = [&](std::size_t count) {
    return Line(turn.user.source, "MODE")
        .param(channel.name)
        .param(protocol::render_mode_changes(changes.first(count), channel_mode_syntax()));
  };
  while (!changes.empty()) {
    auto fit = changes.size();
    auto line = line_of(fit);
    while (fit > 1 && !line.fits()) line = line_of(--fit);
    room.announce(turn, channel, line);
    changes = changes.subspan(fit);
  }
}

void change_channel(Room& room, Turn& turn, Channel& channel) {
  const auto& params = turn.message.params;
  auto request =
      protocol::parse_channel_modes(params[1], std::span{params}.subspan(2), channel_mode_syntax());
  for (auto letter : request.unknown)
    turn.reply(Numeric::err_unknownmode, std::string_view{&letter, 1}, "is unknown mode char to me");
  for (auto letter : request.lists) {
    if (sight_of(channel, turn.user) < Sight::open)
      return turn.reply(Numeric::err_notonchannel, channel.name, "You're not on that channel");
    channel_mode(letter).list(turn, channel);
  }
  if (request.changes.empty() && request.invalid.empty() && request.missing.empty()) return;

  const auto* member = channel.find(turn.user);
  if (!member) return turn.reply(Numeric::err_notonchannel, channel.name, "You're not on that channel");
  const auto rank = member->rank();
  const auto may_change = [&](char letter) { return rank >= channel_mode(letter).least; };
  const auto may = [&](const ModeChange& change) { return may_change(change.mode); };
  if (!std::ranges::all_of(request.changes, may) || !std::ranges::all_of(request.invalid, may) ||
      !std::ranges::all_of(request.missing, may_change))
    return turn.reply(Numeric::err_chanoprivsneeded, channel.name, "You're not channel operator");
  refuse(turn, channel, request);
  const bool was_secret = channel.secret;
  std::vector<ModeChange> done;
  for (auto& change : request.changes) {
    const auto& mode = channel_mode(change.mode);
    if (mode.apply(room, turn, channel, change, mode)) done.push_back(std::move(change));
  }
  if (!done.empty()) room.modes_changed(channel, was_secret);
  announce(room, turn, channel, done);
}

void user_mode(Room& room, Turn& turn) {
  auto& user = turn.user;
  const auto* target = room.find_user(turn.param(0));
  if (!target) return turn.reply(Numeric::err_nosuchnick, turn.param(0), "No such nick");
  if (target != &user) return turn.reply(Numeric::err_usersdontmatch, "Can't change mode for other users");
  if (turn.message.params.size() == 1) {
    turn.response.add(turn.numeric(Numeric::rpl_umodeis).param(modes_of(user)));
    return;
  }
  const auto request = protocol::parse_user_modes(turn.param(1), user_mode_letters());
  std::vector<ModeChange> done;
  for (const auto& change : request.changes) {
    const auto mode = *std::ranges::find(user_modes(), change.mode, &UserMode::letter);
    const bool on = change.sign == ModeChange::Sign::add;
    if (user.*mode.flag == on) continue;
    mode.set(room, user, on);
    done.push_back(change);
  }
  if (!done.empty())
    turn.response.add(
        Line(user.source, "MODE").param(user.nick).param(protocol::render_mode_changes(done, {})));
  if (request.unknown) turn.reply(Numeric::err_umodeunknownflag, "Unknown MODE flag");
}

}  // namespace

void mode(Room& room, Turn& turn) {
  const auto target = turn.param(0);
  if (!protocol::is_channel(target)) return user_mode(room, turn);
  auto* channel = find_visible(room, target, turn.user);
  if (!channel) return turn.reply(Numeric::err_nosuchchannel, target, "No such channel");
  if (turn.message.params.size() > 1) return change_channel(room, turn, *channel);

  const bool inside = channel->find(turn.user) != nullptr;
  turn.response.add(
      turn.numeric(Numeric::rpl_channelmodeis).param(channel->name).param(channel->modes(inside)));
  turn.response.add(turn.numeric(Numeric::rpl_creationtime).param(channel->name).param(channel->created));
}

}  // namespace troupe::commands
