#pragma once

#include <atomic>

namespace troupe::db {

/// A hold on the socket that another thread waits at: cutting it makes that thread's call fail at once. A
/// call that begins later, with another socket, is not affected. Safe to use from several threads.
class Lifeline {
 public:
  Lifeline() = default;
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;
  ~Lifeline() { hold(none); }

  /// From now on `cut` is about this socket.
  void attach(int socket);

  void cut();

 private:
  static constexpr int none = -1;

  void hold(int descriptor);

  /// A duplicate of the socket's descriptor, so that it can't come to mean another file meanwhile. Whoever
  /// takes it out closes it.
  std::atomic<int> descriptor_{none};
};

}  // namespace troupe::db
