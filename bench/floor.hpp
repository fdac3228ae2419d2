#pragma once

#include "bench/descriptor.hpp"
#include "bench/fault.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe::bench {

/// The least that a server's fan-out can cost: one thread that reads what is ready and, once a turn, writes
/// each member what was said in its channel meanwhile. It knows just enough IRC for `Fanout`'s clients (a
/// client has one channel at most), and checks nothing.
class Floor {
 public:
  /// Listens on that port of 127.0.0.1; 0: on any free one. Throws std::runtime_error.
  Floor(std::uint16_t port, Fault fault);

  std::uint16_t port() const;

  /// Serves for ever.
  [[noreturn]] void run();

 private:
  static constexpr std::uint32_t none = UINT32_MAX;
  struct Client {
    Descriptor socket;
    std::uint32_t channel = none;
    bool spoke = false;  ///< in this turn
    std::string nick;
    std::string unread;    ///< an unfinished line
    std::string outgoing;  ///< what the kernel did not take yet
    std::string held;      ///< what a fault keeps back
  };
  struct Said {
    std::uint32_t speaker;
    std::size_t end;  ///< of its line in `said`
  };
  struct Channel {
    std::string name;
    std::vector<std::uint32_t> members;
    std::string said;  ///< the lines of this turn
    std::vector<Said> lines;
  };

  void admit();
  void read(std::uint32_t id);
  void handle(std::uint32_t id, std::string_view line);
  void join(std::uint32_t id, std::string_view name);
  void leave(std::uint32_t id);
  void fan_out(Channel& channel);
  std::string lines_for(const Channel& channel, std::uint32_t id);
  void send(Client& client, std::string_view bytes);

  Descriptor listener_;
  Descriptor epoll_;
  Fault fault_;
  std::deque<Client> clients_;
  std::vector<std::uint32_t> vacant_;  ///< places in `clients_`
  std::deque<Channel> channels_;
  std::unordered_map<std::string, std::uint32_t> channel_of_;
  std::vector<std::uint32_t> spoken_in_;  ///< channels, in this turn
  std::vector<char> buffer_;
};

}  // namespace troupe::bench
