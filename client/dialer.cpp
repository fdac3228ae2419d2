#include "client/dialer.hpp"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>

namespace troupe::client {

namespace {

using namespace std::chrono_literals;

constexpr auto attempt_time = 10s;
constexpr auto step_time = 100ms;  // between two looks into the mailbox

enum class Progress { connected, pending, failed };

std::string describe(int error) { return std::generic_category().message(error); }

// Looks up the host; says in `state.why` what went wrong.
bool look_up(DialerState& state, const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (error != 0) {  // without any network AI_ADDRCONFIG finds nothing, not even the own machine
    hints.ai_flags = AI_NUMERICSERV;
    error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  }
  if (error != 0) {
    state.why = error == EAI_SYSTEM ? describe(errno) : gai_strerror(error);
    return false;
  }
  state.addresses.reset(list);
  state.next = list;
  return true;
}

Progress start_attempt(DialerState& state, const addrinfo& address) {
  const int type = address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC;
  state.socket = FileDescriptor(::socket(address.ai_family, type, address.ai_protocol));
  state.give_up = std::chrono::steady_clock::now() + attempt_time;
  if (state.socket.number() >= 0 &&
      ::connect(state.socket.number(), address.ai_addr, address.ai_addrlen) == 0)
    return Progress::connected;
  if (errno == EINPROGRESS) return Progress::pending;
  state.why = describe(errno);
  return Progress::failed;
}

Progress continue_attempt(DialerState& state) {
  pollfd waiting{state.socket.number(), POLLOUT, 0};
  const int ready = ::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(step_time).count()));
  if (ready == 0 || (ready < 0 && errno == EINTR)) {
    if (std::chrono::steady_clock::now() < state.give_up) return Progress::pending;
    state.why = describe(ETIMEDOUT);
    return Progress::failed;
  }
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(state.socket.number(), SOL_SOCKET, SO_ERROR, &error, &size) < 0) error = errno;
  if (error == 0) return Progress::connected;
  state.why = describe(error);
  return Progress::failed;
}

}  // namespace

dialer_actor::behavior_type dialer(dialer_actor::stateful_pointer<DialerState> self,
                                   connection_actor connection, std::string host, std::uint16_t port) {
  if (look_up(self->state, host, port)) {
    self->send(self, dial_atom::value);
  } else {
    self->send(connection, failed_atom::value, self->state.why);
    self->quit();
  }
  return {
      [=](dial_atom) {
        auto& state = self->state;
        Progress progress = Progress::failed;
        if (state.socket.number() >= 0) {
          progress = continue_attempt(state);
        } else if (state.next != nullptr) {
          progress = start_attempt(state, *state.next);
          state.next = state.next->ai_next;
        } else {
          self->send(connection, failed_atom::value, state.why);
          return self->quit();
        }
        if (progress == Progress::connected) {
          self->send(connection, dialled_atom::value, state.socket.release());
          return self->quit();
        }
        if (progress == Progress::failed) state.socket = FileDescriptor();
        self->send(self, dial_atom::value);
      },
  };
}

}  // namespace troupe::client
