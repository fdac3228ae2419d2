#include "bench/crowd.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <utility>

namespace troupe::bench {
namespace {

constexpr std::size_t buffer_size = 256 * 1024;

/// Bytes that the kernel is to keep for a client that reads nothing.
constexpr int small_buffer = 4096;

/// So many connections may come from one address before its ports run short.
constexpr std::uint32_t connections_per_source = 20'000;

std::string system_error(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

/// On loopback, the 127.0.0.x that a client comes from.
void choose_source(int socket, const ServerAddress& server, std::uint32_t id) {
  sockaddr_in source{};
  std::memcpy(&source, &server.address, sizeof(source));
  const auto address = ntohl(source.sin_addr.s_addr);
  if (source.sin_family != AF_INET || address >> 24U != 127 || id < connections_per_source) return;
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + id / connections_per_source);
  source.sin_port = 0;
  const int port_at_connect = 1;
  ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &port_at_connect, sizeof(port_at_connect));
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&source), sizeof(source)) != 0)
    throw std::runtime_error(system_error("bind"));
}

/// The numeric or command of a line.
std::string_view command_of(std::string_view line) {
  if (line.starts_with(':')) line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
  return line.substr(0, line.find(' '));
}

bool is_refusal(std::string_view command) {
  constexpr std::string_view no_motd = "422";
  return command == "ERROR" ||
         (command.size() == 3 && (command[0] == '4' || command[0] == '5') && command != no_motd &&
          command.find_first_not_of("0123456789") == command.npos);
}

}  // namespace

ServerAddress ServerAddress::resolve(const std::string& host, std::uint16_t port) {
  const addrinfo hints{.ai_flags = AI_NUMERICSERV,
                       .ai_family = AF_UNSPEC,
                       .ai_socktype = SOCK_STREAM,
                       .ai_protocol = 0,
                       .ai_addrlen = 0,
                       .ai_addr = nullptr,
                       .ai_canonname = nullptr,
                       .ai_next = nullptr};
  addrinfo* found = nullptr;
  if (const auto error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found))
    throw std::runtime_error(host + ": " + ::gai_strerror(error));
  ServerAddress result;
  std::memcpy(&result.address, found->ai_addr, found->ai_addrlen);
  result.size = found->ai_addrlen;
  ::freeaddrinfo(found);
  return result;
}

Crowd::Crowd(const ServerAddress& server, std::size_t at_a_time, OnRead on_read)
    : server_(server),
      at_a_time_(at_a_time),
      on_read_(std::move(on_read)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      buffer_(buffer_size) {}

Crowd::Id Crowd::add(Newcomer newcomer) {
  newcomers_.push_back(std::move(newcomer));
  return static_cast<Id>(newcomers_.size() - 1);
}

void Crowd::connect(Id id) {
  auto& client = clients_.emplace_back();
  client.socket =
      Descriptor{::socket(server_.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const int fd = client.socket.number();
  if (fd < 0) fail(id, system_error("socket"));
  const int no_delay = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof(no_delay));
  choose_source(fd, server_, id);
  if (newcomers_[id].deaf) ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small_buffer, sizeof(small_buffer));
  const auto& nick = newcomers_[id].nick;
  client.outgoing = "NICK " + nick + "\r\nUSER " + nick + " 0 * :" + nick + "\r\n";
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&server_.address), server_.size) != 0 &&
      errno != EINPROGRESS)
    fail(id, system_error("connect"));
  // Told of changes only: one call for a connection's whole life.
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.u32 = id}};
  if (::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, fd, &event) != 0) fail(id, system_error("epoll_ctl"));
}

bool Crowd::turn(std::chrono::milliseconds at_most) {
  while (clients_.size() < newcomers_.size() && clients_.size() - ready_ < at_a_time_)
    connect(static_cast<Id>(clients_.size()));
  std::array<epoll_event, 512> events;
  const int count = ::epoll_wait(epoll_.number(), events.data(), static_cast<int>(events.size()),
                                 static_cast<int>(at_most.count()));
  for (int i = 0; i < count; ++i) {
    const auto [what, data] = events[static_cast<std::size_t>(i)];
    if ((what & EPOLLOUT) != 0 && !clients_[data.u32].outgoing.empty()) flush(data.u32);
    if ((what & ~EPOLLOUT) != 0) read(data.u32, (what & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
  }
  return count > 0;
}

/// Reads all there is. A read that does not fill the buffer has emptied the socket, unless its end has been
/// announced, too.
void Crowd::read(Id id, bool to_the_end) {
  while (clients_[id].phase != Phase::deaf) {
    const auto size = ::recv(clients_[id].socket.number(), buffer_.data(), buffer_.size(), 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size < 0) fail(id, std::strerror(errno));
    if (size == 0) fail(id, "closed by the server");
    const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(size));
    if (const auto now = Clock::now(); clients_[id].phase == Phase::member)
      on_read_(id, bytes, now);
    else
      read_lines(id, bytes, now);
    if (bytes.size() < buffer_.size() && !to_the_end) return;
  }
}

void Crowd::read_lines(Id id, std::string_view bytes, Instant now) {
  auto& client = clients_[id];
  for (auto end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n')) {
    client.unread += bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    auto line = std::exchange(client.unread, {});
    if (line.ends_with('\r')) line.pop_back();
    handle(id, line);
    if (client.phase == Phase::deaf) return;
    if (client.phase != Phase::member) continue;
    if (!bytes.empty()) on_read_(id, bytes, now);
    return;
  }
  client.unread += bytes;
}

void Crowd::handle(Id id, std::string_view line) {
  auto& client = clients_[id];
  const auto command = command_of(line);
  const auto& channel = newcomers_[id].channel;
  if (command == "PING") {
    answer(id, line);
  } else if (client.phase == Phase::registering && command == "001") {
    if (channel.empty()) return get_ready(id, Phase::idle);
    client.phase = Phase::joining;
    send(id, "JOIN " + channel + "\r\n");
  } else if (client.phase == Phase::joining && command == "366") {
    get_ready(id, newcomers_[id].deaf ? Phase::deaf : Phase::member);
  } else if (is_refusal(command)) {
    fail(id, line);
  }
}

void Crowd::get_ready(Id id, Phase phase) {
  clients_[id].phase = phase;
  ++ready_;
}

void Crowd::answer(Id id, std::string_view line) {
  if (command_of(line) != "PING") return;
  const auto parameter = line.substr(std::min(line.find("PING") + 4, line.size()));
  send(id, "PONG" + std::string(parameter) + "\r\n");
}

void Crowd::send(Id id, std::string_view line) {
  auto& client = clients_[id];
  if (client.outgoing.empty()) {
    const auto sent = ::send(client.socket.number(), line.data(), line.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) fail(id, std::strerror(errno));
    line.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
  }
  client.outgoing += line;
}

void Crowd::flush(Id id) {
  auto& client = clients_[id];
  if (client.phase == Phase::connecting) {
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(client.socket.number(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) fail(id, std::strerror(error));
    client.phase = Phase::registering;
  }
  const auto waiting = std::exchange(client.outgoing, {});
  send(id, waiting);
}

bool Crowd::was_closed(Id id, std::chrono::milliseconds patience) {
  pollfd socket{.fd = clients_[id].socket.number(), .events = POLLIN, .revents = 0};
  while (::poll(&socket, 1, static_cast<int>(patience.count())) > 0)
    if (::recv(socket.fd, buffer_.data(), buffer_.size(), 0) <= 0) return true;
  return false;
}

void Crowd::fail(Id id, std::string_view why) const {
  throw std::runtime_error("connection of " + newcomers_[id].nick + ": " + std::string(why));
}

}  // namespace troupe::bench
