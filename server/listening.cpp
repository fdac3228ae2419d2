#include "server/listening.hpp"

#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::server {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

[[noreturn]] void fail(const Endpoint& endpoint, std::string_view reason) {
  throw ListenError("--listen: cannot listen on " + to_string(endpoint) + ": " + std::string{reason});
}

Addresses look_up(const Endpoint& endpoint) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
  if (error == EAI_SYSTEM) fail(endpoint, std::strerror(errno));
  if (error != 0) fail(endpoint, gai_strerror(error));
  return {found, &freeaddrinfo};
}

/// The listening socket, or -1 and errno.
int listen_at(const addrinfo& address) {
  const int fd = socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC, address.ai_protocol);
  if (fd < 0) return -1;
  const int on = 1;
  const int off = 0;
  const bool listening =
      setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      (address.ai_family != AF_INET6 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0) &&
      bind(fd, address.ai_addr, address.ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0;
  if (listening) return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

}  // namespace

int listen_at(const Endpoint& endpoint) {
  const auto addresses = look_up(endpoint);
  int error = EADDRNOTAVAIL;
  for (const auto* one = addresses.get(); one; one = one->ai_next) {
    if (const int fd = listen_at(*one); fd >= 0) return fd;
    error = errno;
    // "localhost" is ::1 as well, which not every machine has. But one that is in use is what was meant.
    if (error != EADDRNOTAVAIL && error != EAFNOSUPPORT) break;
  }
  fail(endpoint, std::strerror(error));
}

std::string to_string(const Endpoint& endpoint) {
  const bool ipv6 = endpoint.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

}  // namespace troupe::server
