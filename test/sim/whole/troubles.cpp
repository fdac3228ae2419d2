// What goes wrong: the store, the spool, the records and their keepers, the clock, persistence, the power.
#include "test/sim/whole/world.hpp"

#include <string>

namespace troupe::sim {
namespace {

using namespace std::chrono_literals;

std::chrono::milliseconds some_time(Chance& chance) {
  return std::chrono::milliseconds{chance.percent(70) ? chance.between(1, 400) : chance.between(400, 4000)};
}

std::string trouble_keeper(Disk& disk, Chance& chance) {
  const auto which = chance.below(keepings);
  constexpr std::array<const char*, keepings> names = {"store", "spool", "reader", "records"};
  switch (chance.below(3)) {
    case 0:
      disk.hangs[which] = true;
      return std::string{names[which]} + " hangs";
    case 1:
      disk.takes[which] = some_time(chance);
      return std::string{names[which]} + " takes " + std::to_string(disk.takes[which].count()) + " ms";
    default:
      disk.hangs[which] = false;
      disk.takes[which] = 0ms;
      return std::string{names[which]} + " works at once";
  }
}

std::string trouble_store(Disk& disk, Chance& chance) {
  auto& store = *disk.store;
  const auto kind = chance.below(7);
  if (kind < 5) store.becomes_well();
  switch (kind) {
    case 0:
      store.away = true;
      return "store is away";
    case 1:
      store.loses_answers = true;
      return "store keeps, and its answers are lost";
    case 2:
      store.forgets = true;
      return "store keeps nothing, and its answers are lost";
    case 3:
      store.full = true;
      return "store is full";
    case 4:
      return "store is well";
    default:
      disk.records->away = !disk.records->away;
      return disk.records->away ? "records are away" : "records are well";
  }
}

std::string trouble_spool(Disk& disk, Chance& chance) {
  auto& spool = *disk.spool;
  spool.becomes_well();
  switch (chance.below(4)) {
    case 0:
      spool.full = true;
      return "spool is full";
    case 1:
      spool.loses_answers = true;
      return "spool keeps, and its answers are lost";
    default:
      return "spool is well";
  }
}

}  // namespace

void trouble(World& world, Chance& chance) {
  const auto what = chance.below(100);
  auto& disk = world.disk();
  if (what < 30) return world.tell("trouble", trouble_keeper(disk, chance));
  if (what < 65) return world.tell("trouble", trouble_store(disk, chance));
  if (what < 75) return world.tell("trouble", trouble_spool(disk, chance));
  if (what < 87) {
    const std::chrono::milliseconds by{static_cast<std::int64_t>(chance.below(4'000'000)) - 2'000'000};
    world.set_clock(by);
    return world.tell("clock", "is set by " + std::to_string(by.count()) + " ms");
  }
  if (what < 93) {
    world.tell("persistence", "dies");
    return world.persistence_dies();
  }
  world.crash(chance);
}

void heal(World& world) {
  auto& disk = world.disk();
  disk.hangs.fill(false);
  disk.takes.fill(0ms);
  disk.store->becomes_well();
  disk.spool->becomes_well();
  disk.records->away = false;
}

}  // namespace troupe::sim
