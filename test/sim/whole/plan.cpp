#include "test/sim/whole/plan.hpp"

#include "test/sim/whole/chance.hpp"

#include <sstream>

namespace troupe::sim {

Plan::Plan(std::uint64_t seed) : seed(seed) {
  Chance chance(seed, 0);
  clients = chance.percent(10) ? chance.between(40, 100) : chance.between(3, 24);
  const auto channel_count = chance.between(1, 4);
  for (std::size_t i = 0; i < channel_count; ++i) channels.push_back(std::string{"#"} + char('a' + i));
  nicks = clients + clients / 4 + 1;
  hosts = chance.between(1, 4);
  eagerness = chance.between(4, 25);
  troubles = chance.percent(30) ? 0 : chance.between(5, 60);
  settle_every = chance.between(150, 600);
  spool = !chance.percent(15);
  invites = chance.percent(30);
  rules.rate = chance.percent(25) ? 10 : 0;
  rules.sendq = chance.percent(30) ? 64 * 1024 : 1024 * 1024;
  replay = chance.percent(20) ? 3 : 10;
  if (chance.percent(40)) {
    memory.each.messages = chance.between(4, 20);
    memory.bytes = chance.between(4, 64) * 1024;
  }
}

std::string Plan::describe() const {
  std::ostringstream out;
  out << clients << " clients, " << channels.size() << " channels, " << hosts << " hosts, a settling every "
      << settle_every << " steps, troubles " << troubles << ", " << (spool ? "" : "no ") << "spool, rate "
      << rules.rate << ", sendq " << rules.sendq << ", replay " << replay << ", " << memory.each.messages
      << " messages in memory";
  return out.str();
}

}  // namespace troupe::sim
