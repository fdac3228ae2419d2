#pragma once

#include "chat/ids.hpp"

#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace troupe {

/// Whose turn it is among clients of whom more than one has something to do. Each network has one turn before
/// any network has another, and so have its clients among themselves: a hundred connections of one address
/// get as much as one of another (as in fair queueing, RFC 8290, 4.2).
class Turns {
 public:
  /// A client that does not wait yet, behind the others of its network.
  void add(const std::string& network, ConnectionId client);
  /// Whose turn it is; it does not wait any more. At least one has to.
  ConnectionId take();

  bool empty() const { return order_.empty(); }
  /// True if somebody of this network waits.
  bool has(std::string_view network) const { return waiting_.contains(network); }
  void clear() { *this = {}; }

 private:
  std::map<std::string, std::deque<ConnectionId>, std::less<>> waiting_;  ///< by network, none without any
  std::deque<std::string> order_;                                         ///< of the networks in there
};

}  // namespace troupe
