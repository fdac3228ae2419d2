#include "actors/connection.hpp"

#include "chat/quit_reason.hpp"
#include "log/log.hpp"
#include "net/address.hpp"

#include <utility>

namespace troupe {
connection_actor::behavior_type connection(ConnectionState::Self* self, ConnectionSetup setup) {
  return self->state.start(std::move(setup));
}

connection_actor::behavior_type ConnectionState::start(ConnectionSetup setup) {
  around_ = std::move(setup.around);
  wire_ = std::move(setup.wire);
  id_ = setup.id;
  self_->add_scribe(wire_);
  log::debug("connected", {{"connection", id_}, {"address", setup.address}});
  session_.emplace(around_->rules, std::move(setup.address), now(), setup.missing);
  settle();
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
        if (!talking()) return;
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
          go();
      },
  };
}

void ConnectionState::answered(const Answered& answer) {
  if (!talking()) return;
  if (answer.standing == Standing::entered) entered_ = true;
  if (answer.ask) {
    asked_ = true;
    session_->took_portion();
  }
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
      who->network = network_prefix(who->host, around_->rules.ipv6_prefix);
      caf::anon_send(around_->switchboard, Enter{id_, std::move(*who)});
    } else {
      self_->send(around_->room, Command{id_, std::move(std::get<Input>(command))});
    }
  }
  if (session_->ended()) return end();
  if (asked_) say_taken();

  if (const bool wanted = session_->wants_input(); wanted != reading_) {
    reading_ = wanted;
    if (wanted)
      wire_->trigger();
    else
      wire_->halt();
  }
  // The switchboard ticks often enough for timeouts; what is due sooner it is to see to. A connection must
  // not ask CAF's clock (docs/architecture.md, "Who waits for whom").
  if (const auto due = session_->due(); due && *due < wake_at_) {
    wake_at_ = *due;
    caf::anon_send(around_->switchboard, Wake{id_, *due});
  }
}

void ConnectionState::say_taken() {
  if (wire_->backlog() > Wire::nearly_nothing) return wire_->tell_when_taken();
  asked_ = false;
  self_->send(around_->room, Taken{id_});
}

/// The session is over: those who knew of it are told, and it goes as soon as the wire is closed.
void ConnectionState::end() {
  // The room logs those who took part: it knows the nick that they have by now.
  if (!entered_) {
    const auto why = without_words(session_->reason());
    const log::Event left{"left", {{"connection", id_}, {"address", session_->host()}, {"reason", why}}};
    session_->password_refused() ? log::warn(left) : log::debug(left);
  }
  Leave leave{id_, std::string{session_->reason()}, session_->silence()};
  if (entered_)
    self_->send(around_->room, std::move(leave));
  else if (known_to_room_)
    caf::anon_send(around_->switchboard, std::move(leave));  // behind Enter
  closing_ = true;
  if (wire_->close()) go();
}

/// The wire is closed. The place is given back before the client can know: it may come again at once.
void ConnectionState::go() {
  caf::anon_send(around_->listener, Vacated{id_, session_->password_refused(), session_->missing(now())});
  self_->quit();
}

}  // namespace troupe
