#include "chat/isupport.hpp"

#include "protocol/limits.hpp"

namespace troupe {

namespace limits = protocol::limits;

std::vector<std::string> isupport_tokens(const std::string& network_name) {
  const auto number = [](std::size_t value) { return std::to_string(value); };
  const auto targets = number(limits::targets);
  return {
      "AWAYLEN=" + number(limits::away),
      "CASEMAPPING=ascii",
      "CHANLIMIT=#:" + number(limits::channels),
      "CHANMODES=b,k,l,imnt",
      "CHANNELLEN=" + number(limits::channel),
      "CHANTYPES=#",
      "CHATHISTORY=" + number(limits::history),
      "ELIST=MU",
      "HOSTLEN=" + number(limits::host),
      "KEYLEN=" + number(limits::key),
      "KICKLEN=" + number(limits::kick),
      "MAXLIST=b:" + number(limits::bans),
      "MODES=" + number(limits::modes),
      "MSGREFTYPES=msgid,timestamp",
      "NAMELEN=" + number(limits::realname),
      "NETWORK=" + network_name,
      "NICKLEN=" + number(limits::nick),
      "PREFIX=(ov)@+",
      "TARGMAX=NOTICE:" + targets + ",PRIVMSG:" + targets + ",TAGMSG:" + targets,
      "TOPICLEN=" + number(limits::topic),
      "USERLEN=" + number(limits::user),
      "UTF8ONLY",
  };
}

}  // namespace troupe
