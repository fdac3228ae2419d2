#pragma once

#include <atomic>
#include <chrono>

namespace troupe::db {

/// A hold on a call to a store that another thread makes: cutting it makes the call fail at once, whatever it
/// waits for. Safe to use from several threads.
class Lifeline {
 public:
  /// Throws std::system_error if the process has no file descriptor left.
  Lifeline();
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;
  ~Lifeline();

  /// Ends the call that is under way; one that begins later is not affected.
  void cut();

  /// Ends the call that is under way, and every later one: nobody waits for them any more.
  void sever();

  // For the store, on its thread:

  /// A call begins: what was cut before does not count.
  void begin();

  /// Waits so long at most; true, and at once, if it is cut.
  bool is_cut(std::chrono::milliseconds within = std::chrono::milliseconds{0}) const;

  /// Readable while it is cut, for poll(2).
  int descriptor() const { return event_; }

 private:
  int event_;  ///< see eventfd(2)
  std::atomic<bool> severed_ = false;
};

}  // namespace troupe::db
