#pragma once

#include "actors/connection.hpp"
#include "actors/interfaces.hpp"
#include "actors/listener.hpp"
#include "actors/room.hpp"
#include "db/storage.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace troupe {

/// What a whole server is made of.
struct Production {
  Rules rules;
  RoomConfig chat;
  Durability durability = Durability::strict;
  std::optional<Storage> storage;             ///< none with Durability::none
  std::optional<protocol::MessageId> newest;  ///< the last id in the store and the spool
  std::vector<caf::io::doorman_ptr> doors;    ///< bound already, one for each listening address
  Entrance entrance;
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
  void start_persistence();
  void start_archive();
  void died(const caf::down_msg& down);
  void shut_down();
  template <class Actor, class Order, class Next>
  void ask(const Actor& actor, Order order, Next next);
  void end(int status);

  Self self_;
  std::function<void(int)> curtain_;
  std::optional<Storage> storage_;
  std::optional<persistence_actor> persistence_;
  std::optional<archive_actor> archive_;
  std::optional<room_actor> room_;
  std::optional<switchboard_actor> switchboard_;
  std::vector<listener_actor> listeners_;
  caf::actor_clock::time_point restarted_{};  ///< when persistence was last started again
  bool ending_ = false;
  caf::actor_clock::time_point deadline_;  ///< when all has to be over
};

/// Starts the actors in order, watches them, and ends them in order: no new clients, then what is in flight
/// is stored and delivered, then everybody is told and let go. It takes a few seconds at most, whoever does
/// not answer.
supervisor_actor::behavior_type supervisor(SupervisorState::Self self, Production production);

}  // namespace troupe
