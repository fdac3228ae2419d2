#include "client/replies.hpp"

#include "protocol/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <ctime>

namespace troupe::client {

namespace {

using protocol::Message;

bool is_numeric(const Message& message) {
  return message.command.size() == 3 && std::all_of(message.command.begin(), message.command.end(),
                                                    [](char c) { return c >= '0' && c <= '9'; });
}

bool is_standard_reply(const Message& message) {
  return message.command == "FAIL" || message.command == "WARN" || message.command == "NOTE";
}

// The parameter with this index, or an empty text. The first of a numeric is who it is for.
std::string_view param(const Message& message, std::size_t index) {
  return index < message.params.size() ? std::string_view(message.params[index]) : std::string_view{};
}

// The parameters from `first` to the last but one, separated by spaces.
std::string middle(const Message& message, std::size_t first) {
  std::string text;
  for (std::size_t i = first; i + 1 < message.params.size(); ++i) {
    if (!text.empty()) text += ' ';
    text += message.params[i];
  }
  return text;
}

// "subject: what about it", or the latter alone.
std::string about(const std::string& subject, std::string_view text) {
  return subject.empty() ? std::string(text) : subject + ": " + std::string(text);
}

std::string date(std::string_view seconds_since_epoch) {
  const auto number = protocol::to_number(seconds_since_epoch);
  if (!number) return std::string(seconds_since_epoch);
  const auto seconds = static_cast<std::time_t>(*number);
  std::tm parts{};
  std::array<char, 32> text{};
  if (localtime_r(&seconds, &parts) == nullptr) return std::string(seconds_since_epoch);
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &parts)};
}

// A template in which "%2" stands for the parameter of that index, and "%d" followed by an index for one that
// is a time in seconds.
std::string fill(std::string_view form, const Message& message) {
  std::string text;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] != '%') {
      text += form[i];
      continue;
    }
    const bool time = form[++i] == 'd';
    if (time) ++i;
    const auto value = param(message, static_cast<std::size_t>(form[i] - '0'));
    text += time ? date(value) : std::string(value);
  }
  return text;
}

struct Form {
  std::string_view numeric;
  EventKind kind;
  std::string_view text;  // empty for one that is not shown
};

// Modern IRC, "Numerics". Whatever is not here is shown as its parameters stand.
constexpr std::array forms = {
    Form{"001", EventKind::server, "%1"},
    Form{"002", EventKind::server, ""},
    Form{"003", EventKind::server, ""},
    Form{"004", EventKind::server, ""},
    Form{"005", EventKind::server, ""},
    Form{"250", EventKind::server, ""},
    Form{"251", EventKind::server, ""},
    Form{"252", EventKind::server, ""},
    Form{"253", EventKind::server, ""},
    Form{"254", EventKind::server, ""},
    Form{"255", EventKind::server, ""},
    Form{"265", EventKind::server, ""},
    Form{"266", EventKind::server, ""},
    Form{"301", EventKind::info, "%1 is away: %2"},
    Form{"305", EventKind::info, "you are no longer marked as away"},
    Form{"306", EventKind::info, "you are marked as away"},
    Form{"311", EventKind::info, "%1 (%2@%3): %5"},
    Form{"312", EventKind::info, "%1 is on %2 (%3)"},
    Form{"313", EventKind::info, "%1 %2"},
    Form{"315", EventKind::info, ""},
    Form{"317", EventKind::info, "%1 has been silent for %2 s and here since %d3"},
    Form{"318", EventKind::info, ""},
    Form{"319", EventKind::info, "%1 is in %2"},
    Form{"321", EventKind::info, ""},
    Form{"322", EventKind::info, "%1 (%2) %3"},
    Form{"323", EventKind::info, ""},
    Form{"324", EventKind::info, ""},
    Form{"329", EventKind::info, ""},
    Form{"331", EventKind::info, "%1 has no topic"},
    Form{"332", EventKind::info, "topic of %1: %2"},
    Form{"333", EventKind::server, "set by %2 at %d3"},
    Form{"341", EventKind::info, "%1 is invited to %2"},
    Form{"368", EventKind::info, ""},
    Form{"372", EventKind::server, "%1"},
    Form{"375", EventKind::server, ""},
    Form{"376", EventKind::server, ""},
    Form{"396", EventKind::server, ""},
    Form{"422", EventKind::server, ""},
};

}  // namespace

bool is_refusal(const Message& message) {
  if (message.command == "FAIL") return true;
  if (!is_numeric(message) || message.command == "422") return false;  // 422: there is no message of the day
  return message.command.front() == '4' || message.command.front() == '5';
}

bool is_reply(const Message& message) { return is_numeric(message) || is_standard_reply(message); }

Event describe_reply(const Message& message) {
  Event event;
  if (is_standard_reply(message)) {
    // The command, a code for programs, what it is about, and a description (standard-replies).
    event.kind = message.command == "FAIL" ? EventKind::error : EventKind::info;
    if (message.params.size() >= 3) event.text = about(middle(message, 2), message.params.back());
    return event;
  }
  if (is_refusal(message)) {
    event.kind = EventKind::error;
    event.text = about(middle(message, 1), message.params.empty() ? "" : message.params.back());
    return event;
  }
  const auto* const form =
      std::find_if(forms.begin(), forms.end(), [&](const Form& f) { return f.numeric == message.command; });
  if (form != forms.end()) {
    event.kind = form->kind;
    event.text = fill(form->text, message);
  } else if (is_numeric(message)) {
    event.text = about(middle(message, 1), message.params.empty() ? "" : message.params.back());
  }
  return event;
}

}  // namespace troupe::client
