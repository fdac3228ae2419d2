#pragma once

#include "actors/interfaces.hpp"
#include "chat/rules.hpp"
#include "chat/session.hpp"
#include "net/loop_broker.hpp"
#include "net/wire.hpp"

#include <memory>
#include <optional>
#include <string>

namespace troupe {

/// What every connection of an event loop needs from around it. Shared and never changed.
struct Surroundings {
  Rules rules;
  room_actor room;
  switchboard_actor switchboard;
  listener_actor listener;
};

/// What a connection begins with.
struct ConnectionSetup {
  ConnectionId id{};
  std::string address;  ///< the client's
  double missing = 0;   ///< as in Seat
  WirePtr wire;
  std::shared_ptr<const Surroundings> around;
};

class ConnectionState {
 public:
  static constexpr const char* name = "connection";
  using Self = StatefulLoopBroker<connection_actor, ConnectionState>;

  explicit ConnectionState(Self* self) : self_(self) {}

  connection_actor::behavior_type start(ConnectionSetup setup);

 private:
  void answered(const Answered& answer);
  void heard_end();
  /// Carries out what the session wants done.
  void settle();
  void say_taken();
  void end();
  void go();
  bool talking() const { return !closing_; }
  Session::Instant now() const { return self_->clock().now(); }

  Self* self_;
  std::shared_ptr<const Surroundings> around_;
  WirePtr wire_;
  ConnectionId id_{};
  std::optional<Session> session_;  ///< from the start
  bool closing_ = false;            ///< the session is over, and its last words are on their way
  bool reading_ = false;
  bool asked_ = false;                                  ///< the room waits for Taken
  bool known_to_room_ = false;                          ///< the room is asked to let it enter
  bool entered_ = false;                                ///< and did
  Session::Instant wake_at_ = Session::Instant::max();  ///< when the switchboard will wake us
};

/// One client's connection. It lives until its wire is closed: so long it counts.
connection_actor::behavior_type connection(ConnectionState::Self* self, ConnectionSetup setup);

}  // namespace troupe
