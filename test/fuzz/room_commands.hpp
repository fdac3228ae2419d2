#pragma once

#include "db/message.hpp"
#include "protocol/capabilities.hpp"
#include "protocol/message_id.hpp"
#include "test/fuzz/script.hpp"

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::fuzz {

inline constexpr std::array<std::string_view, 8> nicks = {"a", "b", "c", "d", "A", "e", "f", "nobody"};
inline constexpr std::array<std::string_view, 8> channels = {"#a", "#b", "#C", "#c",
                                                             "#d", "#A", "#e", "#none"};

/// What a client may say: a letter after '%' stands for what the script chooses. c channel, n nick, t text,
/// k word, l mode's letter, d number, r place in the past, p capability.
inline constexpr std::array<std::string_view, 52> commands = {
    "JOIN %c",
    "JOIN %c,%c %k",
    "JOIN %c %k",
    "PART %c",
    "PART %c,%c :%t",
    "PRIVMSG %c :%t",
    "PRIVMSG %n :%t",
    "PRIVMSG %c,%n,%c :%t",
    "NOTICE %c :%t",
    "TAGMSG %c",
    "MODE %c",
    "MODE %c +%l%l %n %k",
    "MODE %c -%l%l %n %k",
    "MODE %c +b %k",
    "MODE %c -b+b %k %n!*@*",
    "MODE %c b",
    "MODE %c +k %k",
    "MODE %c +l %d",
    "MODE %c +o-v %n %n",
    "MODE %n +i",
    "MODE %n -i",
    "TOPIC %c",
    "TOPIC %c :%t",
    "KICK %c %n :%t",
    "KICK %c %n,%n",
    "INVITE %n %c",
    "INVITE",
    "NICK %n",
    "NAMES %c",
    "NAMES",
    "WHO %c",
    "WHO %n",
    "WHO *%k*",
    "WHOIS %n",
    "LIST",
    "LIST %c,*%k*",
    "AWAY",
    "AWAY :%t",
    "CHATHISTORY LATEST %c * %d",
    "CHATHISTORY LATEST %c %r %d",
    "CHATHISTORY BEFORE %c %r %d",
    "CHATHISTORY AFTER %c %r %d",
    "CHATHISTORY AROUND %c %r %d",
    "CHATHISTORY BETWEEN %c %r %r %d",
    "CHATHISTORY TARGETS %r %r %d",
    "SETNAME :%t",
    "CAP REQ :%p -%p",
    "CAP REQ :%p",
    "CAP LIST",
    "USERHOST %n %n",
    "ISON %n %n",
    "LUSERS",
};

inline std::string nick(Script& script) { return std::string{nicks[script.below(nicks.size())]}; }

inline protocol::CapabilitySet capabilities(Script& script) {
  const auto bits = script.byte() | script.byte() << 8;
  protocol::CapabilitySet set;
  for (unsigned i = 0; i < protocol::capability_names.size(); ++i)
    if (bits >> i & 1) set.add(static_cast<protocol::Capability>(i));
  return set;
}

/// A message in the store, or a time.
inline std::string reference(Script& script, const std::vector<db::Message>& stored, protocol::Time now) {
  const auto choice = script.byte();
  if (choice < 128 && !stored.empty()) return "msgid=" + to_string(stored[choice % stored.size()].id);
  return "timestamp=" + protocol::to_timestamp(now - std::chrono::seconds{choice % 128});
}

/// One of `commands`, filled in.
inline std::string command(Script& script, const std::vector<db::Message>& stored, protocol::Time now) {
  const auto form = commands[script.below(commands.size())];
  std::string line;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] != '%') {
      line += form[i];
      continue;
    }
    switch (form[++i]) {
      case 'c':
        line += channels[script.below(channels.size())];
        break;
      case 'n':
        line += nicks[script.below(nicks.size())];
        break;
      case 'l':
        line += "iklmnostvbxq"[script.below(12)];
        break;
      case 'd':
        line += std::to_string(script.byte());
        break;
      case 'r':
        line += reference(script, stored, now);
        break;
      case 'p':
        line += protocol::capability_names[script.below(protocol::capability_names.size())];
        break;
      default:
        line += script.until();
    }
  }
  return line;
}

}  // namespace troupe::fuzz
