#include "chat/channel_modes.hpp"

#include "chat/room.hpp"
#include "protocol/limits.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace troupe {
namespace {

namespace limits = protocol::limits;
using protocol::ModeChange;
using protocol::ModeType;
using protocol::Numeric;

bool adds(const ModeChange& change) { return change.sign == ModeChange::Sign::add; }

bool set_flag(Room&, Turn&, Channel& channel, ModeChange& change, const ChannelMode& mode) {
  return std::exchange(channel.*mode.flag, adds(change)) != adds(change);
}

std::optional<std::string> shown_flag(const Channel& channel, const ChannelMode& mode) {
  return channel.*mode.flag ? std::optional{std::string{}} : std::nullopt;
}

bool set_key(Room&, Turn&, Channel& channel, ModeChange& change, const ChannelMode&) {
  if (adds(change)) return std::exchange(channel.key, change.parameter) != change.parameter;
  return std::exchange(channel.key, {}).has_value();
}

std::optional<std::string> shown_key(const Channel& channel, const ChannelMode&) { return channel.key; }

bool set_limit(Room&, Turn&, Channel& channel, ModeChange& change, const ChannelMode&) {
  const auto limit = adds(change) ? protocol::to_number(change.parameter) : std::nullopt;
  return std::exchange(channel.limit, limit) != limit;
}

std::optional<std::string> shown_limit(const Channel& channel, const ChannelMode&) {
  return channel.limit ? std::optional{std::to_string(*channel.limit)} : std::nullopt;
}

bool set_rank(Room& room, Turn& turn, Channel& channel, ModeChange& change, const ChannelMode& mode) {
  auto* user = room.find_user(change.parameter);
  if (!user) {
    turn.reply(Numeric::err_nosuchnick, change.parameter, "No such nick");
    return false;
  }
  auto* member = channel.find(*user);
  if (!member) {
    turn.response.add(turn.numeric(Numeric::err_usernotinchannel)
                          .param(user->nick)
                          .param(channel.name)
                          .text("They aren't on that channel"));
    return false;
  }
  change.parameter = user->nick;
  if (std::exchange(member->*mode.rank, adds(change)) == adds(change)) return false;
  room.rank_changed(channel, *member);
  return true;
}

bool set_ban(Room&, Turn& turn, Channel& channel, ModeChange& change, const ChannelMode& mode) {
  auto mask = protocol::complete_mask(change.parameter);
  const auto same = [folded = protocol::casefold(mask)](const Channel::Ban& ban) {
    return protocol::casefold(ban.mask) == folded;
  };
  change.parameter = mask;
  if (!adds(change)) return std::erase_if(channel.bans, same) > 0;
  if (std::ranges::any_of(channel.bans, same)) return false;
  if (channel.bans.size() >= mode.most) {
    turn.response.add(turn.numeric(Numeric::err_banlistfull)
                          .param(channel.name)
                          .param(mask)
                          .text("Channel ban list is full"));
    return false;
  }
  channel.ban(std::move(mask), turn.user.source, turn.now);
  return true;
}

void list_bans(Turn& turn, const Channel& channel) {
  // As they are now: there are not so many that they could not be kept for the portions that this takes.
  turn.steps.add(
      [name = channel.name, bans = channel.bans, next = std::size_t{0}](Room&, Turn& turn) mutable {
        for (; next < bans.size(); ++next) {
          if (turn.is_full()) return false;
          turn.response.add(turn.numeric(Numeric::rpl_banlist)
                                .param(name)
                                .param(bans[next].mask)
                                .param(bans[next].setter)
                                .param(bans[next].time));
        }
        turn.reply(Numeric::rpl_endofbanlist, name, "End of channel ban list");
        return true;
      });
}

bool is_key(std::string_view text) { return !protocol::check_key(text); }
bool is_limit(std::string_view text) { return protocol::to_number(text).value_or(0) > 0; }
bool is_mask(std::string_view text) { return !protocol::check_mask(text); }

constexpr ChannelMode flag(char letter, bool Channel::*which) {
  return {.letter = letter,
          .type = ModeType::flag,
          .least = Rank::op,
          .apply = set_flag,
          .shown = shown_flag,
          .flag = which};
}

constexpr ChannelMode rank(char letter, char symbol, bool Membership::*which) {
  return {.letter = letter,
          .type = ModeType::rank,
          .least = Rank::op,
          .apply = set_rank,
          .rank = which,
          .symbol = symbol};
}

constexpr std::array table = {
    flag('i', &Channel::invite_only),
    flag('m', &Channel::moderated),
    flag('n', &Channel::no_external),
    flag('s', &Channel::secret),
    flag('t', &Channel::topic_protected),
    ChannelMode{.letter = 'k',
                .type = ModeType::always,
                .least = Rank::op,
                .apply = set_key,
                .shown = shown_key,
                .is_valid = is_key,
                .invalid = "Key is not well-formed",
                .refusal = Numeric::err_invalidkey},
    ChannelMode{.letter = 'l',
                .type = ModeType::when_set,
                .least = Rank::op,
                .apply = set_limit,
                .shown = shown_limit,
                .is_valid = is_limit,
                .invalid = "The limit must be a positive number"},
    ChannelMode{.letter = 'b',
                .type = ModeType::list,
                .least = Rank::op,
                .apply = set_ban,
                .list = list_bans,
                .most = limits::bans,
                .is_valid = is_mask,
                .invalid = "The mask is not valid"},
    rank('o', '@', &Membership::op),
    rank('v', '+', &Membership::voice),
};

constexpr auto syntax = [] {
  std::array<protocol::ModeSyntax, table.size()> rows{};
  for (std::size_t i = 0; i < table.size(); ++i)
    rows[i] = {table[i].letter, table[i].type, table[i].is_valid};
  return rows;
}();

}  // namespace

std::span<const ChannelMode> channel_modes() { return table; }

std::span<const protocol::ModeSyntax> channel_mode_syntax() { return syntax; }

const ChannelMode& channel_mode(char letter) {
  return *std::ranges::find(table, letter, &ChannelMode::letter);
}

std::string channel_mode_letters(ModeType type) {
  std::string letters;
  for (const auto& mode : table)
    if (mode.type == type) letters += mode.letter;
  return letters;
}

std::string Membership::prefix(bool multi) const {
  std::string symbols;
  for (const auto& mode : table)
    if (mode.rank && this->*mode.rank && (multi || symbols.empty())) symbols += mode.symbol;
  return symbols;
}

std::string Channel::modes(bool with_parameters) const {
  std::string letters = "+";
  std::string parameters;
  for (const auto& mode : table) {
    const auto shown = mode.shown ? mode.shown(*this, mode) : std::nullopt;
    if (!shown) continue;
    letters += mode.letter;
    if (!shown->empty()) parameters.append(" ").append(*shown);
  }
  return with_parameters ? letters + parameters : letters;
}

}  // namespace troupe
