#pragma once

#include "test/sim/network.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sim {

/// What a client was sent, line by line, without CR LF.
struct Lines : std::vector<std::string> {
  using std::vector<std::string>::vector;

  /// How many lines this stands in.
  std::size_t count(std::string_view part) const;
  bool contains(std::string_view part) const { return count(part) > 0; }
  /// The place of the first line that this stands in; `size()` if there is none.
  std::size_t place_of(std::string_view part) const;
  /// The lines that this stands in.
  Lines with(std::string_view part) const;
};

std::ostream& operator<<(std::ostream& out, const Lines& lines);

/// A client as a test plays it.
class Client {
 public:
  explicit Client(std::shared_ptr<Peer> peer) : peer_(std::move(peer)) {}

  /// Sends lines; CR LF is added to each.
  template <class... Line>
  void sends(const Line&... lines) {
    (peer_->unread.append(lines).append("\r\n"), ...);
  }
  void sends_bytes(std::string_view bytes) { peer_->unread.append(bytes); }

  void stops_reading() { peer_->reads = false; }
  void reads_again();

  /// Closes its connection; what it sent before can still be read.
  void hangs_up() { peer_->ended = peer_->left = true; }
  /// Sends nothing more; whether it reads is another thing.
  void ends_its_output() { peer_->ended = true; }
  /// Its connection breaks: what the server has not read is lost.
  void is_cut_off();
  /// The connection's actor is told to exit, if it lives, or fails when it next writes.
  void connection_exits(caf::exit_reason reason);
  void connection_fails() { peer_->broken = true; }

  /// What came since this was asked last.
  Lines received();

  bool closed() const { return peer_->server_left; }  ///< by the server
  bool halted() const { return !peer_->reading; }     ///< the server does not read from it
  std::size_t unread() const { return peer_->unread.size(); }
  std::size_t queued() const { return peer_->wire ? peer_->wire->backlog() : 0; }
  bool remembered() const {
    return peer_->connection.lock() != nullptr;
  }  ///< its connection's actor is in memory
  Peer& peer() const { return *peer_; }

 private:
  std::shared_ptr<Peer> peer_;
};

}  // namespace troupe::sim
