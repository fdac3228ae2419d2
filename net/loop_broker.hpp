#pragma once

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/io/network/multiplexer.hpp>

#include <utility>

namespace troupe {

/// A broker that lives on the event loop it was spawned on. CAF's own live on the middleman's, whichever that
/// is.
template <class... Signatures>
class LoopBroker : public caf::io::typed_broker<Signatures...> {
 public:
  explicit LoopBroker(caf::actor_config& config)
      : caf::io::typed_broker<Signatures...>(config), host_(config.host) {}

  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit*) override {
    caf::scheduled_actor::enqueue(std::move(message), host_);
  }
  void enqueue(caf::strong_actor_ptr sender, caf::message_id id, caf::message content,
               caf::execution_unit*) override {
    enqueue(caf::make_mailbox_element(std::move(sender), id, {}, std::move(content)), host_);
  }
  void launch(caf::execution_unit*, bool lazy, bool hide) override {
    caf::scheduled_actor::launch(host_, lazy, hide);
  }
  caf::resumable::resume_result resume(caf::execution_unit* unit, std::size_t most) override {
    return caf::scheduled_actor::resume(unit, most);
  }
  /// CAF's brokers leave their mailbox as it is when they end: two that have written to each other would keep
  /// each other in memory, and whatever is in a message.
  bool cleanup(caf::error&& reason, caf::execution_unit* unit) override {
    this->close_all();
    return caf::scheduled_actor::cleanup(std::move(reason), unit);
  }

 private:
  caf::execution_unit* host_;
};

namespace detail {
template <class Actor>
struct LoopBrokerOf;
template <class... Signatures>
struct LoopBrokerOf<caf::typed_actor<Signatures...>> {
  using type = LoopBroker<Signatures...>;
};
}  // namespace detail

/// The broker that an actor of this interface, with this state, is on its loop.
template <class Actor, class State>
using StatefulLoopBroker = caf::stateful_actor<State, typename detail::LoopBrokerOf<Actor>::type>;

/// Spawns a broker on this event loop.
template <class Function, class... Arguments>
auto spawn_on(caf::io::network::multiplexer& loop, Function function, Arguments&&... arguments) {
  caf::actor_config config{&loop};
  return loop.system().spawn_functor(std::true_type{}, config, function,
                                     std::forward<Arguments>(arguments)...);
}

}  // namespace troupe
