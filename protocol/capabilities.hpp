#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::protocol {

/// The IRCv3 capabilities that this server offers.
enum class Capability : std::uint8_t {
  away_notify,
  batch,
  cap_notify,
  chathistory,
  echo_message,
  invite_notify,
  labeled_response,
  message_tags,
  multi_prefix,
  server_time,
  setname,
  standard_replies,
  userhost_in_names,
};

/// Each capability's name on the wire, in the enumeration's order.
inline constexpr std::array<std::string_view, 13> capability_names = {
    "away-notify",       "batch",         "cap-notify",       "draft/chathistory",
    "echo-message",      "invite-notify", "labeled-response", "message-tags",
    "multi-prefix",      "server-time",   "setname",          "standard-replies",
    "userhost-in-names",
};

std::optional<Capability> find_capability(std::string_view name);

/// A set of capabilities, small enough to be passed by value.
class CapabilitySet {
 public:
  bool has(Capability c) const { return (bits_ >> static_cast<unsigned>(c)) & 1u; }
  void add(Capability c) { bits_ |= 1u << static_cast<unsigned>(c); }
  void remove(Capability c) { bits_ &= ~(1u << static_cast<unsigned>(c)); }

  /// The names in alphabetical order, separated by spaces.
  std::string names() const;

  bool operator==(const CapabilitySet&) const = default;

 private:
  std::uint32_t bits_ = 0;
};

/// All that the server offers, as CAP LS lists it.
CapabilitySet all_capabilities();

}  // namespace troupe::protocol
