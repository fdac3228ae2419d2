#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// What the server tells its operator: events with values, never what anybody said in a message. A line about
/// a client carries its connection's id as "connection".
namespace troupe::log {

using Value = std::variant<std::int64_t, bool, std::string>;

/// One of an event's values.
struct Field {
  std::string key;  ///< lower case and underscores
  Value value;

  Field(std::string_view name, std::string text) : key(name), value(std::move(text)) {}
  Field(std::string_view name, std::string_view text) : Field(name, std::string{text}) {}
  Field(std::string_view name, const char* text) : Field(name, std::string{text}) {}
  Field(std::string_view name, bool yes) : key(name), value(yes) {}
  template <std::integral Number>
  Field(std::string_view name, Number number) : key(name), value(static_cast<std::int64_t>(number)) {}
  /// An id such as ConnectionId.
  template <class Id>
  requires std::is_enum_v<Id> Field(std::string_view name, Id id)
      : Field(name, static_cast<std::underlying_type_t<Id>>(id)) {}

  bool operator==(const Field&) const = default;
};

struct Event {
  std::string name;  ///< some plain words, always the same ones for the same event
  std::vector<Field> fields;

  bool operator==(const Event&) const = default;
};

enum class Level { debug, info, warn, error, critical };

/// An event to be logged by whoever may do so: logic only says what is worth it.
struct Line {
  Level level = Level::info;
  Event event;

  bool operator==(const Line&) const = default;
};

/// "name key=value key=value": a value that could be misread is in quotes.
std::string to_text(const Event& event);

/// What `to_text` wrote. A text that it could not have written becomes the name of an event without values.
Event from_text(std::string_view text);

/// Whether debug lines are logged: what is costly to find out need not be found out otherwise.
bool has_debug();

// None of these waits: what can't be written soon enough is dropped and counted, see server/logging.hpp.
void write(const Line& line);
void debug(const Event& event);
void info(const Event& event);
void warn(const Event& event);
void error(const Event& event);
void critical(const Event& event);

inline void debug(std::string_view name, std::initializer_list<Field> fields = {}) {
  if (has_debug()) debug(Event{std::string{name}, fields});
}
inline void info(std::string_view name, std::initializer_list<Field> fields = {}) {
  info(Event{std::string{name}, fields});
}
inline void warn(std::string_view name, std::initializer_list<Field> fields = {}) {
  warn(Event{std::string{name}, fields});
}
inline void error(std::string_view name, std::initializer_list<Field> fields = {}) {
  error(Event{std::string{name}, fields});
}
inline void critical(std::string_view name, std::initializer_list<Field> fields = {}) {
  critical(Event{std::string{name}, fields});
}

}  // namespace troupe::log
