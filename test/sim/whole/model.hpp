#pragma once

#include "db/message.hpp"
#include "test/sim/whole/order.hpp"
#include "test/sim/whole/plan.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sim {

/// A promise that was broken.
struct Violation {
  std::string kind;                ///< the same for the same mistake
  std::string what;                ///< this time
  std::vector<std::string> about;  ///< sessions ("u7"), messages ("m12") and channels that it concerns
};

/// Something that somebody said, and what became of it.
struct Saying {
  std::uint32_t from = 0;              ///< the session
  std::optional<std::size_t> channel;  ///< its number; nothing if it was said to one person
  protocol::MessageId id;              ///< once it is kept
  int kept = 0;                        ///< in how many places
  bool was_kept = false;
  bool seen = false;
  bool refused = false;
  bool excused = false;  ///< its sender was told no, and the server ended before it could see to that
  std::optional<std::uint32_t> life;  ///< of the channel, if that is known
};

/// What must hold, whatever happens. It knows what clients said, what they were shown and what is in store
/// and spool, and nothing of how the server works.
class Model {
 public:
  explicit Model(const Plan& plan);

  /// The first promise that was broken.
  const std::optional<Violation>& violation() const { return violation_; }
  void fail(std::string kind, std::string what, std::vector<std::string> about = {});

  // -- what clients said, and what became of it

  /// Somebody is about to say something: its number, which stands in its text.
  std::uint32_t says(std::uint32_t session, std::optional<std::size_t> channel);
  std::optional<std::uint32_t> find(std::string_view text) const;
  Saying& saying(std::uint32_t number) { return sayings_[number]; }
  /// Somebody was shown this, now; or has found it in the history, where what is refused in doubt stays until
  /// it could be removed.
  void shown(std::uint32_t number, std::uint32_t to);
  void found(std::uint32_t number, std::uint32_t by);
  void refused(std::uint32_t number);
  /// The store or the spool keeps it, or does not any more.
  void kept(const db::Message& message);
  void removed(const db::Message& message);

  /// The kept messages of a channel, in the order of their ids, which is that of history.
  const std::map<protocol::MessageId, std::uint32_t>& history(std::size_t channel) const {
    return histories_[channel];
  }

  // -- channels

  std::size_t channels() const { return orders_.size(); }
  Order& order(std::size_t channel) { return orders_[channel]; }
  std::optional<std::size_t> channel(std::string_view name) const;
  /// Adds what somebody has seen first.
  void append(std::size_t channel, const Event& event);

  /// Where a session comes from.
  std::function<std::string(std::uint32_t session)> host_of;

  /// Somebody was invited: from now on it is not known who may join.
  void invites(std::size_t channel) { invited_[channel] = true; }

  /// Somebody outside was told of a channel.
  void told_outside(std::size_t channel, std::uint32_t session, std::string_view by);

  // -- rest, and the end of a server

  /// All has come to rest. What was kept stays, what was refused is nowhere.
  void check_at_rest();
  /// One that is kept though its sender was told that it is not, and could not be told otherwise.
  std::optional<std::uint32_t> kept_though_refused() const;
  /// Persistence has died: what it was about to do may be done yet, whatever its successor says.
  void doubts();
  /// The server has ended by force.
  void crashed();

 private:
  std::optional<Violation> violation_;
  std::deque<Saying> sayings_;
  std::vector<Order> orders_;
  std::vector<std::map<protocol::MessageId, std::uint32_t>> histories_;
  struct Told {
    std::size_t channel = 0;
    std::uint32_t session = 0;
    std::string by;
  };
  std::vector<Told> told_outside_;  ///< whether that may be is known when all has come to rest
  std::vector<bool> invited_;
  bool doubts_ = false;
};

inline std::string session_name(std::uint32_t session) { return "u" + std::to_string(session); }
inline std::string message_name(std::uint32_t number) { return "m" + std::to_string(number); }

}  // namespace troupe::sim
