#pragma once

#include "actors/connection.hpp"
#include "actors/interfaces.hpp"
#include "chat/roster.hpp"
#include "chat/rules.hpp"
#include "net/loop_broker.hpp"
#include "net/wire_loop.hpp"

#include <memory>
#include <optional>
#include <string>
#include <tsl/robin_map.h>
#include <unordered_map>
#include <vector>

namespace troupe {

/// What a switchboard begins with.
struct SwitchboardSetup {
  Rules rules;
  std::shared_ptr<WireLoop> loop;  ///< the wires' side of the event loop that it is on
};

class SwitchboardState {
 public:
  static constexpr const char* name = "switchboard";
  using Self = StatefulLoopBroker<switchboard_actor, SwitchboardState>;

  explicit SwitchboardState(Self* self) : self_(self) {}
  SwitchboardState(const SwitchboardState&) = delete;
  SwitchboardState& operator=(const SwitchboardState&) = delete;
  /// However the switchboard ends, no connection outlives it: nobody would reach it any more.
  ~SwitchboardState();

  switchboard_actor::behavior_type start(SwitchboardSetup setup);

 private:
  Measured measure() const;
  void seat(const Seat& order);
  void look();
  void looked();
  void forget_newcomer(ConnectionId id);
  template <class Answer>
  caf::typed_response_promise<Answer> one_turn_later();
  void gone(const caf::actor_addr& who);
  void tick();
  void wake(const Wake& order);
  void ring();
  template <class Alarm>
  void send_later(std::chrono::nanoseconds delay, Alarm alarm);

  Self* self_;
  Rules rules_;
  std::shared_ptr<WireLoop> loop_;
  std::chrono::milliseconds sweep_{};  ///< how often connections are told to look at the clock
  std::optional<room_actor> room_;
  std::vector<looking_actor> all_;              ///< this one too
  std::shared_ptr<const Surroundings> around_;  ///< once the first one is here
  /// A connection's place. Its wire is talked through from here, so that a delivery needs no message of its
  /// own.
  struct Seated final : Receiver {
    Seated(connection_actor connection, WirePtr its_wire)
        : who(std::move(connection)), wire(std::move(its_wire)) {}
    void hear(std::string_view bytes) override { wire->say(bytes); }
    void answered(const Answer& answer) override;

    connection_actor who;
    WirePtr wire;
  };
  tsl::robin_map<ConnectionId, std::unique_ptr<Seated>> seats_;
  Roster roster_;
  std::size_t batches_ = 0;  ///< delivered
  std::unordered_map<caf::actor_addr, ConnectionId> ids_;
  // Those who want to enter wait until all switchboards have looked at their wires.
  std::vector<Enter> next_newcomers_;
  std::vector<Enter> newcomers_;  ///< whom they look for
  std::size_t looking_ = 0;       ///< switchboards that have not answered
  /// Who is to be woken when: the soonest is at the front of a heap. Each connection has one place in it, or
  /// two while a later one has not passed yet.
  std::vector<Wake> sleepers_;
  bool ringing_ = false;  ///< a Ring is on its way
  bool hushed_ = false;
  std::optional<caf::typed_response_promise<AllClosed>> closing_;
};

/// Knows every connection of its event loop: spawns it, says its part of each batch to its client, and tells
/// the room and the listener when it is gone, however that came about.
switchboard_actor::behavior_type switchboard(SwitchboardState::Self* self, SwitchboardSetup setup);

/// Introduces all switchboards to the room, and to each other: before anybody is let in.
void introduce(const std::vector<switchboard_actor>& switchboards, const room_actor& room);

}  // namespace troupe
