#pragma once

#include "actors/interfaces.hpp"
#include "chat/rules.hpp"
#include "chat/session.hpp"

#include <memory>
#include <optional>
#include <string>

namespace troupe {

/// What every connection needs from around it. Shared and never changed.
struct Surroundings {
  Rules rules;
  room_actor room;
  switchboard_actor switchboard;
};

class ConnectionState {
 public:
  static constexpr const char* name = "connection";
  using Self = connection_actor::stateful_broker_base<ConnectionState>;

  explicit ConnectionState(Self* self) : self_(self) {}

  connection_actor::behavior_type start(caf::io::scribe_ptr socket,
                                        std::shared_ptr<const Surroundings> around);

 private:
  void admitted(const Admission& admission);
  void answered(const Answered& answer);
  /// Carries out what the session wants done.
  void settle();
  void write(std::string_view bytes);
  void end();
  Session::Instant now() const { return self_->clock().now(); }

  Self* self_;
  std::shared_ptr<const Surroundings> around_;
  caf::io::scribe_ptr socket_;
  std::string address_;
  ConnectionId id_{};
  std::optional<Session> session_;  ///< once it is admitted
  bool reading_ = false;
  bool asked_ = false;  ///< the room waits for Taken
  bool known_to_room_ = false;                          ///< the room has been asked to let it enter
  bool entered_ = false;                                ///< and did
  Session::Instant wake_at_ = Session::Instant::max();  ///< when the switchboard will wake us
};

/// One client's connection. It takes the socket over from the listener, and begins by asking the switchboard
/// to be admitted.
connection_actor::behavior_type connection(ConnectionState::Self* self, caf::io::scribe_ptr socket,
                                           std::shared_ptr<const Surroundings> around);

}  // namespace troupe
