#pragma once

#include "client/session.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::client {

// A session at a time that the test sets, with all that it has done.
struct Course {
  using Lines = std::vector<std::string>;

  static constexpr std::string_view capabilities = "batch echo-message labeled-response";
  static constexpr std::string_view with_history =
      "batch draft/chathistory echo-message labeled-response message-tags server-time";

  explicit Course(Manner manner) : session(options(), manner) { take(session.start(now)); }

  static Options options() { return {"chat.example", 6667, "ann", "#lobby", "secret"}; }

  void take(Step step) {
    if (step.connect) ++connects;
    if (step.disconnect) ++disconnects;
    sent += step.bytes;
    for (const auto& event : step.events) shown.push_back(event.text);
    if (step.end) end = step.end;
  }

  void connected() { take(session.connected(now)); }
  void hear(std::string line) { take(session.received(now, {std::move(line)})); }
  void type(std::string_view line) { take(session.typed(now, line)); }
  void lose(std::string_view why = "closed by the server") { take(session.lost(now, why)); }
  void interrupt() { take(session.interrupted(now)); }
  void end_input() { take(session.input_ended(now)); }

  // Lets time pass until the session's deadline, which must be so far away.
  void wait(Clock::duration time) {
    REQUIRE(session.deadline());
    CHECK(*session.deadline() == now + time);
    now += time;
    take(session.expired(now));
  }

  // Until the room is entered; what is sent because of that is kept.
  void enter(std::string_view list = capabilities) {
    connected();
    hear(":srv CAP * LS :" + std::string(list));
    hear(":srv CAP ann ACK :" + std::string(list));
    hear(":srv 001 ann :Welcome");
    sent.clear();
    hear("@label=1 :ann!ann@host JOIN #lobby");
    shown.clear();
  }

  // What has been sent since the last call.
  std::string said() { return std::exchange(sent, {}); }

  Clock::time_point now{std::chrono::hours(1)};
  Session session;
  int connects = 0;
  int disconnects = 0;
  std::string sent;
  Lines shown;
  std::optional<Ending> end;
};

}  // namespace troupe::client
