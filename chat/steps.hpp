#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace troupe {

class Room;
struct Turn;

/// What is left to do of a command, in order. A command that may have much to say does it in steps, so that
/// it can stop after a portion and go on later. Between two steps anything may have happened: a step knows
/// what it works on by name or id, and looks it up again.
class Steps {
 public:
  /// Does some of its work, until the turn has had enough (Turn::is_full) or all of it is done: true then.
  /// What it adds meanwhile comes before its own next part.
  using Step = std::function<bool(Room&, Turn&)>;

  bool empty() const { return rest_.empty() && added_.empty(); }

  void add(Step step) { added_.push_back(std::move(step)); }

  /// Carries out the next one.
  void next(Room& room, Turn& turn) {
    arrange();
    auto step = std::move(rest_.back());
    rest_.pop_back();
    const bool done = step(room, turn);
    if (!done) rest_.push_back(std::move(step));
  }

 private:
  /// Puts what was added before all else.
  void arrange() {
    for (; !added_.empty(); added_.pop_back()) rest_.push_back(std::move(added_.back()));
  }

  std::vector<Step> rest_;   ///< the next one is the last
  std::vector<Step> added_;  ///< in order, and before all others
};

}  // namespace troupe
