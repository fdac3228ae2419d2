#include "net/accepted.hpp"

#include <sys/socket.h>
#include <utility>

namespace troupe {

using caf::io::network::invalid_native_socket;

AcceptedSocket::~AcceptedSocket() {
  if (fd_ != invalid_native_socket) caf::io::network::close_socket(fd_);
}

std::string AcceptedSocket::address() const {
  const auto address = caf::io::network::remote_addr_of_fd(fd_);
  return address ? *address : std::string{};
}

WirePtr AcceptedSocket::open(const std::shared_ptr<WireLoop>& loop) {
  return caf::make_counted<Socket>(std::exchange(fd_, invalid_native_socket),
                                   std::dynamic_pointer_cast<SocketLoop>(loop));
}

void AcceptedSocket::refuse(std::string_view words) {
  // Its buffers are empty yet: what is so short goes out as a whole, or never.
  ::send(fd_, words.data(), words.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  ::shutdown(fd_, SHUT_WR);
  char unread[4096];
  for (int i = 0; i < 4 && ::recv(fd_, unread, sizeof unread, MSG_DONTWAIT) > 0; ++i) {
  }
  caf::io::network::close_socket(std::exchange(fd_, invalid_native_socket));
}

bool Doorman::new_connection() {
  const auto fd = acceptor_.accepted_socket();
  if (detached()) {
    caf::io::network::close_socket(fd);
    return false;
  }
  return doorman::new_connection(&acceptor_.backend(), caf::io::network::conn_hdl_from_socket(fd));
}

}  // namespace troupe
