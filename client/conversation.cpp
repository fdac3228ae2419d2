#include "client/conversation.hpp"

#include "client/clean.hpp"
#include "client/lines.hpp"
#include "protocol/limits.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <algorithm>
#include <utility>

namespace troupe::client {

namespace {

using protocol::Capability;
using protocol::Message;

namespace limits = protocol::limits;

constexpr std::size_t line_end = 2;        // CR LF
constexpr std::size_t longest_name = 200;  // bytes of a nick or a room's name (RFC 1459, section 1.3)
constexpr std::size_t shortest_part = 16;  // bytes of text in a line, however long the target's name is
constexpr std::string_view action_begin =
    "\x01"
    "ACTION ";
constexpr std::string_view action_end = "\x01";

}  // namespace

bool is_name(std::string_view text) {
  return protocol::is_word(text) && text.size() <= longest_name && sendable(text) == text;
}

Conversation::Conversation(Settings settings, History history)
    : settings_(std::move(settings)),
      nick_(settings_.nick),
      source_length_(nick_.size() + 1 + limits::user + 1 + limits::host),
      history_(std::move(history)) {}

Output Conversation::open() {
  send(Negotiation::open());
  if (!settings_.password.empty()) send({{}, {}, "PASS", {settings_.password}});
  send({{}, {}, "NICK", {nick_}});
  const auto user = protocol::clean_user(nick_);
  send({{}, {}, "USER", {user.empty() ? "troupe" : user, "0", "*", nick_}});
  return take();
}

Output Conversation::submit(Input input) {
  if (!protocol::is_utf8(input.text) || !protocol::is_utf8(input.target))
    fail("not valid UTF-8, and therefore not sent");
  else
    waiting_.push_back(std::move(input));
  pump();
  return take();
}

Output Conversation::quit(std::string_view reason) {
  quitting_ = true;
  const auto text = protocol::cut(reason, limits::reason);
  send({{}, {}, "QUIT", text.empty() ? std::vector<std::string>{} : std::vector{sendable(text)}});
  return take();
}

Output Conversation::ping() {
  send({{}, {}, "PING", {"alive"}});
  return take();
}

Output Conversation::lost() {
  show(history_.abandon());
  return take();
}

Output Conversation::end() {
  show(history_.abandon());
  show(history_.left_over());
  return take();
}

std::vector<std::string> Conversation::unsettled_texts() const {
  auto texts = outbox_.unsettled_texts();
  for (const auto& input : waiting_)
    if (input.verb == Verb::say || input.verb == Verb::me || input.verb == Verb::msg)
      texts.push_back(input.text);
  return texts;
}

std::vector<Room> Conversation::rooms() const {
  auto rooms = settings_.rooms;
  for (const auto& [folded, room] : rooms_) rooms.push_back(room);
  std::stable_partition(rooms.begin(), rooms.end(), [&](const Room& room) { return room.name != current_; });
  return rooms;
}

void Conversation::perform(Input input) {
  const bool has_key = input.verb == Verb::join && !input.text.empty();
  if ((!input.target.empty() && !is_name(input.target)) || (has_key && !is_name(input.text)))
    return fail("that can be no name: " + input.target.substr(0, input.target.find(' ')));
  const auto& where = input.target.empty() ? current_ : input.target;
  switch (input.verb) {
    case Verb::say:
      return say(current_, input.text, false);
    case Verb::me:
      return say(current_, input.text, true);
    case Verb::msg:
      return say(input.target, input.text, false);
    case Verb::join:
      return enter({input.target, input.text}, Purpose::command);
    case Verb::nick:
      return command("NICK", {input.target});
    case Verb::whois:
      return command("WHOIS", {input.target});
    case Verb::part:
    case Verb::topic: {
      if (where.empty()) return fail("you are in no room; /join one");
      std::vector params{where};
      if (!input.text.empty()) params.push_back(input.text);
      return command(input.verb == Verb::part ? "PART" : "TOPIC", std::move(params));
    }
    case Verb::list:
      return command("LIST", input.target.empty() ? std::vector<std::string>{} : std::vector{input.target});
    case Verb::away:
      return command("AWAY", input.text.empty() ? std::vector<std::string>{} : std::vector{input.text});
    case Verb::history:
      return look_back(input.count);
    case Verb::nothing:
    case Verb::help:
    case Verb::quit:
      return;
  }
}

void Conversation::say(const std::string& target, std::string_view text, bool action) {
  if (target.empty()) return fail("you are in no room, so this was not sent: " + std::string(text));
  const auto clean = sendable(text);
  for (const auto part : split_text(clean, room_for_text(target, action))) {
    std::string content(part);
    if (action) content = std::string(action_begin).append(part).append(action_end);
    if (!negotiation_.enabled().has(Capability::echo_message)) {
      const auto kind = action ? EventKind::action : EventKind::message;
      output_.events.push_back({kind, std::string(part), nick_, context(nick_, target), true, std::nullopt});
    }
    outbox_.push({{}, {}, "PRIVMSG", {target, std::move(content)}}, Purpose::say, std::string(part));
  }
}

// What fits into a line when the server has put our own name before it, which it does not say where it
// echoes.
std::size_t Conversation::room_for_text(const std::string& target, bool action) const {
  std::size_t used = line_end + std::string_view(": PRIVMSG  :").size() + source_length_ + target.size();
  if (action) used += action_begin.size() + action_end.size();
  return std::max(limits::line - std::min(limits::line, used), shortest_part);
}

void Conversation::enter(Room room, Purpose purpose) {
  std::vector params{room.name};
  if (!room.key.empty()) params.push_back(room.key);
  keys_[protocol::casefold(room.name)] = room.key;
  outbox_.push({{}, {}, "JOIN", std::move(params)}, purpose);
}

void Conversation::look_back(std::size_t count) {
  if (current_.empty()) return fail("you are in no room; /join one");
  if (!negotiation_.history()) return fail("the server has no history that could be asked for");
  history_.look_back(current_, count);
  if (auto question = history_.question()) outbox_.push(*std::move(question), Purpose::history);
}

// A last parameter that makes the line too long is cut.
void Conversation::command(std::string name, std::vector<std::string> params) {
  for (auto& param : params) param = sendable(param);
  Message message{{}, {}, std::move(name), std::move(params)};
  const auto length = protocol::render(message).size();
  if (length > limits::line) {
    auto& last = message.params.back();
    const auto excess = std::min(length - limits::line, last.size());
    last = std::string(protocol::cut(last, last.size() - excess));
  }
  outbox_.push(std::move(message), Purpose::command);
}

void Conversation::entered(const Room& room) {
  rooms_.insert_or_assign(protocol::casefold(room.name), room);
  current_ = room.name;
  forget_to_enter(room.name);
}

void Conversation::forget_to_enter(const std::string& room) {
  std::erase_if(settings_.rooms, [folded = protocol::casefold(room)](const Room& candidate) {
    return protocol::casefold(candidate.name) == folded;
  });
}

void Conversation::left(const std::string& room) {
  const auto entry = rooms_.find(protocol::casefold(room));
  if (entry == rooms_.end()) return;
  const bool was_current = entry->second.name == current_;
  rooms_.erase(entry);
  if (was_current) current_ = rooms_.empty() ? std::string{} : rooms_.rbegin()->second.name;
}

// From a message of our own, as the server passes it on.
void Conversation::learn_source(const Message& message) {
  if (message.source.find('!') != std::string::npos) source_length_ = message.source.size();
}

bool Conversation::is_own(std::string_view nick) const {
  return protocol::casefold(nick) == protocol::casefold(nick_);
}

bool Conversation::is_in(std::string_view room) const { return rooms_.contains(protocol::casefold(room)); }

std::string Conversation::context(std::string_view sender, std::string_view target) const {
  if (is_own(target)) return "private";
  if (protocol::casefold(target) == protocol::casefold(current_)) return {};
  if (target.find('#') != std::string_view::npos) return std::string(target);
  return is_own(sender) ? "to " + std::string(target) : "private";
}

void Conversation::send(const Message& message) { output_.lines.push_back(protocol::render(message)); }

void Conversation::fail(std::string text) {
  ++failures_;
  output_.events.push_back({EventKind::error, std::move(text), {}, {}, false, std::nullopt});
}

// Turns inputs into messages, and messages into lines, as far as the answers that are still missing allow.
void Conversation::pump() {
  if (!registered_ || quitting_) return;
  for (;;) {
    if (auto question = history_.question()) outbox_.push_next(*std::move(question), Purpose::history);
    while (outbox_.accepting() && !waiting_.empty()) {
      auto input = std::move(waiting_.front());
      waiting_.pop_front();
      perform(std::move(input));
    }
    auto lines = outbox_.release(negotiation_.enabled().has(Capability::labeled_response));
    if (lines.empty()) return;
    std::move(lines.begin(), lines.end(), std::back_inserter(output_.lines));
  }
}

Output Conversation::take() { return std::exchange(output_, {}); }

}  // namespace troupe::client
