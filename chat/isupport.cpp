#include "chat/isupport.hpp"

#include "chat/channel_modes.hpp"
#include "chat/command_table.hpp"
#include "protocol/limits.hpp"

namespace troupe {
namespace {

namespace limits = protocol::limits;
using protocol::ModeType;

/// "b,k,l,imnt": the letters of types A to D.
std::string channel_mode_types() {
  std::string types;
  for (auto type : {ModeType::list, ModeType::always, ModeType::when_set, ModeType::flag})
    types.append(types.empty() ? "" : ",").append(channel_mode_letters(type));
  return types;
}

/// "(ov)@+"
std::string prefixes() {
  std::string symbols;
  for (const auto& mode : channel_modes())
    if (mode.type == ModeType::rank) symbols += mode.symbol;
  return "(" + channel_mode_letters(ModeType::rank) + ")" + symbols;
}

/// "b:100"
std::string list_limits() {
  std::string lists;
  for (const auto& mode : channel_modes())
    if (mode.type == ModeType::list)
      lists.append(lists.empty() ? "" : ",").append({mode.letter, ':'}).append(std::to_string(mode.most));
  return lists;
}

/// "JOIN:50,KICK:8"
std::string target_limits() {
  std::string all;
  for (const auto& command : command_table())
    if (const auto most = command.targets.most)
      all.append(all.empty() ? "" : ",").append(command.name).append(":").append(std::to_string(most));
  return all;
}

}  // namespace

std::vector<std::string> isupport_tokens(const std::string& network_name) {
  const auto number = [](std::size_t value) { return std::to_string(value); };
  return {
      "AWAYLEN=" + number(limits::away),
      "CASEMAPPING=ascii",
      "CHANLIMIT=#:" + number(limits::channels),
      "CHANMODES=" + channel_mode_types(),
      "CHANNELLEN=" + number(limits::channel),
      "CHANTYPES=#",
      "CHATHISTORY=" + number(limits::history),
      "ELIST=MU",
      "HOSTLEN=" + number(limits::host),
      "KEYLEN=" + number(limits::key),
      "KICKLEN=" + number(limits::kick),
      "MAXLIST=" + list_limits(),
      "MODES=" + number(limits::modes),
      "MSGREFTYPES=msgid,timestamp",
      "NAMELEN=" + number(limits::realname),
      "NETWORK=" + network_name,
      "NICKLEN=" + number(limits::nick),
      "PREFIX=" + prefixes(),
      "TARGMAX=" + target_limits(),
      "TOPICLEN=" + number(limits::topic),
      "USERLEN=" + number(limits::user),
      "UTF8ONLY",
  };
}

}  // namespace troupe
