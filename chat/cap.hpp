#pragma once

#include "chat/registration.hpp"
#include "chat/response.hpp"

#include <string_view>

namespace troupe {

/// Answers CAP LS, LIST and REQ (capability-negotiation), before registration and after; END answers nothing.
/// Changes what is negotiated as a whole or not at all. Who has no nick yet is called "*".
void answer_cap(const protocol::Message& message, std::string_view server, std::string_view nick,
                Negotiated& negotiated, Response& response);

/// What a client whose line could not be parsed is told; nothing for an empty one.
void answer_unparsable(protocol::ParseError error, std::string_view server, std::string_view nick,
                       protocol::CapabilitySet capabilities, Response& response);

}  // namespace troupe
