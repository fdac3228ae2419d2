#include "test/sim/whole/run.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace troupe::sim {

Ended run(const Script& script,
          const std::function<void(std::size_t step, std::string_view who, std::string_view what)>& tell) {
  Ended ended;
  World::Tell tell_world;
  if (tell) tell_world = [&](std::string_view who, std::string_view what) { tell(ended.step, who, what); };
  World world(script, tell_world);
  for (; ended.step < script.steps && !world.violation(); ++ended.step) world.step(ended.step);
  if (!world.violation()) world.end();
  ended.violation = world.violation();
  ended.happened = world.happened();
  return ended;
}

namespace {

/// Leaves out what is not needed for a violation, in ever smaller parts.
class Shrinker {
 public:
  Shrinker(Script script, std::string kind, std::size_t runs)
      : best_(std::move(script)), kind_(std::move(kind)), left_(runs) {}

  Script shrink() {
    cut_end();
    // What was needed at first may not be any more when others are gone.
    for (auto before = best_.steps + 1; best_.length() < before && left_ > 0;) {
      before = best_.length();
      drop_clients();
      for (auto size = best_.steps / 2; size > 0 && left_ > 0; size /= 2) drop_steps(size);
    }
    return best_;
  }

 private:
  bool still_fails(const Script& script) {
    if (left_ == 0) return false;
    --left_;
    const auto ended = run(script);
    if (!ended.violation || ended.violation->kind != kind_) return false;
    best_ = script;
    best_.steps = std::min(best_.steps, ended.step + 1);
    return true;
  }

  void cut_end() {
    auto script = best_;
    still_fails(script);
  }

  void drop_clients() {
    const Plan plan(best_.seed);
    for (std::size_t client = 0; client < plan.clients; ++client) {
      auto script = best_;
      if (script.without_clients.insert(client).second) still_fails(script);
    }
  }

  void drop_steps(std::size_t size) {
    for (std::size_t begin = 0; begin < best_.steps && left_ > 0; begin += size) {
      auto script = best_;
      const auto before = script.without.size();
      for (auto step = begin; step < std::min(begin + size, best_.steps); ++step) script.without.insert(step);
      if (script.without.size() > before) still_fails(script);
    }
  }

  Script best_;
  std::string kind_;
  std::size_t left_;
};

}  // namespace

Script shrink(Script script, const std::string& kind, std::size_t runs) {
  return Shrinker(std::move(script), kind, runs).shrink();
}

}  // namespace troupe::sim
