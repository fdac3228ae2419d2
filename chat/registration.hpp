#pragma once

#include "chat/response.hpp"
#include "chat/rules.hpp"
#include "protocol/capabilities.hpp"
#include "protocol/message.hpp"

#include <string>
#include <string_view>

namespace troupe {

/// A line of a registered client: a message, or why it is none.
using Input = Result<protocol::Message, protocol::ParseError>;

/// What a client and the server have agreed upon with CAP (capability-negotiation).
struct Negotiated {
  protocol::CapabilitySet capabilities;
  bool cap_302 = false;  ///< it asked for CAP LS 302, so that cap-notify can't be turned off

  bool has(protocol::Capability c) const { return capabilities.has(c); }
};

/// What a client has said of itself when it asks to take part.
struct Registration {
  std::string nick;
  std::string user;
  std::string realname;
  std::string host;  ///< the address it connects from
  Negotiated negotiated;
  std::string network = {};  ///< those of one network count as one address; empty: its host is all of it
};

/// A client that registers: what it has said so far.
struct Registering {
  const Rules& rules;
  Registration who;
  bool negotiating = false;     ///< CAP LS or REQ was sent, and no CAP END yet
  bool password_given = false;  ///< the right one

  /// As its replies call it: "*" as long as it has no nick.
  std::string_view known_nick() const {
    return who.nick.empty() ? std::string_view{"*"} : std::string_view{who.nick};
  }
  /// It has said all that it must to be brought before the room.
  bool complete() const { return !negotiating && !who.nick.empty() && !who.user.empty(); }
};

/// Carries out a command of a client that registers, by its row in the command table. QUIT is not among them:
/// it is the session's own.
void carry_out(Registering& client, const protocol::Message& message, Response& response);

}  // namespace troupe
