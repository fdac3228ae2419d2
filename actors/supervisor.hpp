#pragma once

#include "actors/connection.hpp"
#include "actors/interfaces.hpp"
#include "actors/listener.hpp"
#include "actors/room.hpp"
#include "db/storage.hpp"
#include "protocol/wall_clock.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// What a whole server is made of.
struct Production {
  Rules rules;
  RoomConfig chat;
  Durability durability = Durability::strict;
  std::optional<Storage> storage;                ///< none with Durability::none
  std::optional<protocol::MessageId> newest;     ///< the last id in the store and the spool
  ListenerSetup listener;                        ///< but for its switchboards
  std::vector<std::shared_ptr<WireLoop>> loops;  ///< of the event loops, the middleman's first
  std::function<void(int status)>
      curtain;  ///< called once when all is over: 0 after ShutDown, 1 if an actor died
  protocol::WallClock wall_clock = protocol::system_time;
  /// Keepers have a thread each. Without it they are scheduled like all others: for a simulation, in whose
  /// stores nothing blocks.
  bool keepers_have_threads = true;
};

class SupervisorState {
 public:
  static constexpr const char* name = "supervisor";
  using Self = supervisor_actor::stateful_pointer<SupervisorState>;

  explicit SupervisorState(Self self) : self_(self) {}

  supervisor_actor::behavior_type start(Production production);

 private:
  template <class Keeper, class Open>
  auto start_keeper(Keeper keeper, Open open);
  void start_persistence();
  void start_archive();
  void start_records();
  void log_measures();
  void died(const caf::down_msg& down);
  void shut_down();
  template <class Answer, class Actor, class Order>
  void ask(const std::vector<Actor>& actors, const Order& order, std::function<void()> next);
  void end(int status);

  Self self_;
  std::function<void(int)> curtain_;
  std::optional<Storage> storage_;
  protocol::WallClock wall_clock_;
  bool keepers_have_threads_ = true;
  std::optional<persistence_actor> persistence_;
  std::optional<archive_actor> archive_;
  std::optional<records_actor> records_;
  std::map<std::string, measured_actor> keepers_;
  std::optional<room_actor> room_;
  std::vector<switchboard_actor> switchboards_;
  std::optional<listener_actor> listener_;
  std::size_t restarts_ = 0;                  ///< of persistence
  caf::actor_clock::time_point restarted_{};  ///< when persistence was last started again
  bool ending_ = false;
  caf::actor_clock::time_point deadline_;  ///< when all has to be over
};

/// Starts the actors in order, watches them, and ends them in order: no new clients, then what is in flight
/// is stored and delivered, then everybody is told and let go. It takes a few seconds at most, whoever does
/// not answer.
supervisor_actor::behavior_type supervisor(SupervisorState::Self self, Production production);

}  // namespace troupe
