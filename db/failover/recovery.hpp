#pragma once

#include <chrono>
#include <optional>

namespace troupe::db {

/// When a store that went away is tried again, and when it is trusted again: at once after it failed for the
/// first time, and the later, the oftener it fails soon after it was trusted.
class Recovery {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  /// An operation that takes longer than `well` is not what a store that is well does.
  explicit Recovery(Duration well) : well_(well) {}

  /// The store failed: now it is left alone for a while.
  void left(Time now);
  /// The end of that while. It grows from a quarter of a second to 15 s until the store is trusted.
  Time try_at() const { return try_at_; }

  /// The store did what it was asked between these two moments.
  void worked(Time began, Time now);
  /// For how long it has to be well.
  Duration calm() const { return calm_; }
  /// Whether it has been well for that long. Before anything was asked it is not.
  bool is_calm(Time now) const { return well_since_ && now - *well_since_ >= calm_; }

  /// The store is trusted.
  void came_home(Time now);

 private:
  Duration well_;
  bool away_ = false;
  Duration pause_{};
  Time try_at_{};
  std::optional<Time> well_since_;
  Duration calm_{};              ///< asked for now
  Duration last_calm_{};         ///< asked for the last time that it was away
  std::optional<Time> trusted_;  ///< when it came home from being away
};

}  // namespace troupe::db
