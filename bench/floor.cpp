#include "bench/floor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <utility>

namespace troupe::bench {
namespace {

constexpr std::size_t buffer_size = 64 * 1024;
constexpr std::uint32_t listener_id = UINT32_MAX;

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

void watch(int epoll, int fd, std::uint32_t events, std::uint32_t id) {
  epoll_event event{.events = events, .data = {.u32 = id}};
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
}

/// What follows `command` and a space, if that is what the line begins with.
bool is(std::string_view line, std::string_view command, std::string_view& rest) {
  if (!line.starts_with(command) || line.size() <= command.size() || line[command.size()] != ' ')
    return false;
  rest = line.substr(command.size() + 1);
  return true;
}

}  // namespace

Floor::Floor(std::uint16_t port, Fault fault)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      fault_(fault),
      buffer_(buffer_size) {
  const int on = 1;
  ::setsockopt(listener_.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    fail("bind");
  if (::listen(listener_.number(), SOMAXCONN) != 0) fail("listen");
  watch(epoll_.number(), listener_.number(), EPOLLIN, listener_id);
}

std::uint16_t Floor::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ::getsockname(listener_.number(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

void Floor::run() {
  std::array<epoll_event, 1024> events;
  for (;;) {
    const int count = ::epoll_wait(epoll_.number(), events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const auto what = events[static_cast<std::size_t>(i)].events;
      const auto id = events[static_cast<std::size_t>(i)].data.u32;
      if (id == listener_id) {
        admit();
        continue;
      }
      if ((what & EPOLLOUT) != 0 && !clients_[id].outgoing.empty())
        send(clients_[id], std::exchange(clients_[id].outgoing, {}));
      if ((what & ~EPOLLOUT) != 0) read(id);
    }
    for (const auto channel : std::exchange(spoken_in_, {})) fan_out(channels_[channel]);
  }
}

void Floor::admit() {
  for (;;) {
    Descriptor socket{::accept4(listener_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (socket.number() < 0) return;
    const int on = 1;
    ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (vacant_.empty()) {
      vacant_.push_back(static_cast<std::uint32_t>(clients_.size()));
      clients_.emplace_back();
    }
    const auto id = vacant_.back();
    vacant_.pop_back();
    clients_[id].socket = std::move(socket);
    watch(epoll_.number(), clients_[id].socket.number(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, id);
  }
}

void Floor::read(std::uint32_t id) {
  auto& client = clients_[id];
  for (;;) {
    const auto size = ::recv(client.socket.number(), buffer_.data(), buffer_.size(), 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) return leave(id);
    std::string_view bytes(buffer_.data(), static_cast<std::size_t>(size));
    for (auto end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n')) {
      if (client.unread.empty())
        handle(id, bytes.substr(0, end));
      else
        handle(id, std::exchange(client.unread, {}).append(bytes.substr(0, end)));
      bytes.remove_prefix(end + 1);
    }
    client.unread += bytes;
  }
}

void Floor::handle(std::uint32_t id, std::string_view line) {
  auto& client = clients_[id];
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::string_view rest;
  if (is(line, "PRIVMSG", rest)) {
    if (client.channel == none) return;
    auto& channel = channels_[client.channel];
    if (channel.lines.empty()) spoken_in_.push_back(client.channel);
    channel.said.append(":").append(client.nick).append("!").append(client.nick).append("@localhost ");
    channel.said.append(line).append("\r\n");
    channel.lines.push_back({id, channel.said.size()});
    client.spoke = true;
  } else if (is(line, "JOIN", rest)) {
    join(id, rest);
  } else if (is(line, "NICK", rest)) {
    client.nick = rest;
  } else if (is(line, "USER", rest)) {
    send(client, ":floor 001 " + client.nick + " :Welcome\r\n");
  } else if (is(line, "PING", rest)) {
    send(client, "PONG " + std::string(rest) + "\r\n");
  }
}

void Floor::join(std::uint32_t id, std::string_view name) {
  auto& client = clients_[id];
  const auto [found, is_new] =
      channel_of_.try_emplace(std::string(name), static_cast<std::uint32_t>(channels_.size()));
  if (is_new) channels_.emplace_back().name = name;
  client.channel = found->second;
  channels_[client.channel].members.push_back(id);
  send(client, ":floor 366 " + client.nick + " " + std::string(name) + " :End of names\r\n");
}

void Floor::leave(std::uint32_t id) {
  if (const auto channel = clients_[id].channel; channel != none) std::erase(channels_[channel].members, id);
  clients_[id] = Client{};
  vacant_.push_back(id);
}

void Floor::fan_out(Channel& channel) {
  for (const auto id : channel.members) {
    auto& client = clients_[id];
    if (client.spoke || fault_.any())
      send(client, lines_for(channel, id));
    else
      send(client, channel.said);
    client.spoke = false;
  }
  channel.said.clear();
  channel.lines.clear();
}

/// This turn's lines but for the member's own.
std::string Floor::lines_for(const Channel& channel, std::uint32_t id) {
  std::string bytes;
  std::size_t begin = 0;
  for (const auto& [speaker, end] : channel.lines) {
    const auto line = std::string_view(channel.said).substr(begin, end - begin);
    if (speaker != id) fault_.deliver(line, bytes, clients_[id].held);
    begin = end;
  }
  return bytes;
}

void Floor::send(Client& client, std::string_view bytes) {
  if (client.outgoing.empty() && !bytes.empty()) {
    // A connection that has failed is found out by reading it.
    const auto sent = ::send(client.socket.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    bytes.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
  }
  client.outgoing += bytes;
}

}  // namespace troupe::bench
