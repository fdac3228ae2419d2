// What a conversation does with what the server says; the rest of it is in conversation.cpp.

#include "client/clean.hpp"
#include "client/conversation.hpp"
#include "client/replies.hpp"
#include "protocol/limits.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace troupe::client {

namespace {

using protocol::Capability;
using protocol::Message;

constexpr std::size_t server_tags =
    8191;  // bytes of tags that a server may send (message-tags, "Size limit")
constexpr std::size_t longest_names = 400;  // bytes of a room's names that are shown
constexpr std::size_t excerpt = 60;         // bytes of a text that an error repeats

// Forgives what this project's server never does: bytes that are no UTF-8, and lines that are too long.
std::optional<Message> read(std::string_view line) {
  auto message = protocol::parse(line, server_tags);
  if (message) return *std::move(message);
  if (message.error() == protocol::ParseError::invalid_utf8) return read(valid_utf8(line));
  if (message.error() != protocol::ParseError::too_long) return std::nullopt;
  const auto tags = line.starts_with('@') ? std::min(line.find(' ') + 1, line.size()) : 0;
  message = protocol::parse(protocol::cut(line, tags + protocol::limits::line - 2), server_tags);
  return message ? std::optional(*std::move(message)) : std::nullopt;
}

std::string nick_of(const Message& message) { return message.source.substr(0, message.source.find('!')); }

std::optional<protocol::Time> time_of(const Message& message) {
  const auto time = message.tag("time");
  return time ? protocol::parse_timestamp(*time) : std::nullopt;
}

std::string because(std::string_view reason) {
  return reason.empty() ? std::string{} : " (" + std::string(reason) + ")";
}

std::string param(const Message& message, std::size_t index) {
  return index < message.params.size() ? message.params[index] : std::string{};
}

std::string shortened(std::string_view text) {
  const auto part = protocol::cut(text, excerpt);
  return std::string(part) + (part.size() < text.size() ? "…" : "");
}

}  // namespace

Conversation::Handler Conversation::handler_of(std::string_view command) {
  struct Row {
    std::string_view command;
    Handler handler;
  };
  static constexpr std::array rows = {
      Row{"001", &Conversation::on_welcome},      Row{"353", &Conversation::on_names},
      Row{"005", &Conversation::on_isupport},     Row{"BATCH", &Conversation::on_batch},
      Row{"366", &Conversation::on_end_of_names}, Row{"AWAY", &Conversation::on_away},
      Row{"CAP", &Conversation::on_capabilities}, Row{"ERROR", &Conversation::on_error},
      Row{"INVITE", &Conversation::on_invite},    Row{"JOIN", &Conversation::on_join},
      Row{"KICK", &Conversation::on_kick},        Row{"MODE", &Conversation::on_mode},
      Row{"NICK", &Conversation::on_nick},        Row{"NOTICE", &Conversation::on_text},
      Row{"PART", &Conversation::on_part},        Row{"PING", &Conversation::on_ping},
      Row{"PRIVMSG", &Conversation::on_text},     Row{"QUIT", &Conversation::on_quit},
      Row{"TOPIC", &Conversation::on_topic},
  };
  const auto* const row = std::find_if(rows.begin(), rows.end(),
                                       [&](const Row& candidate) { return candidate.command == command; });
  return row == rows.end() ? &Conversation::on_reply : row->handler;
}

Output Conversation::receive(std::string_view line) {
  if (const auto message = read(line)) {
    if (history_.expects(*message))
      on_past(*message);
    else
      (this->*handler_of(message->command))(*message);
    const bool asked = outbox_.awaits(Purpose::history);
    outbox_.settle(*message);
    if (asked && !outbox_.awaits(Purpose::history)) show(history_.answered());
    pump();
  }
  return take();
}

void Conversation::on_ping(const Message& message) { send({{}, {}, "PONG", message.params}); }

void Conversation::on_capabilities(const Message& message) {
  for (const auto& answer : negotiation_.receive(message)) send(answer);
}

void Conversation::on_welcome(const Message& message) {
  if (registered_) return;
  registered_ = true;
  if (is_name(param(message, 0))) nick_ = param(message, 0);
  for (const auto& room : settings_.rooms) enter(room, Purpose::enter);
  show(message, describe_reply(message));
}

void Conversation::on_text(const Message& message) {
  const auto room = param(message, 0);
  const auto id = History::id_of(message);
  if (!id.empty() && is_in(room) && !history_.hear(room, id)) return;
  if (message.source.find('!') == std::string::npos && message.command == "NOTICE")
    return show(message, EventKind::server, param(message, 1));
  if (is_own(nick_of(message))) learn_source(message);
  if (auto event = read_text(message)) show(message, *std::move(event));
}

// The text as it is to be shown; nothing if it is a request between clients (CTCP), which this one leaves
// alone.
std::optional<Event> Conversation::read_text(const Message& message) const {
  Event event;
  event.kind = message.command == "NOTICE" ? EventKind::notice : EventKind::message;
  event.text = param(message, 1);
  event.nick = nick_of(message);
  event.own = is_own(event.nick);
  event.context = context(event.nick, param(message, 0));
  if (event.text.starts_with('\x01')) {
    constexpr std::string_view action =
        "\x01"
        "ACTION ";
    if (!event.text.starts_with(action)) return std::nullopt;
    event.kind = EventKind::action;
    event.text.erase(0, action.size());
    if (event.text.ends_with('\x01')) event.text.pop_back();
  }
  return event;
}

// A message of the answer to what history_ asked.
void Conversation::on_past(const Message& message) {
  if (message.command != "PRIVMSG" && message.command != "NOTICE") return;
  auto event = read_text(message);
  if (event) {
    event->past = true;
    event->time = time_of(message);
  }
  history_.add(History::id_of(message), std::move(event));
}

void Conversation::on_batch(const Message& message) { history_.follow_batch(message); }

void Conversation::on_isupport(const Message& message) {
  constexpr std::string_view token = "CHATHISTORY=";
  for (const auto& feature : message.params)
    if (feature.starts_with(token))
      if (const auto messages = protocol::to_number(std::string_view(feature).substr(token.size())))
        history_.limit(*messages);
}

void Conversation::on_join(const Message& message) {
  const auto nick = nick_of(message);
  const auto room = param(message, 0);
  auto text = nick + " joined " + room;
  if (is_own(nick) && is_name(room)) {
    const auto key = keys_.extract(protocol::casefold(room));
    entered({room, key ? key.mapped() : std::string{}});
    learn_source(message);
    output_.events.push_back({EventKind::presence, std::move(text), {}, {}, false, time_of(message)});
    if (settings_.catch_up && negotiation_.history())
      history_.catch_up(room, time_of(message));
    else
      show(history_.left_over(room));
  } else {
    show(message, EventKind::presence, std::move(text));
  }
}

void Conversation::on_part(const Message& message) {
  const auto nick = nick_of(message);
  const auto room = param(message, 0);
  if (is_own(nick)) left(room);
  show(message, EventKind::presence, nick + " left " + room + because(param(message, 1)));
}

void Conversation::on_kick(const Message& message) {
  const auto room = param(message, 0);
  const auto nick = param(message, 1);
  if (is_own(nick)) left(room);
  show(message, EventKind::presence,
       nick + " was kicked from " + room + " by " + nick_of(message) + because(param(message, 2)));
}

void Conversation::on_quit(const Message& message) {
  const auto nick = nick_of(message);
  if (!is_own(nick)) show(message, EventKind::presence, nick + " quit" + because(param(message, 0)));
}

void Conversation::on_nick(const Message& message) {
  auto before = nick_of(message);
  const auto after = param(message, 0);
  // InspIRCd 3 gives the new name as the source of a labelled answer, so the label counts as well.
  const auto* const cause = message.tag("label") ? outbox_.answered_by(message) : nullptr;
  if (is_own(before) || (cause != nullptr && cause->message.command == "NICK")) {
    before = nick_;
    if (is_name(after)) {
      source_length_ = source_length_ - nick_.size() + after.size();
      nick_ = after;
    }
  }
  show(message, EventKind::presence, before + " is now known as " + after);
}

void Conversation::on_topic(const Message& message) {
  const auto what = nick_of(message) + (param(message, 1).empty() ? " cleared" : " set") + " the topic of " +
                    param(message, 0);
  show(message, EventKind::presence, param(message, 1).empty() ? what : what + ": " + param(message, 1));
}

void Conversation::on_mode(const Message& message) {
  if (!protocol::is_channel(param(message, 0))) return;
  std::string text = param(message, 0) + ": " + nick_of(message) + " set mode";
  for (std::size_t i = 1; i < message.params.size(); ++i) text += " " + message.params[i];
  show(message, EventKind::presence, std::move(text));
}

void Conversation::on_invite(const Message& message) {
  const auto invited = param(message, 0);
  const auto whom = is_own(invited) ? std::string("you") : invited;
  show(message, EventKind::info, nick_of(message) + " invited " + whom + " to " + param(message, 1));
}

void Conversation::on_away(const Message& message) {
  const auto reason = param(message, 0);
  show(message, EventKind::presence,
       nick_of(message) + (message.params.empty() ? " is back" : " is away" + because(reason)));
}

// Shown with the loss of the connection, which follows.
void Conversation::on_error(const Message& message) { last_error_ = param(message, 0); }

void Conversation::on_names(const Message& message) {
  if (message.params.size() < 4) return;
  auto& names = names_[message.params[2]];
  for (const auto entry : protocol::split(message.params[3], ' ')) {
    if (entry.empty()) continue;
    ++names.count;
    if (names.list.size() > longest_names) continue;
    if (names.count > 1) names.list += ", ";
    names.list += entry.substr(0, entry.find('!'));
    if (names.list.size() > longest_names) names.list += ", …";
  }
}

void Conversation::on_end_of_names(const Message& message) {
  const auto names = names_.extract(param(message, 1));
  if (!names) return;
  show(message, EventKind::server,
       "in " + names.key() + " (" + std::to_string(names.mapped().count) + "): " + names.mapped().list);
}

void Conversation::on_reply(const Message& message) {
  if (on_refused_registration(message) || on_refused_history(message)) return;
  auto event = describe_reply(message);
  if (event.text.empty()) return;
  if (!registered_ && event.kind == EventKind::info) event.kind = EventKind::server;
  if (is_refusal(message) && registered_) {
    if (!outbox_.idle()) ++failures_;
    if (const auto* const cause = outbox_.answered_by(message)) {
      if (cause->purpose == Purpose::say) event.text += " - not delivered: " + shortened(cause->what);
      if (cause->purpose == Purpose::enter) {
        refused_room_ = event.text;
        forget_to_enter(cause->message.params.front());
      }
    }
  }
  show(message, std::move(event));
}

bool Conversation::on_refused_registration(const Message& message) {
  if (registered_ || !is_refusal(message)) return false;
  const auto& code = message.command;
  if (code == "433" || code == "436" || code == "437")
    refusal_ = {Status::name, "the name '" + nick_ + "' is already taken"};
  else if (code == "431" || code == "432" || code == "468")
    refusal_ = {Status::name, "the server does not allow the name '" + nick_ + "'"};
  else if (code == "464")
    refusal_ = {Status::password,
                settings_.password.empty() ? "the server wants a password" : "wrong password"};
  else if (code == "465")
    refusal_ = {Status::lost, "the server refuses you: " + describe_reply(message).text};
  return refusal_.has_value();
}

bool Conversation::on_refused_history(const Message& message) {
  const auto* const cause = is_refusal(message) ? outbox_.answered_by(message) : nullptr;
  if (cause == nullptr || cause->purpose != Purpose::history) return false;
  if (history_.refuse()) return true;
  ++failures_;
  show(message, EventKind::error,
       "the history of " + param(cause->message, 1) + " cannot be had" +
           (message.params.empty() ? "" : ": " + message.params.back()));
  return true;
}

void Conversation::show(const Message& message, EventKind kind, std::string text) {
  show(message, Event{kind, std::move(text), {}, {}, false, std::nullopt});
}

void Conversation::show(const Message& message, Event event) {
  event.time = time_of(message);
  if (history_.catching_up() && !is_reply(message)) {
    const bool text = message.command == "PRIVMSG" || message.command == "NOTICE";
    const bool heard = text && is_in(param(message, 0));
    show(history_.hold(heard ? param(message, 0) : std::string{},
                       heard ? History::id_of(message) : std::string{}, std::move(event)));
  } else {
    output_.events.push_back(std::move(event));
  }
}

void Conversation::show(std::vector<Event> events) {
  std::move(events.begin(), events.end(), std::back_inserter(output_.events));
}

}  // namespace troupe::client
