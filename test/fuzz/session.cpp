// One client's session: any bytes in any pieces, at any time, with the room's answers in between.
//
// A script's first letter chooses the rules; then each step is a letter:
//   r PIECE 0xFF  the client sends a piece of bytes       n NUMBER  the room answers so many commands
//   l LINE 0xFF   the same, with CR LF                    e         the room lets it enter
//   t NUMBER      time passes, in tenths of a second      f         the room refuses its nick
//   h, c, a       it is hushed, closed, abandoned         T NUMBER  time passes, in seconds
#include "chat/session.hpp"

#include "test/fuzz/check.hpp"
#include "test/fuzz/script.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

namespace {

using namespace troupe;
using fuzz::check;

Rules rules_for(std::uint8_t choice) {
  Rules rules;
  rules.server_name = "irc.test";
  if (choice & 1u) rules.password = "secret";
  if (choice & 2u) rules.credit = 2;
  if (choice & 4u) {
    rules.rate = 1;
    rules.burst = 3;
    rules.backlog = 600;
  }
  if (choice & 8u) rules.rate = 0;
  return rules;
}

/// The session, and what the room knows of it.
class Peer {
 public:
  explicit Peer(std::uint8_t choice) : rules_(rules_for(choice)), session_(rules_, "192.0.2.1", now_) {}

  void step(fuzz::Script& script) {
    const auto piece = [&] { return std::string{script.until()}; };
    switch (script.byte()) {
      case 'r':
        return receive(piece());
      case 'l':
        return receive(piece() + "\r\n");
      case 't':
        return pass(std::chrono::milliseconds{100} * script.byte());
      case 'T':
        return pass(std::chrono::seconds{script.byte()});
      case 'n':
        return answer(script.below(rules_.credit + 1), Standing::unchanged);
      case 'e':
        return settle(Standing::entered);
      case 'f':
        return settle(Standing::refused);
      case 'h':
        return session_.hush();
      case 'c':
        return session_.close("Server closing", now_);
      case 'a':
        return session_.abandon("Connection closed");
      default:
        return;
    }
  }

  /// Takes what the session has for the client and for the room, and checks what always holds of it.
  void take() {
    const auto output = session_.take_output();
    fuzz::check_lines(output, protocol::limits::tags);
    for (const auto& command : session_.take_commands()) {
      ++unanswered_;
      check(!entering_, "nothing follows a registration before its answer");
      if (const auto* who = std::get_if<Registration>(&command)) {
        check(!session_.registered(), "nobody registers twice");
        check(!who->nick.empty() && !who->user.empty(), "a registration is complete");
        entering_ = true;
      } else {
        check(session_.registered(), "commands of those who have not registered stay in the session");
      }
    }
    check(unanswered_ <= rules_.credit, "no more commands are unanswered than there is credit");
    check(!ended_ || (output.empty() && unanswered_ == known_), "nothing follows the end");
    check(!session_.ended() || !session_.wants_input(), "a session that has ended wants nothing");
    ended_ = session_.ended();
    known_ = unanswered_;
  }

 private:
  void receive(const std::string& bytes) { session_.receive(bytes, now_); }

  void pass(Session::Instant::duration time) {
    now_ += time;
    session_.tick(now_);
  }

  void answer(std::size_t commands, Standing standing) {
    commands = std::min(commands, unanswered_);
    if (commands == 0 || (entering_ && standing == Standing::unchanged)) return;
    unanswered_ -= commands;
    known_ = unanswered_;
    entering_ = false;
    session_.answered(commands, standing, now_);
  }

  void settle(Standing standing) {
    if (entering_) answer(1, standing);
  }

  Rules rules_;
  Session::Instant now_{};
  Session session_;
  std::size_t unanswered_ = 0;
  std::size_t known_ = 0;  ///< unanswered ones when it was last looked at
  bool entering_ = false;
  bool ended_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  Peer peer(script.byte());
  while (!script.ended()) {
    peer.step(script);
    peer.take();
  }
  return 0;
}
