#pragma once

#include "client/event.hpp"
#include "protocol/message.hpp"

#include <string>
#include <string_view>

namespace troupe::client {

/// True if the message says that something was refused: an error numeric (400 to 599) or a FAIL.
bool is_refusal(const protocol::Message& message);

/// True for a numeric, FAIL, WARN or NOTE: what answers this client, and tells of nobody else's doing.
bool is_reply(const protocol::Message& message);

/// What a numeric, FAIL, WARN or NOTE says, in words for the person, or an empty text if it matters to
/// programs only. Knows nothing of the conversation: what changes its state is told elsewhere.
Event describe_reply(const protocol::Message& message);

}  // namespace troupe::client
