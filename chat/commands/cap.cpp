// CAP of a registered client.
#include "chat/cap.hpp"

#include "chat/commands/commands.hpp"

namespace troupe::commands {

void cap(Room&, Turn& turn) {
  answer_cap(turn.message, turn.server, turn.user.nick, turn.client.negotiated, turn.response);
}

}  // namespace troupe::commands
