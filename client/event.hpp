#pragma once

#include "protocol/message_id.hpp"

#include <optional>
#include <string>

namespace troupe::client {

enum class EventKind {
  message,   ///< somebody said something
  action,    ///< somebody did something (/me)
  notice,    ///< as a message, but nothing may answer it by itself
  presence,  ///< who comes, goes, and is called what; changes of topic and mode
  info,      ///< an answer to what the person asked
  server,    ///< what the server tells everybody: welcome, message of the day, names on joining
  error,     ///< something did not work
};

/// One thing to show. What others wrote stands in it as it came: only formatting makes it safe to print.
struct Event {
  EventKind kind = EventKind::info;
  std::string text;
  std::string nick;                    ///< who said it; empty except for message, action and notice
  std::string context;                 ///< where, if not in the current room: "#other", "private", "to bob"
  bool own = false;                    ///< said by this client
  std::optional<protocol::Time> time;  ///< when, if the server said so
  bool past = false;                   ///< from the history: not said now

  bool operator==(const Event&) const = default;
};

}  // namespace troupe::client
