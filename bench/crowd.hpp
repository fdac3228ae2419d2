#pragma once

#include "bench/descriptor.hpp"
#include "bench/transcript.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <vector>

namespace troupe::bench {

/// A server's address.
struct ServerAddress {
  sockaddr_storage address{};
  socklen_t size = 0;

  /// Throws std::runtime_error if there is no such host.
  static ServerAddress resolve(const std::string& host, std::uint16_t port);
};

/// Who is to come: a client that registers and, unless `channel` is empty, joins.
struct Newcomer {
  std::string nick;
  std::string channel;
  bool deaf = false;  ///< it reads nothing once it has joined, and its kernel keeps little for it
};

/// Very many IRC clients on one event loop. Each connects, registers, joins, answers the server's PINGs, and
/// is ready; from then on what a channel's member reads is handed on as it comes.
///
/// Whatever a server says or does that keeps a client from getting ready, or disconnects it later, is thrown
/// as std::runtime_error.
class Crowd {
 public:
  using Id = std::uint32_t;  ///< in the order of `add`
  /// What a ready member of a channel has just read.
  using OnRead = std::function<void(Id, std::string_view bytes, Instant now)>;

  /// At most `at_a_time` clients are on their way in at once.
  Crowd(const ServerAddress& server, std::size_t at_a_time, OnRead on_read);

  Id add(Newcomer newcomer);

  /// Waits at most so long for something to happen, and handles what has. Says whether anything had.
  bool turn(std::chrono::milliseconds at_most);

  void send(Id id, std::string_view line);
  /// Answers a line that is a PING.
  void answer(Id id, std::string_view line);

  /// Whether the server has closed a deaf client's connection. What was on its way is read first; a server
  /// that has said nothing for so long has not.
  bool was_closed(Id id, std::chrono::milliseconds patience);

  std::size_t size() const { return newcomers_.size(); }
  std::size_t ready() const { return ready_; }

 private:
  enum class Phase : std::uint8_t { connecting, registering, joining, idle, member, deaf };
  struct Client {
    Descriptor socket;
    Phase phase = Phase::connecting;
    std::string outgoing;  ///< what the kernel did not take yet
    std::string unread;    ///< an unfinished line, while lines are handled here
  };

  void connect(Id id);
  void read(Id id, bool to_the_end);
  void read_lines(Id id, std::string_view bytes, Instant now);
  void handle(Id id, std::string_view line);
  void flush(Id id);
  void get_ready(Id id, Phase phase);
  [[noreturn]] void fail(Id id, std::string_view why) const;

  ServerAddress server_;
  std::size_t at_a_time_;
  OnRead on_read_;
  Descriptor epoll_;
  std::vector<Newcomer> newcomers_;
  std::vector<Client> clients_;  ///< those that have set out
  std::size_t ready_ = 0;
  std::vector<char> buffer_;
};

}  // namespace troupe::bench
