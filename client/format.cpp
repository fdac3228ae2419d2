#include "client/format.hpp"

#include "client/clean.hpp"
#include "protocol/names.hpp"

#include <array>
#include <cstdint>
#include <ctime>

namespace troupe::client {

namespace {

// Select Graphic Rendition parameters (ECMA-48, 8.3.117); the colours can be read on dark and on light.
constexpr std::array<std::string_view, 10> nick_colours = {"31", "32", "33", "34", "35",
                                                           "36", "91", "92", "94", "95"};
constexpr std::string_view dim = "2";
constexpr std::string_view red = "31";

std::string painted(std::string_view text, std::string_view rendition, const Style& style) {
  if (!style.colours) return std::string(text);
  return "\x1B[" + std::string(rendition) + "m" + std::string(text) + "\x1B[0m";
}

std::string local(protocol::Time time, const char* form) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  if (localtime_r(&seconds, &parts) == nullptr) return "?";
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), form, &parts)};
}

std::string name(const Event& event, const Style& style) {
  std::string rendition(nick_colours[colour_of(event.nick, nick_colours.size())]);
  if (event.own) rendition = "1;" + rendition;
  return painted(printable(event.nick), rendition, style);
}

std::string body(const Event& event, const Style& style) {
  const auto text = printable(event.text);
  switch (event.kind) {
    case EventKind::message:
      return "<" + name(event, style) + "> " + text;
    case EventKind::action:
      return "* " + name(event, style) + " " + text;
    case EventKind::notice:
      return "-" + name(event, style) + "- " + text;
    case EventKind::error:
      return painted("!! " + text, red, style);
    case EventKind::info:
      return painted("--", dim, style) + " " + text;
    case EventKind::presence:
    case EventKind::server:
      break;
  }
  return painted("-- " + text, dim, style);
}

}  // namespace

std::size_t colour_of(std::string_view nick, std::size_t colours) {
  std::uint32_t hash = 2166136261u;  // FNV-1a, because std::hash may differ from one run to the next
  for (const char c : protocol::casefold(nick)) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash % colours;
}

std::string local_clock(protocol::Time time) { return local(time, "%H:%M"); }

std::string local_past_clock(protocol::Time time, protocol::Time now) {
  const bool today = local(time, "%F") == local(now, "%F");
  return local(time, today ? "%H:%M" : "%F %H:%M");
}

std::string format(const Event& event, const Style& style, protocol::Time now) {
  std::string line;
  const auto time = event.time.value_or(now);
  if (event.past && style.past_clock)
    line = painted(style.past_clock(time, now), dim, style) + " ";
  else if (style.clock)
    line = painted(style.clock(time), dim, style) + " ";
  if (!event.context.empty()) line += "[" + printable(event.context) + "] ";
  return line + body(event, style);
}

}  // namespace troupe::client
