#include "chat/cap.hpp"

#include "protocol/text.hpp"

#include <algorithm>
#include <cctype>

namespace troupe {

using protocol::Capability;
using protocol::CapabilitySet;
using protocol::Numeric;

namespace {

/// The set after a request such as "batch -away-notify"; nothing if it names an unknown capability, or one
/// that can't be turned off.
std::optional<CapabilitySet> changed(const Negotiated& before, std::string_view request) {
  auto set = before.capabilities;
  for (auto name : protocol::split(request, ' ')) {
    if (name.empty()) continue;
    const bool off = name.front() == '-';
    const auto capability = protocol::find_capability(off ? name.substr(1) : name);
    if (!capability || (off && before.cap_302 && *capability == Capability::cap_notify)) return {};
    if (off)
      set.remove(*capability);
    else
      set.add(*capability);
  }
  return set;
}

std::string upper(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::toupper(c); });
  return out;
}

}  // namespace

void answer_cap(const protocol::Message& message, std::string_view server, std::string_view nick,
                Negotiated& negotiated, Response& response) {
  const auto subcommand = upper(message.params[0]);
  const auto argument =
      message.params.size() > 1 ? std::string_view{message.params.back()} : std::string_view{};
  auto cap = [&](std::string_view word, std::string_view list) {
    response.add(Line(server, "CAP").param(nick).param(word).text(list));
  };
  if (subcommand == "LS") {
    // Version 302 implies cap-notify (capability-negotiation, "cap-notify").
    if (protocol::to_number(argument).value_or(0) >= 302) {
      negotiated.cap_302 = true;
      negotiated.capabilities.add(Capability::cap_notify);
    }
    cap("LS", protocol::all_capabilities().names());
  } else if (subcommand == "LIST") {
    cap("LIST", negotiated.capabilities.names());
  } else if (subcommand == "REQ") {
    if (const auto set = changed(negotiated, argument)) {
      negotiated.capabilities = *set;
      cap("ACK", argument);
    } else {
      cap("NAK", argument);
    }
  } else if (subcommand != "END") {
    const auto printable =
        subcommand.empty() || subcommand.find(' ') != std::string::npos || subcommand[0] == ':'
            ? std::string_view{"*"}
            : std::string_view{message.params[0]};
    response.add(Line(server, Numeric::err_invalidcapcmd, nick).param(printable).text("Invalid CAP command"));
  }
}

void answer_unparsable(protocol::ParseError error, std::string_view server, std::string_view nick,
                       CapabilitySet capabilities, Response& response) {
  using enum protocol::ParseError;
  switch (error) {
    case empty:
      return;
    case too_long:
    case tags_too_long:
      response.add(Line(server, Numeric::err_inputtoolong, nick).text("Input line was too long"));
      return;
    case invalid_utf8:
      if (capabilities.has(Capability::standard_replies))
        response.add(
            Line(server, "FAIL").param("*").param("INVALID_UTF8").text("Message rejected, it is not UTF-8"));
      else
        response.add(Line(server, "NOTICE").param(nick).text("Message rejected, it is not UTF-8"));
      return;
    case malformed:
      response.add(Line(server, Numeric::err_unknowncommand, nick).param("*").text("Malformed message"));
      return;
  }
}

}  // namespace troupe
