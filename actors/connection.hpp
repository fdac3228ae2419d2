#pragma once

#include "actors/interfaces.hpp"
#include "chat/rules.hpp"
#include "chat/session.hpp"
#include "net/wire.hpp"

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

  connection_actor::behavior_type start(WirePtr wire, std::shared_ptr<const Surroundings> around);

 private:
  void admitted(const Admission& admission);
  void answered(const Answered& answer);
  void heard_end();
  /// Carries out what the session wants done.
  void settle();
  void end();
  void close();
  bool talking() const { return session_ && !closing_; }
  Session::Instant now() const { return self_->clock().now(); }

  Self* self_;
  std::shared_ptr<const Surroundings> around_;
  WirePtr wire_;
  std::string address_;
  ConnectionId id_{};
  std::optional<Session> session_;  ///< once it is admitted
  bool closing_ = false;            ///< the session is over, and its last words are on their way
  bool reading_ = false;
  bool asked_ = false;                                  ///< the room waits for Taken
  bool known_to_room_ = false;                          ///< the room has been asked to let it enter
  bool entered_ = false;                                ///< and did
  Session::Instant wake_at_ = Session::Instant::max();  ///< when the switchboard will wake us
};

/// One client's connection. It begins by asking the switchboard to be admitted, and lives until its wire is
/// closed: so long it counts.
connection_actor::behavior_type connection(ConnectionState::Self* self, WirePtr wire,
                                           std::shared_ptr<const Surroundings> around);

}  // namespace troupe
