#pragma once

#include "client/event.hpp"
#include "protocol/message_id.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace troupe::client {

/// How events look.
struct Style {
  bool colours = false;  ///< names coloured, what is not said by anybody dimmed, errors red
  /// Writes a time for the beginning of a line, as "12:34"; lines have no time without it.
  std::function<std::string(protocol::Time)> clock = {};
  /// The same for the lines of the past, as seen from `now`.
  std::function<std::string(protocol::Time time, protocol::Time now)> past_clock = {};
};

/// "12:34" in the local time zone.
std::string local_clock(protocol::Time time);

/// The same, or "2026-01-31 12:34" if that is not on the day of `now`.
std::string local_past_clock(protocol::Time time, protocol::Time now);

/// The event as one line, without its end. `now` is the time of an event that has none. Everything in it that
/// others wrote is made printable.
std::string format(const Event& event, const Style& style, protocol::Time now);

/// The number, from 0, of a name's colour out of `colours`: the same for the same name in any spelling.
std::size_t colour_of(std::string_view nick, std::size_t colours);

}  // namespace troupe::client
