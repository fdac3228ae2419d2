#pragma once

#include "protocol/capabilities.hpp"
#include "protocol/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::client {

/// Asks the server for the capabilities that this client can use, and knows which ones are on (IRCv3,
/// "Capability Negotiation").
class Negotiation {
 public:
  /// What to say at the very start.
  static protocol::Message open();

  /// Takes a CAP message from the server and returns the answer, which is empty if there is nothing to say.
  std::vector<protocol::Message> receive(const protocol::Message& message);

  const protocol::CapabilitySet& enabled() const { return enabled_; }

  /// True if the past can be asked for (draft/chathistory), and comes with all that it takes to show each
  /// message of it once and with its time.
  bool history() const;

 private:
  std::vector<protocol::Message> ask_for(const protocol::CapabilitySet& wanted);
  std::vector<protocol::Message> end();

  protocol::CapabilitySet offered_;
  protocol::CapabilitySet enabled_;
  bool ended_ = false;
};

}  // namespace troupe::client
