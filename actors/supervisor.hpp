#pragma once

#include "actors/connection.hpp"
#include "actors/interfaces.hpp"
#include "actors/room.hpp"
#include "db/store.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace troupe {

/// What a whole server is made of.
struct Production {
  Rules rules;
  ChatConfig chat;
  Durability durability = Durability::strict;
  std::shared_ptr<db::Store> store;         ///< null with Durability::none
  std::vector<caf::io::doorman_ptr> doors;  ///< bound already, one for each listening address
  std::function<void(int status)>
      curtain;  ///< called once when all is over: 0 after ShutDown, 1 if an actor died
};

class SupervisorState {
 public:
  static constexpr const char* name = "supervisor";
  using Self = supervisor_actor::stateful_pointer<SupervisorState>;

  explicit SupervisorState(Self self) : self_(self) {}

  supervisor_actor::behavior_type start(Production production);

 private:
  void shut_down();
  void end(int status);

  Self self_;
  std::function<void(int)> curtain_;
  std::optional<persistence_actor> persistence_;
  std::optional<room_actor> room_;
  std::optional<switchboard_actor> switchboard_;
  std::vector<listener_actor> listeners_;
  bool ending_ = false;
};

/// Starts the actors in order, watches them, and ends them in order: no new clients, then what is in flight
/// is stored and delivered, then everybody is told and let go.
supervisor_actor::behavior_type supervisor(SupervisorState::Self self, Production production);

}  // namespace troupe
