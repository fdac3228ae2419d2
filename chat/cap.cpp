#include "chat/cap.hpp"

#include "protocol/text.hpp"

#include <span>
#include <string>
#include <utility>

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

}  // namespace

void list_capabilities(Response& response, const Line& head, std::string_view names, bool cap_302) {
  constexpr std::string_view more = " *";
  const auto parts = protocol::wrap(protocol::split(names, ' '), head.width() - more.size());
  if (parts.empty()) response.add(head).text("");
  for (const auto& part : parts) {
    auto line = head;
    if (cap_302 && &part != &parts.back()) line.param("*");
    response.add(line.text(part));
    if (!cap_302) return;
  }
}

void answer_cap(const protocol::Message& message, std::string_view server, std::string_view nick,
                Negotiated& negotiated, Response& response) {
  const auto subcommand = protocol::upper(message.params[0]);
  const auto argument =
      message.params.size() > 1 ? std::string_view{message.params.back()} : std::string_view{};
  const auto head = [&](std::string_view word) { return Line(server, "CAP").param(nick).param(word); };
  const auto list = [&](std::string_view word, CapabilitySet set) {
    list_capabilities(response, head(word), set.names(), negotiated.cap_302);
  };
  if (subcommand == "LS") {
    // Version 302 implies cap-notify (capability-negotiation, "cap-notify").
    if (protocol::to_number(argument).value_or(0) >= 302) {
      negotiated.cap_302 = true;
      negotiated.capabilities.add(Capability::cap_notify);
    }
    list("LS", protocol::all_capabilities());
  } else if (subcommand == "LIST") {
    list("LIST", negotiated.capabilities);
  } else if (subcommand == "REQ") {
    const auto set = changed(negotiated, argument);
    auto answer = head(set ? "ACK" : "NAK").text(argument);
    // What can't be repeated has not been understood.
    if (!answer.fits())
      answer = Line(server, Numeric::err_inputtoolong, nick).text("Request is too long");
    else if (set)
      negotiated.capabilities = *set;
    response.add(std::move(answer));
  } else if (subcommand != "END") {
    response.add(
        Line(server, Numeric::err_invalidcapcmd, nick).echo(message.params[0]).text("Invalid CAP command"));
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
