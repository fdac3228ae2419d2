#include "client/connection.hpp"

#include "client/dialer.hpp"
#include "client/file_descriptor.hpp"

#include <cstdint>
#include <string_view>
#include <utility>

namespace troupe::client {

namespace {

using Phase = ConnectionState::Phase;
using Self = connection_actor::stateful_broker_pointer<ConnectionState>;

constexpr std::size_t most_bytes_read = 16 * 1024;  // at a time

void closed(Self self, const console_actor& console, std::string why) {
  self->state.phase = Phase::idle;
  self->state.dialer = nullptr;
  self->send(console, closed_atom::value, std::move(why));
}

void opened(Self self, const console_actor& console, FileDescriptor descriptor) {
  auto& state = self->state;
  state.phase = Phase::open;
  state.dialer = nullptr;
  state.incoming = LineBuffer(ConnectionState::longest_line);
  state.socket = self->add_scribe(descriptor.release());
  self->configure_read(state.socket, caf::io::receive_policy::at_most(most_bytes_read));
  self->send(console, connected_atom::value);
}

// Reads on. Not at once: CAF 0.17 carries out `halt` at the end of its event loop's turn, and a `trigger` in
// the same turn would find the socket still being read, do nothing, and leave it halted for ever. What is
// posted runs in the next turn.
void resume_reading(Self self) {
  self->backend().post([self, socket = self->state.socket, guard = caf::strong_actor_ptr(self->ctrl())] {
    self->trigger(socket);
  });
}

}  // namespace

connection_actor::behavior_type connection(Self self, console_actor console) {
  return {
      [=](connect_atom, const std::string& host, std::uint16_t port) {
        if (self->state.phase != Phase::idle) return;
        self->state.phase = Phase::dialling;
        self->state.dialer = self->system().spawn<caf::detached>(dialer, connection_actor(self), host, port);
      },
      [=](send_atom, const std::string& bytes) {
        if (self->state.phase != Phase::open) return;
        self->write(self->state.socket, bytes.size(), bytes.data());
        self->flush(self->state.socket);
      },
      [=](more_atom) {
        if (self->state.phase == Phase::open) resume_reading(self);
      },
      [=](close_atom) {
        if (self->state.phase == Phase::dialling) {
          self->send_exit(self->state.dialer, caf::exit_reason::user_shutdown);
          closed(self, console, "given up");
        } else if (self->state.phase == Phase::open) {
          self->close(self->state.socket);
          closed(self, console, "closed");
        }
      },
      [=](dialled_atom, int number) {
        FileDescriptor descriptor(number);
        if (self->state.phase == Phase::dialling) opened(self, console, std::move(descriptor));
      },
      [=](failed_atom, std::string& why) {
        if (self->state.phase == Phase::dialling) closed(self, console, std::move(why));
      },
      [=](const caf::io::new_data_msg& data) {
        auto lines = self->state.incoming.add({data.buf.data(), data.buf.size()});
        if (lines.empty()) return;
        self->halt(data.handle);
        self->send(console, lines_atom::value, std::move(lines));
      },
      [=](const caf::io::connection_closed_msg&) {
        if (self->state.phase == Phase::open) closed(self, console, "closed by the server");
      },
  };
}

}  // namespace troupe::client
