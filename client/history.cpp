#include "client/history.hpp"

#include "protocol/names.hpp"

#include <algorithm>
#include <utility>

namespace troupe::client {

namespace {

using protocol::Message;

constexpr std::size_t largest_page = 500;  // messages, however many a server would give
constexpr std::size_t longest_id = 200;    // bytes

bool same_room(std::string_view a, std::string_view b) {
  return protocol::casefold(a) == protocol::casefold(b);
}

// References to a place in a room's order (draft/chathistory, "CHATHISTORY Command").
std::string reference(const std::string& id) { return "msgid=" + id; }
std::string reference(protocol::Time time) { return "timestamp=" + protocol::to_timestamp(time); }

void append(std::vector<Event>& events, std::vector<Event> more) {
  std::move(more.begin(), more.end(), std::back_inserter(events));
}

Event remark(EventKind kind, std::string text) { return {kind, std::move(text), {}, {}, false, {}}; }

}  // namespace

bool IdSet::insert(const std::string& id) {
  if (!ids_.insert(id).second) return false;
  order_.push_back(id);
  if (order_.size() > capacity) {
    ids_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

std::string History::id_of(const Message& message) {
  const auto id = message.tag("msgid").value_or(std::string_view{});
  const bool usable = id.size() <= longest_id && std::all_of(id.begin(), id.end(), [](char c) {
                        return c != ' ' && c != '\r' && c != '\n';
                      });
  return usable ? std::string(id) : std::string{};
}

void History::limit(std::size_t messages) {
  page_size_ = messages == 0 ? largest_page : std::min(messages, largest_page);
}

bool History::hear(const std::string& room, const std::string& id) {
  auto& record = record_of(room);
  if (!record.shown.insert(id)) return false;
  if (record.oldest.empty()) record.oldest = id;
  if (auto* const question = catch_up_of(room)) {
    if (question->first_heard.empty()) question->first_heard = id;
    question->last_heard = id;
  } else {
    record.newest = reference(id);
  }
  return true;
}

void History::catch_up(const std::string& room, std::optional<protocol::Time> time) {
  const auto kind = record_of(room).newest.empty() ? Kind::latest : Kind::missed;
  questions_.push_back({.kind = kind, .room = room, .entered = time});
}

void History::look_back(const std::string& room, std::size_t count) {
  questions_.push_back({.kind = Kind::older, .room = room, .wanted = count});
}

bool History::catching_up() const {
  return std::any_of(questions_.begin(), questions_.end(),
                     [](const Question& question) { return question.kind != Kind::older; });
}

std::vector<Event> History::hold(std::string room, std::string id, Event event) {
  held_.push_back({std::move(room), std::move(id), std::move(event)});
  return held_.size() < most_held ? std::vector<Event>{} : release();
}

std::optional<Message> History::question() {
  if (asked_ || questions_.empty()) return std::nullopt;
  asked_ = true;
  auto& question = questions_.front();
  const auto& record = record_of(question.room);
  const auto ask = [&](std::string subcommand, std::string where, std::size_t count) {
    return Message{{},
                   {},
                   "CHATHISTORY",
                   {std::move(subcommand), question.room, std::move(where),
                    std::to_string(std::min(count, page_size_))}};
  };
  if (question.kind == Kind::latest) return ask("LATEST", "*", usual);
  if (question.kind == Kind::missed) return ask("AFTER", record.newest, page_size_);
  if (question.oldest.empty()) question.oldest = record.oldest;
  const auto count = question.wanted - question.found.size();
  return question.oldest.empty() ? ask("LATEST", "*", count)
                                 : ask("BEFORE", reference(question.oldest), count);
}

void History::follow_batch(const Message& message) {
  const auto& params = message.params;
  if (params.empty()) return;
  const std::string_view name =
      std::string_view(params[0]).substr(std::min<std::size_t>(1, params[0].size()));
  if (params[0].starts_with('-') && name == batch_) batch_.clear();
  const bool answers = asked_ && params[0].starts_with('+') && params.size() >= 3 &&
                       params[1] == "chathistory" && same_room(params[2], questions_.front().room);
  if (answers) batch_ = name;
}

bool History::expects(const Message& message) const {
  return !batch_.empty() && message.tag("batch") == batch_;
}

void History::add(std::string id, std::optional<Event> event) {
  page_.push_back({std::move(id), std::move(event)});
}

bool History::refuse() {
  if (!asked_) return false;
  auto& question = questions_.front();
  refusal_ = question.kind == Kind::missed ? Refusal::other_way : Refusal::final;
  if (question.kind == Kind::missed) question.kind = Kind::latest;
  return refusal_ == Refusal::other_way;
}

std::vector<Event> History::answered() {
  if (!std::exchange(asked_, false)) return {};
  batch_.clear();
  const auto page = std::exchange(page_, {});
  const auto refusal = std::exchange(refusal_, Refusal::none);
  if (refusal == Refusal::other_way) return {};
  if (questions_.front().kind == Kind::older) return looked_back(page, refusal);
  auto events = caught_up(page);
  if (!catching_up()) append(events, release());
  return events;
}

std::vector<Event> History::abandon() {
  std::vector<Event> events;
  for (auto& held : std::exchange(held_, {})) {
    auto& early = record_of(held.room).early;
    if (!held.id.empty() && catch_up_of(held.room) != nullptr && early.size() < most_held)
      early.push_back({std::move(held.id), std::move(held.event)});
    else
      events.push_back(std::move(held.event));
  }
  questions_.clear();
  page_.clear();
  batch_.clear();
  asked_ = false;
  refusal_ = Refusal::none;
  return events;
}

std::vector<Event> History::left_over(const std::string& room) {
  std::vector<Event> events;
  for (auto& entry : std::exchange(record_of(room).early, {})) events.push_back(*std::move(entry.event));
  return events;
}

std::vector<Event> History::left_over() {
  std::vector<Event> events;
  for (const auto& [room, record] : records_) append(events, left_over(room));
  return events;
}

std::vector<Event> History::release() {
  std::vector<Event> events;
  for (auto& held : std::exchange(held_, {})) events.push_back(std::move(held.event));
  return events;
}

History::Question* History::catch_up_of(const std::string& room) {
  const auto question = std::find_if(questions_.begin(), questions_.end(), [&](const Question& candidate) {
    return candidate.kind != Kind::older && same_room(candidate.room, room);
  });
  return question == questions_.end() ? nullptr : &*question;
}

History::Record& History::record_of(const std::string& room) { return records_[protocol::casefold(room)]; }

std::vector<Event> History::caught_up(const std::vector<Entry>& page) {
  auto& question = questions_.front();
  auto& record = record_of(question.room);
  std::vector<Event> events;
  bool met_present = page.empty() || question.kind == Kind::latest;
  if (!page.empty()) {
    const auto& first = page.front().id;
    const bool leaves_gap = question.kind == Kind::latest && !record.shown.contains(first);
    if (leaves_gap || record.oldest.empty()) record.oldest = first;
  }
  for (const auto& entry : page) {
    if (!entry.id.empty() && entry.id == question.first_heard) met_present = true;
    if (!entry.id.empty() && !record.shown.insert(entry.id)) {
      const auto early = std::find_if(record.early.begin(), record.early.end(),
                                      [&](const Entry& candidate) { return candidate.id == entry.id; });
      if (early == record.early.end()) continue;
      record.early.erase(early);
    }
    if (entry.event) events.push_back(*entry.event);
  }
  if (!page.empty()) {
    const auto& last = page.back().id;
    if (last.empty() || record.newest == reference(last)) met_present = true;
    if (!last.empty()) record.newest = reference(last);
  }
  question.found_any |= !events.empty();
  if (!met_present) return events;

  auto early = left_over(question.room);  // what this server does not tell again
  question.found_any |= !early.empty();
  events.insert(question.kind == Kind::latest ? events.begin() : events.end(), early.begin(), early.end());
  if (question.found_any)
    events.push_back(remark(EventKind::server, "new messages in " + question.room + " begin here"));
  if (!question.last_heard.empty())
    record.newest = reference(question.last_heard);
  else if (record.newest.empty() && question.entered)
    record.newest = reference(*question.entered - std::chrono::milliseconds(1));
  questions_.pop_front();
  return events;
}

std::vector<Event> History::looked_back(const std::vector<Entry>& page, Refusal refusal) {
  auto& question = questions_.front();
  auto& record = record_of(question.room);
  std::vector<Event> found;
  for (const auto& entry : page)
    if (entry.event && !record.shown.contains(entry.id)) found.push_back(*entry.event);
  question.found.insert(question.found.begin(), found.begin(), found.end());

  const bool refused = refusal == Refusal::final;
  const bool at_end = page.empty() || page.front().id.empty() || page.front().id == question.oldest;
  if (!at_end) question.oldest = page.front().id;
  if (!at_end && !refused && question.found.size() < question.wanted) return {};

  // Only now: if the connection had been lost on the way, nothing of it would have been shown.
  record.oldest = question.oldest;
  auto events = std::move(question.found);
  const auto room = question.room;
  questions_.pop_front();
  const auto count = events.size();
  if (count > 0) {
    const auto* const what = count == 1 ? " older message in " : " older messages in ";
    events.insert(events.begin(), remark(EventKind::server, std::to_string(count) + what + room));
  }
  if (at_end && !refused)
    events.push_back(remark(EventKind::info, "there are no older messages in " + room));
  else if (count > 0)
    events.push_back(remark(EventKind::server, "the older messages end here"));
  return events;
}

}  // namespace troupe::client
