#pragma once

#include "chat/response.hpp"
#include "chat/steps.hpp"
#include "protocol/message.hpp"

namespace troupe {

/// An answer that was told in part, and goes on when its client has taken that.
struct LongAnswer {
  protocol::Message message;  ///< what it answers
  Response response;
  Steps steps;
  bool unasked = false;  ///< it answers no command
};

}  // namespace troupe
