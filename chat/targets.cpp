#include "chat/targets.hpp"

#include "chat/command_table.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <set>

namespace troupe {

Targets targets_of(const Turn& turn) {
  Targets targets;
  const auto* command = find_command(turn.message.command);
  if (!command || command->targets.most == 0) return targets;
  std::set<std::string> known;
  std::size_t place = 0;
  for (auto name : protocol::split(turn.param(command->targets.parameter), ',')) {
    const Target target{name, place++};
    if (!known.insert(protocol::casefold(name)).second) continue;
    if (targets.named.size() == command->targets.most) {
      targets.excess = name.empty() ? "*" : name;
      break;
    }
    targets.named.push_back(target);
  }
  return targets;
}

void refuse_excess(Turn& turn, const Targets& targets) {
  if (!targets.excess.empty())
    turn.reply(protocol::Numeric::err_toomanytargets, targets.excess, "Too many targets");
}

}  // namespace troupe
