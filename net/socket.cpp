#include "net/socket.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace troupe {

using caf::io::network::operation;

namespace {

constexpr std::size_t read_size = 8192;
/// How long a socket that is being closed may take to get rid of its last bytes, in milliseconds. The
/// server's end waits for it.
constexpr unsigned linger = 3000;
/// A peer that has taken nothing for so long is not waited for. The kernel sees to `linger` only when it next
/// asks the peer for room, and the longer the peer has none, the rarer it asks: in the end every two minutes.
constexpr std::chrono::seconds stalled{1};
/// What is read and thrown away at the end, so that unread input does not turn the end into a reset, which
/// could overtake our last words.
constexpr int last_reads = 8;

int mask_of(operation op) {
  return op == operation::read ? caf::io::network::input_mask : caf::io::network::output_mask;
}

}  // namespace

Socket::Socket(caf::io::network::default_multiplexer& multiplexer, caf::io::network::native_socket fd,
               std::shared_ptr<SocketBuffers> buffers)
    : scribe(caf::io::connection_handle::from_int(fd)),
      event_handler(multiplexer, fd),
      buffers_(std::move(buffers)) {}

void Socket::flush() {
  auto& out = buffers_->out;
  if (!pending_.empty()) return watch(operation::write, writing_);
  if (out.empty()) return;
  const auto sent = send(out.data(), out.size());
  if (sent < out.size()) {
    pending_.assign(out.begin() + static_cast<std::ptrdiff_t>(sent), out.end());
    taken_ = std::chrono::steady_clock::now();
    watch(operation::write, writing_);
  }
  out.clear();
}

std::string Socket::addr() const {
  const auto address = caf::io::network::remote_addr_of_fd(fd());
  return address ? *address : std::string{};
}

std::uint16_t Socket::port() const {
  const auto port = caf::io::network::remote_port_of_fd(fd());
  return port ? *port : std::uint16_t{};
}

void Socket::graceful_shutdown() {
  if (std::exchange(closing_, true)) return;
  if (!pending_.empty() && std::chrono::steady_clock::now() - taken_ > stalled) pending_.clear();
  if (pending_.empty())
    finish();
  else
    ::setsockopt(fd(), IPPROTO_TCP, TCP_USER_TIMEOUT, &linger, sizeof linger);
  detach(&backend(), false);
}

void Socket::add_to_loop() { watch(operation::read, reading_); }

void Socket::remove_from_loop() { unwatch(operation::read, reading_); }

void Socket::handle_event(operation op) {
  switch (op) {
    case operation::read:
      return read();
    case operation::write:
      return write();
    case operation::propagate_error:
      pending_.clear();
      return io_failure(&backend(), op);
  }
}

void Socket::removed_from_loop(operation op) {
  if (op == operation::read)
    reading_.reset();
  else if (op == operation::write)
    writing_.reset();
}

void Socket::read() {
  auto& in = buffers_->in;
  in.resize(read_size);
  const auto size = ::recv(fd(), in.data(), in.size(), MSG_DONTWAIT);
  if (size > 0) {
    if (!consume(&backend(), in.data(), static_cast<std::size_t>(size))) remove_from_loop();
  } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
    io_failure(&backend(), operation::read);
  }
}

void Socket::write() {
  if (!broken_) {
    const auto sent = send(pending_.data(), pending_.size());
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(sent));
    if (sent > 0) taken_ = std::chrono::steady_clock::now();
  }
  if (broken_) {
    pending_.clear();
    unwatch(operation::write, writing_);
    return io_failure(&backend(), operation::write);
  }
  if (!pending_.empty()) return;
  std::vector<char>{}.swap(pending_);
  unwatch(operation::write, writing_);
  if (closing_) finish();
}

std::size_t Socket::send(const char* data, std::size_t size) {
  std::size_t sent = 0;
  while (sent < size) {
    const auto n = ::send(fd(), data + sent, size - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) {
      sent += static_cast<std::size_t>(n);
    } else if (errno != EINTR) {
      // The broker must not learn of a failure in the middle of its own turn: the event loop will tell it.
      broken_ = errno != EAGAIN && errno != EWOULDBLOCK;
      break;
    }
  }
  return sent;
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

void Socket::finish() {
  ::shutdown(fd(), SHUT_WR);
  auto& in = buffers_->in;
  in.resize(read_size);
  for (int i = 0; i<last_reads&& ::recv(fd(), in.data(), in.size(), MSG_DONTWAIT)> 0; ++i) {
  }
}

Doorman::Doorman(caf::io::network::default_multiplexer& multiplexer, caf::io::network::native_socket fd,
                 std::shared_ptr<SocketBuffers> buffers)
    : doorman_impl(multiplexer, fd), buffers_(std::move(buffers)) {}

bool Doorman::new_connection() {
  if (detached()) {
    caf::io::network::close_socket(acceptor_.accepted_socket());
    return false;
  }
  auto& multiplexer = acceptor_.backend();
  auto socket = caf::make_counted<Socket>(multiplexer, acceptor_.accepted_socket(), buffers_);
  const auto handle = socket->hdl();
  parent()->add_scribe(std::move(socket));
  return doorman::new_connection(&multiplexer, handle);
}

}  // namespace troupe
