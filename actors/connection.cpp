#include "actors/connection.hpp"

#include "log/log.hpp"
#include "net/address.hpp"

#include <utility>

namespace troupe {
connection_actor::behavior_type connection(ConnectionState::Self* self, WirePtr wire,
                                           std::shared_ptr<const Surroundings> around) {
  return self->state.start(std::move(wire), std::move(around));
}

connection_actor::behavior_type ConnectionState::start(WirePtr wire,
                                                       std::shared_ptr<const Surroundings> around) {
  around_ = std::move(around);
  wire_ = std::move(wire);
  self_->add_scribe(wire_);
  address_ = host_of(wire_->addr());
  // Without a time limit, which CAF's clock would have to keep: no answer means that all is at an end.
  self_->request(around_->switchboard, caf::infinite, Admit{address_, self_, wire_})
      .then([this](const Admission& admission) { admitted(admission); },
            [this](const caf::error&) { close(); });
  return {
      [this](const Answered& answer) { answered(answer); },
      [this](Tick) {
        if (now() >= wake_at_) wake_at_ = Session::Instant::max();
        if (!talking()) return;
        session_->tick(now());
        settle();
      },
      [this](Hush) {
        if (!talking()) return;
        session_->hush();
        settle();
      },
      [this](const Close& order) {
        if (!talking()) return close();
        session_->close(order.reason, now());
        settle();
      },
      [this](const caf::io::new_data_msg& data) {
        if (!talking()) return;
        if (data.buf.empty()) return heard_end();
        session_->receive({data.buf.data(), data.buf.size()}, now());
        settle();
      },
      [this](const caf::io::data_transferred_msg&) {
        if (talking()) settle();
      },
      [this](const caf::io::connection_closed_msg&) {
        if (talking())
          heard_end();
        else
          self_->quit();
      },
  };
}

void ConnectionState::admitted(const Admission& admission) {
  if (closing_) return;
  if (!admission.refusal.empty()) {
    log::warn("refused", {{"address", address_}, {"reason", admission.refusal}});
    wire_->say("ERROR :" + admission.refusal + "\r\n");
    return close();
  }
  id_ = admission.id;
  log::debug("connected", {{"connection", id_}, {"address", address_}});
  session_.emplace(around_->rules, address_, now());
  settle();
}

void ConnectionState::answered(const Answered& answer) {
  if (!talking()) return;
  if (answer.standing == Standing::entered) entered_ = true;
  if (answer.ask) asked_ = true;
  session_->answered(answer.commands, answer.standing, now());
  settle();
}

/// Nothing more will come of the client.
void ConnectionState::heard_end() {
  switch (wire_->end()) {
    case Wire::End::overflow:
      session_->abandon("SendQ exceeded");
      break;
    case Wire::End::stalled:
      session_->abandon("Connection timed out");
      break;
    case Wire::End::by_peer:
    case Wire::End::none:
      session_->abandon("Connection closed", std::chrono::milliseconds{0});
      break;
  }
  settle();
}

void ConnectionState::settle() {
  wire_->say(session_->take_output());
  for (auto& command : session_->take_commands()) {
    if (auto* who = std::get_if<Registration>(&command)) {
      known_to_room_ = true;
      self_->send(around_->room, Enter{id_, std::move(*who)});
    } else {
      self_->send(around_->room, Command{id_, std::move(std::get<Input>(command))});
    }
  }
  if (session_->ended()) return end();
  if (asked_) {
    if (wire_->backlog() <= Wire::nearly_nothing) {
      asked_ = false;
      self_->send(around_->room, Taken{id_});
    } else {
      wire_->tell_when_taken();
    }
  }

  if (const bool wanted = session_->wants_input(); wanted != reading_) {
    reading_ = wanted;
    if (wanted)
      wire_->trigger();
    else
      wire_->halt();
  }
  // The switchboard ticks often enough for timeouts; what is due sooner it is to see to. A connection must
  // not ask CAF's clock (docs/architecture.md, "Who waits for whom").
  if (const auto delayed = session_->delayed(); delayed && *delayed < wake_at_) {
    wake_at_ = *delayed;
    caf::anon_send(around_->switchboard, Wake{id_, *delayed});
  }
}

/// The session is over: those who knew of it are told.
void ConnectionState::end() {
  // The room logs those who took part: it knows the nick that they have by now.
  const log::Event left{"left", {{"connection", id_}, {"address", address_}, {"reason", session_->reason()}}};
  if (session_->password_refused())
    log::warn(left);
  else if (!entered_)
    log::debug(left);
  if (known_to_room_) self_->send(around_->room, Leave{id_, session_->reason(), session_->silence()});
  close();
}

/// Goes as soon as the wire is closed.
void ConnectionState::close() {
  if (std::exchange(closing_, true)) return;
  if (wire_->close()) self_->quit();
}

}  // namespace troupe
