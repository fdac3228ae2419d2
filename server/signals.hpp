#pragma once

#include <functional>
#include <memory>

namespace troupe::server {

/// What the main thread waits for while others work: signals from outside, and being woken by one of them.
class Signals {
 public:
  enum class Event {
    end,      ///< SIGINT or SIGTERM: the server is asked to end
    measure,  ///< SIGUSR1: it is asked how things are
    woken,    ///< by a waker
  };

  /// From now on the signals come to `wait`, and to nothing else: it is to be made before any thread begins.
  /// Throws std::system_error.
  Signals();
  ~Signals();

  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Waits for the next event. SIGHUP and SIGUSR2 are logged and have no effect: the log has no file
  /// to open again, the configuration none to be read again.
  Event wait();

  /// What wakes `wait` up when it is called, once however often that was. For any thread, also after `this`
  /// is gone.
  std::function<void()> waker() const;

 private:
  class Descriptor;

  std::shared_ptr<const Descriptor> signals_;
  std::shared_ptr<const Descriptor> wake_;
};

}  // namespace troupe::server
