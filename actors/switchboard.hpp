#pragma once

#include "actors/interfaces.hpp"
#include "chat/roster.hpp"
#include "chat/rules.hpp"

#include <memory>
#include <optional>
#include <string>
#include <tsl/robin_map.h>
#include <unordered_map>
#include <vector>

namespace troupe {

class SwitchboardState {
 public:
  static constexpr const char* name = "switchboard";
  using Self = switchboard_actor::stateful_broker_base<SwitchboardState>;

  explicit SwitchboardState(Self* self) : self_(self) {}
  SwitchboardState(const SwitchboardState&) = delete;
  SwitchboardState& operator=(const SwitchboardState&) = delete;
  /// However the switchboard ends, no connection outlives it: nobody would reach it any more.
  ~SwitchboardState();

  switchboard_actor::behavior_type start(const Rules& rules);

 private:
  Admission admit(const Admit& request);
  std::string refusal(const std::string& address) const;
  template <class Answer>
  caf::typed_response_promise<Answer> one_turn_later();
  void gone(const caf::actor_addr& who);
  void tick();
  void wake(const Wake& order);
  void ring();
  template <class Alarm>
  void send_later(std::chrono::nanoseconds delay, Alarm alarm);

  Self* self_;
  std::size_t max_connections_ = 0;
  std::size_t max_per_address_ = 0;
  std::chrono::milliseconds sweep_{};  ///< how often connections are told to look at the clock
  std::optional<room_actor> room_;
  /// A connection's place. Its wire is talked through from here, so that a delivery needs no message of its
  /// own.
  struct Seat final : Receiver {
    Seat(connection_actor connection, WirePtr its_wire)
        : who(std::move(connection)), wire(std::move(its_wire)) {}
    void hear(std::string_view bytes) override { wire->say(bytes); }
    void answered(const Answer& answer) override;

    connection_actor who;
    WirePtr wire;
  };
  tsl::robin_map<ConnectionId, std::unique_ptr<Seat>> seats_;
  Roster roster_;
  struct Guest {
    ConnectionId id{};
    std::string address;
  };
  std::unordered_map<caf::actor_addr, Guest> guests_;
  std::unordered_map<std::string, std::size_t> per_address_;
  /// Who is to be woken when: the soonest is at the front of a heap. Each connection has one place in it, or
  /// two while a later one has not passed yet.
  std::vector<Wake> sleepers_;
  bool ringing_ = false;  ///< a Ring is on its way
  std::uint64_t last_id_ = 0;
  std::optional<caf::typed_response_promise<AllClosed>> closing_;
};

/// Knows every connection: admits it by the limits, writes its part of each batch to its socket, and tells
/// the room when it is gone, however that came about.
switchboard_actor::behavior_type switchboard(SwitchboardState::Self* self, const Rules& rules);

}  // namespace troupe
