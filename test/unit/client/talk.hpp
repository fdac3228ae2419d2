#pragma once

#include "client/conversation.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::client {

using Lines = std::vector<std::string>;

// A conversation together with what came of it so far.
struct Talk {
  explicit Talk(Conversation::Settings settings = {"ann", "", {{"#lobby", ""}}}, History history = {})
      : conversation(std::move(settings), std::move(history)) {
    take(conversation.open());
  }

  void take(Output output) {
    lines = std::move(output.lines);
    events = std::move(output.events);
  }
  void hear(std::string_view line) { take(conversation.receive(line)); }
  void type(std::string_view line) { take(conversation.submit(*parse_input(line))); }

  // The texts of the events that came of the last input.
  Lines shown() const {
    Lines texts;
    for (const auto& event : events) texts.push_back(event.text);
    return texts;
  }

  Conversation conversation;
  Lines lines;
  std::vector<Event> events;
};

inline constexpr std::string_view capabilities =
    "batch echo-message labeled-response message-tags server-time";

// A conversation with a server that has every capability but a history, in #lobby; the next label is 2.
inline Talk in_lobby() {
  Talk talk;
  talk.hear(":srv CAP * LS :" + std::string(capabilities));
  talk.hear(":srv CAP ann ACK :" + std::string(capabilities));
  talk.hear(":srv 001 ann :Welcome");
  talk.hear("@label=1 :ann!ann@host JOIN #lobby");
  return talk;
}

// The same with a server that has none.
inline Talk in_plain_lobby() {
  Talk talk;
  talk.hear(":srv 421 ann CAP :Unknown command");
  talk.hear(":srv 001 ann :Welcome");
  talk.hear(":ann!ann@host JOIN #lobby");
  talk.hear(":srv PONG srv troupe-1");
  return talk;
}

}  // namespace troupe::client
