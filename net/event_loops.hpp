#pragma once

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/io/network/default_multiplexer.hpp>

#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace troupe {

/// The event loops of the server: the first is the middleman's, each further one has a thread of its own.
class EventLoops {
 public:
  /// At least one.
  EventLoops(caf::actor_system& system, std::size_t count);
  EventLoops(const EventLoops&) = delete;
  EventLoops& operator=(const EventLoops&) = delete;
  /// Waits until no actor of the system lives any more, and no wire: whoever talks to a loop that has ended
  /// would write into a closed pipe.
  ~EventLoops();

  std::size_t size() const { return further_.size() + 1; }
  caf::io::network::default_multiplexer& operator[](std::size_t index);

 private:
  struct Loop {
    explicit Loop(caf::actor_system& system);
    caf::io::network::default_multiplexer multiplexer;
    caf::io::network::multiplexer::supervisor_ptr supervisor;  ///< it runs as long as this lives
    std::thread thread;
  };

  caf::actor_system& system_;
  std::vector<std::unique_ptr<Loop>> further_;
};

}  // namespace troupe
