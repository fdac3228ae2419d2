#include "net/event_loops.hpp"

#include <future>
#include <pthread.h>

namespace troupe {

EventLoops::Loop::Loop(caf::actor_system& system)
    : multiplexer(&system), supervisor(multiplexer.make_supervisor()) {
  // The loop knows its own thread before anybody sends anything to an actor on it: otherwise it would write
  // into its own pipe, and wait for itself when that is full.
  std::promise<void> ready;
  thread = std::thread{[&] {
    auto* const loop = &multiplexer;
    CAF_SET_LOGGER_SYS(&system);
    ::pthread_setname_np(::pthread_self(), "troupe.io");
    system.thread_started();
    loop->thread_id(std::this_thread::get_id());
    auto* const owner = &system;
    ready.set_value();
    loop->run();
    owner->thread_terminates();
  }};
  ready.get_future().wait();
}

EventLoops::EventLoops(caf::actor_system& system, std::size_t count) : system_(system) {
  for (std::size_t i = 1; i < count; ++i) further_.push_back(std::make_unique<Loop>(system));
}

EventLoops::~EventLoops() {
  system_.await_all_actors_done();
  for (auto& loop : further_) loop->supervisor.reset();
  for (auto& loop : further_) loop->thread.join();
}

caf::io::network::default_multiplexer& EventLoops::operator[](std::size_t index) {
  if (index > 0) return further_[index - 1]->multiplexer;
  return dynamic_cast<caf::io::network::default_multiplexer&>(system_.middleman().backend());
}

}  // namespace troupe
