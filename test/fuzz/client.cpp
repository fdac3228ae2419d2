// The client and a hostile server: whatever comes, nothing that is shown moves the terminal's cursor, and
// what is sent is well-formed.
//
// A script's first letter chooses between a person and a program, and whether there is a password; then each
// step is a letter:
//   s PIECE 0xFF  the server sends a piece of bytes      c    the connection stands
//   l LINE 0xFF   the same, with CR LF                   x    it is lost, or could not be made
//   k TEXT 0xFF   a line is typed                        d    the time comes that the client waits for
//   t NUMBER      time passes, in seconds                e, i input ends; it is interrupted
#include "client/clean.hpp"
#include "client/format.hpp"
#include "client/lines.hpp"
#include "client/session.hpp"
#include "protocol/text.hpp"
#include "test/fuzz/check.hpp"
#include "test/fuzz/script.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace troupe;
using namespace troupe::client;
using fuzz::check;

constexpr std::size_t longest_line = 16 * 1024;  // see ConnectionState

Options options_for(std::uint8_t choice) {
  Options options;
  options.username = "alice";
  options.room = "#lobby";
  if (choice & 2u) options.password = "secret";
  return options;
}

/// Checks that a terminal shows this as what it is: no control characters, and nothing that turns the writing
/// direction.
void check_shown(std::string_view text) {
  check(protocol::is_utf8(text), "what is shown is UTF-8", text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](std::size_t n) {
      return i + n < text.size() ? static_cast<unsigned char>(text[i + n]) : 0u;
    };
    check(byte(0) >= 0x20 && byte(0) != 0x7F, "nothing that is shown is a control character", text);
    check(byte(0) != 0xC2 || byte(1) >= 0xA0, "nothing that is shown is one of C1", text);
    const auto three = byte(0) << 16 | byte(1) << 8 | byte(2);
    check(three < 0xE280A8 || three > 0xE280AE, "nothing that is shown turns the direction", text);
    check(three < 0xE281A6 || three > 0xE281A9, "nothing that is shown isolates a direction", text);
  }
}

class Program {
 public:
  explicit Program(std::uint8_t choice)
      : session_(options_for(choice), choice & 1u ? Manner::script : Manner::terminal) {
    follow(session_.start(now_));
  }

  bool ended() const { return ended_; }

  void step(fuzz::Script& script) {
    switch (script.byte()) {
      case 's':
        return receive(std::string{script.until()});
      case 'l':
        return receive(std::string{script.until()} + "\r\n");
      case 'k':
        if (session_.wants_input()) follow(session_.typed(now_, script.until()));
        return;
      case 'c':
        if (std::exchange(dialling_, false)) {
          open_ = true;
          follow(session_.connected(now_));
        }
        return;
      case 'x':
        if (dialling_ || open_ || closing_) {
          dialling_ = open_ = closing_ = false;
          incoming_ = LineBuffer{longest_line};
          follow(session_.lost(now_, "connection reset"));
        }
        return;
      case 'd':
        if (const auto due = session_.deadline()) now_ = std::max(now_, *due);
        return follow(session_.expired(now_));
      case 't':
        now_ += std::chrono::seconds{script.byte()};
        return follow(session_.expired(now_));
      case 'e':
        return follow(session_.input_ended(now_));
      case 'i':
        return follow(session_.interrupted(now_));
      default:
        return;
    }
  }

 private:
  void receive(const std::string& bytes) {
    if (open_) follow(session_.received(now_, incoming_.add(bytes)));
  }

  void follow(const Step& step) {
    check(step.bytes.empty() || open_, "nothing is sent without a connection");
    fuzz::check_lines(step.bytes, protocol::limits::client_tags);
    for (const auto& event : step.events) {
      static const Style style{false, {}, [](auto time, auto) { return protocol::to_timestamp(time); }};
      check_shown(format(event, style, {}));
    }
    check_shown(session_.prompt());
    if (step.disconnect) {
      closing_ |= open_ || dialling_;
      open_ = dialling_ = false;
    }
    if (step.connect) {
      check(!dialling_ && !open_ && !closing_, "one connection is made at a time");
      dialling_ = true;
    }
    ended_ = step.end.has_value();
    if (ended_) check_shown(printable(step.end->complaint));
  }

  Clock::time_point now_{};
  Session session_;
  LineBuffer incoming_{longest_line};
  bool dialling_ = false;
  bool open_ = false;
  bool closing_ = false;  ///< `disconnect` was asked for, and `lost` is still to come
  bool ended_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  Program program(script.byte());
  while (!script.ended() && !program.ended()) program.step(script);
  return 0;
}
