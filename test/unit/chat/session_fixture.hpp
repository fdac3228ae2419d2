#pragma once

#include "chat/session.hpp"
#include "test/unit/chat/lines.hpp"

#include <chrono>
#include <functional>
#include <string_view>

namespace troupe::test {

/// A client's end of a session, and the room's:
///
///   SessionFixture client;
///   client.sends("NICK alice");
///   client.sends("USER alice 0 * :Alice");
///   CHECK(client.asks() == Lines{"(enter) alice alice host :Alice"});
///   client.is_answered(1, Standing::entered);
///
/// Its server is "irc.test"; time passes only when it says so.
class SessionFixture {
 public:
  using Config = std::function<void(Rules&)>;

  explicit SessionFixture(const Config& configure = [](Rules&) {});

  /// Sends lines, each with its CR LF, all at once.
  void sends(const Lines& lines);
  template <class... More>
  void sends(std::string_view first, const More&... more) {
    sends(Lines{std::string{first}, std::string{more}...});
  }
  /// Sends bytes as they are.
  void sends_bytes(std::string_view bytes);

  /// Registers under this nick: the room lets it enter.
  void registers(std::string_view nick = "alice");

  /// What the session itself sent since this was last asked.
  Lines gets();

  /// What the room was asked since this was last asked: a message as its line, a registration as
  /// "(enter) nick user host :realname", and a line that is no message as "(too long)" and the like.
  Lines asks();

  /// The room has answered this many commands.
  void is_answered(std::size_t commands = 1, Standing standing = Standing::unchanged);

  /// Time passes, and the session looks at the clock.
  void waits(std::chrono::milliseconds time);
  /// Time passes, and the session does not look.
  void sleeps(std::chrono::milliseconds time) { now += time; }

  const Rules rules;
  Session::Instant now{};
  Session session;
};

}  // namespace troupe::test
