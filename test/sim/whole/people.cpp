// What clients do: at random, but what people do often they do often.
#include "test/sim/whole/world.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace troupe::sim {
namespace {

std::string some_nick(World& world, Chance& chance) {
  return "n" + std::to_string(chance.below(world.plan().nicks));
}

/// Mostly one of those who are there.
std::string some_member(World& world, const Session::View& view, Chance& chance) {
  if (view.nicks.empty() || chance.percent(10)) return some_nick(world, chance);
  return *std::next(view.nicks.begin(), static_cast<std::ptrdiff_t>(chance.below(view.nicks.size())));
}

void change_modes(World& world, Session& who, std::size_t channel, Chance& chance) {
  const auto& view = who.view(channel);
  const auto mode = "MODE " + world.model().order(channel).name + " ";
  const auto member = some_member(world, view, chance);
  switch (chance.below(12)) {
    case 0:
    case 1:
    case 2:
      return who.asks(mode + "+o " + member);
    case 3:
      return who.asks(mode + "-o " + member);
    case 4:
      return who.asks(mode + "+v-v " + member + " " + some_member(world, view, chance));
    case 5:
      return who.asks(mode + "+b " + member + "!*@*");
    case 6:
      return who.asks(mode + "-b " + member + "!*@*");
    case 7:
      return who.asks(mode + (chance.percent(30) ? "+l " + std::to_string(chance.between(1, 8)) : "-l"));
    default: {
      constexpr std::string_view flags = "imnst";
      const auto flag = flags[chance.below(flags.size())];
      return who.asks(mode + (chance.percent(35) ? '+' : '-') + flag);
    }
  }
}

void speak(World& world, Session& who, std::size_t channel, Chance& chance) {
  static_cast<void>(world);
  const std::string filler(chance.percent(5) ? chance.between(100, 400) : 0, 'x');
  who.speaks(channel, filler, chance.percent(10));
}

/// One of what somebody does now and then.
void act_rarely(World& world, Session& who, std::size_t channel, Chance& chance) {
  const auto& name = world.model().order(channel).name;
  const auto& view = who.view(channel);
  const std::array<std::string, 14> lines = {
      "WHO " + name,
      "WHOIS " + some_nick(world, chance),
      "LIST",
      "NAMES " + name,
      "TOPIC " + name,
      "AWAY :away",
      "AWAY",
      "MODE " + name,
      "LUSERS",
      "PING here",
      "MODE " + who.nick() + " +i",
      "SETNAME :another name",
      "ISON " + some_nick(world, chance),
      "KICK " + name + " " + some_member(world, view, chance) + " :out",
  };
  who.asks(lines[chance.below(lines.size())]);
}

/// Something that is no command: it stops or goes on reading, or its connection ends.
void act_below(Session& who, Chance& chance) {
  auto& peer = who.peer();
  switch (chance.below(8)) {
    case 0:
      return who.vanishes();
    case 6:
      return who.falls_silent();
    case 1:
      who.sends("QUIT :bye");
      return;
    case 2:
      peer.ended = true;
      return;
    case 3:
    case 4:
      peer.reads = false;
      return;
    case 5:
      peer.takes = chance.between(1, 200);
      return;
    default:
      return;
  }
}

void act_registered(World& world, std::size_t client, Chance& chance) {
  auto& who = *world.session(client);
  auto& peer = who.peer();
  if (peer.ended || who.silent()) return;
  if ((!peer.reads || peer.takes < 1000) && chance.percent(40)) {
    peer.reads = true;
    peer.takes = std::numeric_limits<std::size_t>::max();
  }
  const auto channel = chance.below(world.plan().channels.size());
  const auto& name = world.model().order(channel).name;
  const auto what = chance.below(100);
  if (!who.view(channel).inside && what < 60) {
    who.asks("JOIN " + name);
    if (chance.percent(70)) return;
  }
  if (what < 50) return speak(world, who, channel, chance);
  if (what < 53) {
    for (auto left = chance.between(5, 40); left > 0; --left) speak(world, who, channel, chance);
    return;
  }
  if (what < 57) return who.asks("PART " + name + (chance.percent(50) ? " :bye" : ""));
  if (what < 63) return who.asks("NICK " + some_nick(world, chance));
  if (what < 71) return change_modes(world, who, channel, chance);
  if (what < 74) return who.asks("TOPIC " + name + " :topic " + std::to_string(chance.below(1000)));
  if (what < 81) {
    if (who.capabilities().history) who.asks_history(channel, chance.between(1, 50));
    return;
  }
  if (what < 85) return who.whispers(some_nick(world, chance));
  if (what < 87 && world.plan().invites) {
    world.model().invites(channel);
    return who.asks("INVITE " + some_nick(world, chance) + " " + name);
  }
  if (what < 96) return act_rarely(world, who, channel, chance);
  act_below(who, chance);
}

}  // namespace

void act(World& world, std::size_t client, Chance& chance) {
  const auto& who = world.session(client);
  if (!who) return world.connect(client, chance);
  if (who->registered()) return act_registered(world, client, chance);
  if (who->peer().ended) return;
  if (who->wants_nick())
    who->registers(some_nick(world, chance));
  else if (chance.percent(5))
    who->vanishes();
}

}  // namespace troupe::sim
