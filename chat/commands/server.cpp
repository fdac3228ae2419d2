// What the server says of itself: the welcome, LUSERS, MOTD, VERSION and PING.
#include "chat/channel_modes.hpp"
#include "chat/commands/commands.hpp"
#include "chat/user_modes.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <algorithm>
#include <utility>

namespace troupe::commands {

using protocol::ModeType;
using protocol::Numeric;

namespace {

std::string sorted(std::string letters) {
  std::ranges::sort(letters);
  return letters;
}

/// True if a command is for this server, the only one: it names none, this one, or somebody here.
bool for_this_server(Room& room, Turn& turn) {
  const auto target = turn.param(0);
  if (target.empty() || protocol::matches(target, room.config().server_name) || room.find_user(target))
    return true;
  turn.reply(Numeric::err_nosuchserver, target, "No such server");
  return false;
}

}  // namespace

void welcome(Room& room, Turn& turn) {
  turn.reply(Numeric::rpl_welcome, "Welcome to " + room.config().network_name + ", " + turn.user.nick);
  turn.reply(Numeric::rpl_yourhost,
             "Your host is " + room.config().server_name + ", running " + room.config().version);
  turn.reply(Numeric::rpl_created,
             "This server was started " + protocol::to_timestamp(room.config().started));
  const auto flags = channel_mode_letters(ModeType::flag);
  std::string with_parameter;
  for (auto type : {ModeType::list, ModeType::always, ModeType::when_set, ModeType::rank})
    with_parameter += channel_mode_letters(type);
  turn.response.add(turn.numeric(Numeric::rpl_myinfo)
                        .param(room.config().server_name)
                        .param(room.config().version)
                        .param(user_mode_letters())
                        .param(sorted(flags + with_parameter))
                        .param(sorted(with_parameter)));
  show_isupport(room, turn);
  lusers(room, turn);
  motd(room, turn);
}

void show_isupport(const Room& room, Turn& turn) {
  // At most 13 tokens a line (Modern IRC, "RPL_ISUPPORT").
  constexpr std::size_t most = 13;
  constexpr std::string_view text = "are supported by this server";
  const auto head = turn.numeric(Numeric::rpl_isupport);
  auto line = head;
  std::size_t tokens = 0;
  for (const auto& token : room.isupport()) {
    if (tokens == most || (tokens > 0 && line.width() < token.size() + 1 + text.size())) {
      turn.response.add(std::exchange(line, head).text(text));
      tokens = 0;
    }
    line.param(token);
    ++tokens;
  }
  turn.response.add(line.text(text));
}

void lusers(Room& room, Turn& turn) {
  const auto count = std::to_string(room.users().size());
  const auto most = std::to_string(room.most_users());
  turn.reply(Numeric::rpl_luserclient,
             "There are " + std::to_string(room.users().size() - room.invisible_users()) + " users and " +
                 std::to_string(room.invisible_users()) + " invisible on 1 servers");
  turn.reply(Numeric::rpl_luserop, "0", "operator(s) online");
  turn.reply(Numeric::rpl_luserchannels, std::to_string(room.channels().size() - room.secret_channels()),
             "channels formed");
  turn.reply(Numeric::rpl_luserme, "I have " + count + " clients and 0 servers");
  for (auto code : {Numeric::rpl_localusers, Numeric::rpl_globalusers})
    turn.response.add(
        turn.numeric(code).param(count).param(most).text("Current users " + count + ", max " + most));
}

void motd(Room& room, Turn& turn) {
  if (!for_this_server(room, turn)) return;
  if (room.config().motd.empty()) return turn.reply(Numeric::err_nomotd, "There is no message of the day");
  turn.reply(Numeric::rpl_motdstart, "- " + room.config().server_name + " Message of the day -");
  turn.steps.add([next = std::size_t{0}](Room& room, Turn& turn) mutable {
    const auto head = turn.numeric(Numeric::rpl_motd);
    for (const auto& text = room.config().motd; next < text.size(); ++next) {
      if (turn.is_full()) return false;
      std::string_view rest = text[next];
      do {
        const auto part = protocol::cut(rest, head.width() - 2);
        turn.reply(Numeric::rpl_motd, "- " + std::string{part});
        rest.remove_prefix(part.size());
      } while (!rest.empty());
    }
    turn.reply(Numeric::rpl_endofmotd, "End of /MOTD command.");
    return true;
  });
}

void version(Room& room, Turn& turn) {
  if (!for_this_server(room, turn)) return;
  turn.response.add(turn.numeric(Numeric::rpl_version)
                        .param(room.config().version)
                        .param(room.config().server_name)
                        .text("Troupe"));
  show_isupport(room, turn);
}

void ping(Room&, Turn& turn) {
  if (turn.param(0).empty()) return turn.reply(Numeric::err_noorigin, "No origin specified");
  const auto pong = Line(turn.server, "PONG").param(turn.server).text(turn.param(0));
  if (!pong.fits()) return turn.reply(Numeric::err_inputtoolong, "That is too long to be repeated");
  turn.response.add(pong);
}

void pong(Room&, Turn&) {}

void quit(Room&, Turn&) {}

}  // namespace troupe::commands
