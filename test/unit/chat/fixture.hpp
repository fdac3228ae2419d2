#pragma once

#include "chat/room.hpp"
#include "chat/roster.hpp"
#include "test/unit/chat/lines.hpp"

#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::test {

/// The capabilities named, "batch server-time".
protocol::CapabilitySet capabilities(std::string_view names);

/// A room in which people say lines and hear what comes of them, as a roster brings it to them:
///
///   RoomFixture room;
///   const auto alice = room.enters("alice");
///   room.says(alice, "JOIN #a");
///   CHECK(room.hears(alice) == Lines{":alice!alice@host JOIN #a", …});
///
/// Its server is "irc.test", its clock stands still unless `now` is moved. What is said is heard once
/// somebody asks what they hear, as if it had been committed and delivered at that moment; a test that wants
/// to see to that itself takes the batch.
class RoomFixture {
 public:
  using Config = std::function<void(RoomConfig&)>;

  explicit RoomFixture(const Config& configure = [](RoomConfig&) {});

  /// A client registers under this nick, as nick!nick@host, and has read the welcome.
  ConnectionId enters(std::string_view nick, std::string_view capabilities = {});
  /// The same, by all that it says of itself; what it is told is still to be heard.
  ConnectionId enters(Registration who);
  void leaves(ConnectionId who, std::string_view reason = "Connection closed");

  void says(ConnectionId who, std::string_view line);

  /// Each of them joins the channel in turn, and all have heard about it.
  void gathers(std::string_view channel, std::initializer_list<ConnectionId> members);

  /// What somebody was sent since it was last asked.
  Lines hears(ConnectionId who);
  /// Everybody has heard what there was.
  void forget();
  void forget(ConnectionId who);

  /// Somebody takes nothing of what it is sent from now on, or all of it again.
  void stops_taking(ConnectionId who) { mailboxes_[who].takes = false; }
  void takes(ConnectionId who) { mailboxes_[who].takes = true; }
  /// What was sent to somebody that was not heard yet.
  std::size_t unheard(ConnectionId who) { return mailboxes_[who].bytes.size(); }

  /// How many commands of somebody were answered since it was last asked.
  std::size_t answered(ConnectionId who);
  /// What the latest delivery said of somebody's standing.
  Standing standing(ConnectionId who);

  /// What has happened since the last delivery, instead of its being heard.
  Batch takes_batch() { return chat.take_output(); }
  void delivers(const Batch& batch, Batch::Outcome outcome = Batch::Outcome::kept);

  /// What has happened is committed and delivered, and what comes of that as well: long answers go on as they
  /// are taken.
  void settles();

  /// The most text that a batch has held.
  std::size_t largest_batch = 0;

  Room chat;
  protocol::Time now;
  std::vector<db::Message> stored;  ///< what was kept so

 private:
  struct Mailbox final : Receiver {
    std::string bytes;
    std::size_t answers = 0;
    bool asked = false;
    bool takes = true;
    Standing standing = Standing::unchanged;

    void hear(std::string_view text) override { bytes += text; }
    void answered(const Answer& answer) override;
  };

  bool settles_once();

  Roster roster_;
  std::map<ConnectionId, Mailbox> mailboxes_;
  std::uint64_t last_id_ = 0;
};

}  // namespace troupe::test
