#include "client/negotiation.hpp"

#include "protocol/text.hpp"

#include <array>

namespace troupe::client {

namespace {

using protocol::Capability;
using protocol::CapabilitySet;
using protocol::Message;

constexpr std::array usable = {
    Capability::away_notify,       Capability::batch,        Capability::cap_notify,
    Capability::chathistory,       Capability::echo_message, Capability::invite_notify,
    Capability::labeled_response,  Capability::message_tags, Capability::multi_prefix,
    Capability::server_time,       Capability::setname,      Capability::standard_replies,
    Capability::userhost_in_names,
};

// Adds to `set` what `list` ("name name=value") names, or takes away what it names as "-name".
void update(std::string_view list, CapabilitySet& set) {
  for (auto word : protocol::split(list, ' ')) {
    const bool off = word.starts_with('-');
    if (off) word.remove_prefix(1);
    const auto capability = protocol::find_capability(word.substr(0, word.find('=')));
    if (!capability) continue;
    off ? set.remove(*capability) : set.add(*capability);
  }
}

}  // namespace

Message Negotiation::open() { return {{}, {}, "CAP", {"LS", "302"}}; }

std::vector<Message> Negotiation::receive(const Message& message) {
  if (message.params.size() < 3) return {};
  const std::string& verb = message.params[1];
  const std::string& list = message.params.back();
  if (verb == "LS") {
    update(list, offered_);
    const bool more = message.params.size() > 3 && message.params[2] == "*";
    return more ? std::vector<Message>{} : ask_for(offered_);
  }
  if (verb == "NEW") {
    CapabilitySet added;
    update(list, added);
    return ask_for(added);
  }
  if (verb == "ACK") {
    update(list, enabled_);
    return end();
  }
  if (verb == "NAK") return end();
  if (verb == "DEL") {
    for (const auto word : protocol::split(list, ' '))
      if (const auto capability = protocol::find_capability(word)) enabled_.remove(*capability);
  }
  return {};
}

bool Negotiation::history() const {
  return enabled_.has(Capability::chathistory) && enabled_.has(Capability::batch) &&
         enabled_.has(Capability::echo_message) && enabled_.has(Capability::message_tags) &&
         enabled_.has(Capability::server_time);
}

std::vector<Message> Negotiation::ask_for(const CapabilitySet& wanted) {
  CapabilitySet request;
  for (const auto capability : usable)
    if (wanted.has(capability)) request.add(capability);
  if (request == CapabilitySet{}) return end();
  return {{{}, {}, "CAP", {"REQ", request.names()}}};
}

std::vector<Message> Negotiation::end() {
  if (ended_) return {};
  ended_ = true;
  return {{{}, {}, "CAP", {"END"}}};
}

}  // namespace troupe::client
