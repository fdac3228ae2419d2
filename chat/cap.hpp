#pragma once

#include "chat/registration.hpp"
#include "chat/response.hpp"

#include <string_view>

namespace troupe {

/// Answers CAP LS, LIST and REQ (capability-negotiation), before registration and after; END answers nothing.
/// Changes what is negotiated as a whole or not at all. Who has no nick yet is called "*".
void answer_cap(const protocol::Message& message, std::string_view server, std::string_view nick,
                Negotiated& negotiated, Response& response);

/// Adds a list of capabilities, "batch setname", to `head` in as many lines as it needs, of which all but the
/// last have a "*" before the list (capability-negotiation, "Multiline replies to CAP LS and CAP LIST"). Who
/// did not ask for version 302 does not know that, and is told as many as one line holds.
void list_capabilities(Response& response, const Line& head, std::string_view names, bool cap_302);

/// What a client whose line could not be parsed is told; nothing for an empty one.
void answer_unparsable(protocol::ParseError error, std::string_view server, std::string_view nick,
                       protocol::CapabilitySet capabilities, Response& response);

}  // namespace troupe
