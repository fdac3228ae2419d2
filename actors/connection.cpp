#include "actors/connection.hpp"

#include "log/log.hpp"
#include "net/address.hpp"

#include <utility>

namespace troupe {
namespace {

/// A client that has no more than this left of what it was sent is given more of a long answer.
constexpr std::size_t nearly_all_taken = 16 * 1024;

}  // namespace

connection_actor::behavior_type connection(ConnectionState::Self* self, caf::io::scribe_ptr socket,
                                           std::shared_ptr<const Surroundings> around) {
  return self->state.start(std::move(socket), std::move(around));
}

connection_actor::behavior_type ConnectionState::start(caf::io::scribe_ptr socket,
                                                       std::shared_ptr<const Surroundings> around) {
  around_ = std::move(around);
  socket_ = std::move(socket);
  self_->move_scribe(socket_);
  address_ = host_of(socket_->addr());
  // Without a time limit, which CAF's clock would have to keep: no answer means that all is at an end.
  self_->request(around_->switchboard, caf::infinite, Admit{address_, self_, socket_})
      .then([this](const Admission& admission) { admitted(admission); },
            [this](const caf::error&) { end(); });
  return {
      [this](const Answered& answer) { answered(answer); },
      [this](Congested) { settle(); },
      [this](Tick) {
        if (now() >= wake_at_) wake_at_ = Session::Instant::max();
        session_->tick(now());
        settle();
      },
      [this](Hush) {
        session_->hush();
        settle();
      },
      [this](const Close& order) {
        if (!session_) return end();
        session_->close(order.reason, now());
        settle();
      },
      [this](const caf::io::new_data_msg& data) {
        session_->receive({data.buf.data(), data.buf.size()}, now());
        settle();
      },
      [this](const caf::io::connection_closed_msg&) {
        if (!session_) return end();
        session_->abandon("Connection closed", std::chrono::milliseconds{0});
        settle();
      },
  };
}

void ConnectionState::admitted(const Admission& admission) {
  if (!admission.refusal.empty()) {
    log::warn("refused", {{"address", address_}, {"reason", admission.refusal}});
    write("ERROR :" + admission.refusal + "\r\n");
    return end();
  }
  id_ = admission.id;
  log::debug("connected", {{"connection", id_}, {"address", address_}});
  session_.emplace(around_->rules, address_, now());
  settle();
}

void ConnectionState::answered(const Answered& answer) {
  if (answer.standing == Standing::entered) entered_ = true;
  if (answer.ask) asked_ = true;
  session_->answered(answer.commands, answer.standing, now());
  settle();
}

void ConnectionState::settle() {
  write(session_->take_output());
  for (auto& command : session_->take_commands()) {
    if (auto* who = std::get_if<Registration>(&command)) {
      known_to_room_ = true;
      self_->send(around_->room, Enter{id_, std::move(*who)});
    } else {
      self_->send(around_->room, Command{id_, std::move(std::get<Input>(command))});
    }
  }
  if (const auto limit = around_->rules.sendq; limit > 0 && socket_->wr_buf().size() > limit) {
    socket_->wr_buf().clear();
    session_->abandon("SendQ exceeded");
  }
  if (session_->ended()) return end();
  if (asked_ && socket_->wr_buf().size() <= nearly_all_taken) {
    asked_ = false;
    self_->send(around_->room, Taken{id_});
  }

  if (const bool wanted = session_->wants_input(); wanted != reading_) {
    reading_ = wanted;
    if (wanted)
      socket_->trigger();
    else
      socket_->halt();
  }
  // The switchboard ticks often enough for timeouts; what is due sooner it is to see to. A connection must
  // not ask CAF's clock (docs/architecture.md, "Who waits for whom").
  if (const auto delayed = session_->delayed(); delayed && *delayed < wake_at_) {
    wake_at_ = *delayed;
    caf::anon_send(around_->switchboard, Wake{id_, *delayed});
  }
}

void ConnectionState::write(std::string_view bytes) {
  if (bytes.empty()) return;
  auto& out = socket_->wr_buf();
  out.insert(out.end(), bytes.begin(), bytes.end());
  socket_->flush();
}

void ConnectionState::end() {
  if (session_) {
    // The room logs those who took part: it knows the nick that they have by now.
    const log::Event left{"left",
                          {{"connection", id_}, {"address", address_}, {"reason", session_->reason()}}};
    if (session_->password_refused())
      log::warn(left);
    else if (!entered_)
      log::debug(left);
    if (known_to_room_) self_->send(around_->room, Leave{id_, session_->reason(), session_->silence()});
  }
  self_->quit();
}

}  // namespace troupe
