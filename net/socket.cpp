#include "net/socket.hpp"

#include <cerrno>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace troupe {

using caf::io::network::operation;

namespace {

constexpr std::size_t read_size = 8192;
/// How often is read at the end what nobody will hear: unread, it would turn the end into a reset.
constexpr int last_reads = 8;

/// So many bytes in flight a socket may leave behind.
constexpr int small_rest = 4096;

int mask_of(operation op) {
  return op == operation::read ? caf::io::network::input_mask : caf::io::network::output_mask;
}

timespec to_timespec(std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {seconds.count(), (time - seconds).count()};
}

}  // namespace

// -- SocketLoop

SocketLoop::SocketLoop(caf::io::network::default_multiplexer& multiplexer, const WireLimits& limits)
    : WireLoop(multiplexer, limits), event_handler(multiplexer, caf::io::network::invalid_native_socket) {
  fd_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd_ < 0) throw std::runtime_error("cannot make a timer");
}

void SocketLoop::start_timer() {
  const itimerspec every{to_timespec(interval), to_timespec(interval)};
  ::timerfd_settime(fd(), 0, &every, nullptr);
  running_ = shared_from_this();
  backend().add(operation::read, fd(), this);
}

void SocketLoop::stop_timer() {
  const auto self = shared_from_this();
  const itimerspec never{};
  ::timerfd_settime(fd(), 0, &never, nullptr);
  backend().del(operation::read, fd(), this);
  if ((eventbf() & mask_of(operation::read)) == 0) running_.reset();
}

void SocketLoop::handle_event(operation op) {
  std::uint64_t times = 0;
  if (op == operation::read && ::read(fd(), &times, sizeof times) > 0) look();
}

void SocketLoop::removed_from_loop(operation) { running_.reset(); }

// -- Socket

Socket::Socket(caf::io::network::native_socket fd, std::shared_ptr<SocketLoop> loop, Layers layers)
    : Wire(caf::io::network::conn_hdl_from_socket(fd), loop, std::move(layers)),
      event_handler(loop->backend(), fd) {}

std::string Socket::addr() const {
  const auto address = caf::io::network::remote_addr_of_fd(fd());
  return address ? *address : std::string{};
}

std::uint16_t Socket::port() const {
  const auto port = caf::io::network::remote_port_of_fd(fd());
  return port ? *port : std::uint16_t{};
}

void Socket::handle_event(operation op) {
  const Self guard{this};
  switch (op) {
    case operation::read:
      return read();
    case operation::write:
      if (!broken_) writable();
      if (broken_) failed();
      return;
    case operation::propagate_error:
      return failed();
  }
}

void Socket::removed_from_loop(operation op) {
  if (op == operation::read)
    reading_.reset();
  else if (op == operation::write)
    writing_.reset();
}

void Socket::read() {
  auto& in = loop().in;
  in.resize(read_size);
  const auto size = ::recv(fd(), in.data(), in.size(), MSG_DONTWAIT);
  if (size > 0)
    received(static_cast<std::size_t>(size));
  else if (size == 0)
    input_ended();
  else if (errno != EAGAIN && errno != EINTR)
    failed();
}

std::size_t Socket::send(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size() && !broken_) {
    const auto n = ::send(fd(), bytes.data() + sent, bytes.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0)
      sent += static_cast<std::size_t>(n);
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
      break;
    else if (errno != EINTR)
      broken_ = true;
  }
  return sent;
}

void Socket::end_output() {
  const auto patience = static_cast<unsigned>(loop().limits().closing.count());
  ::setsockopt(fd(), IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
  ::shutdown(fd(), SHUT_WR);
  auto& in = loop().in;
  in.resize(read_size);
  for (int i = 0; i<last_reads&& ::recv(fd(), in.data(), in.size(), MSG_DONTWAIT)> 0; ++i) {
  }
}

/// What the peer has not acknowledged yet may be left to the kernel if it is a little, and is on its way: the
/// kernel gives it up after `WireLimits::closing`. What the peer gives no room for it would keep for minutes.
bool Socket::settled() {
  int outstanding = 0;
  int unsent = 0;
  return broken_ || ::ioctl(fd(), SIOCOUTQ, &outstanding) != 0 || outstanding == 0 ||
         (outstanding <= small_rest && ::ioctl(fd(), SIOCOUTQNSD, &unsent) == 0 && unsent == 0);
}

void Socket::cut_off() {
  const linger at_once{1, 0};
  ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void Socket::want_input(bool wanted) {
  if (wanted)
    watch(operation::read, reading_);
  else
    unwatch(operation::read, reading_);
}

void Socket::want_output(bool wanted) {
  if (wanted)
    watch(operation::write, writing_);
  else
    unwatch(operation::write, writing_);
}

// The event loop gathers changes and carries them out at the end of its turn; a change and its reverse in one
// turn cancel each other without a call to `removed_from_loop`. `eventbf` tells what is really registered.

void Socket::watch(operation op, Self& self) {
  self = this;
  backend().add(op, fd(), this);
}

void Socket::unwatch(operation op, Self& self) {
  if (!self) return;
  const Self guard{this};
  backend().del(op, fd(), this);
  if ((eventbf() & mask_of(op)) == 0) self.reset();
}

}  // namespace troupe
