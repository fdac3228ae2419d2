// CHATHISTORY (draft/chathistory), and what a channel's newcomers are shown of its past.
#include "actors/chat/chat.hpp"
#include "db/id_range.hpp"
#include "protocol/limits.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace limits = protocol::limits;
using db::Query;
using protocol::Capability;
using protocol::MessageId;

namespace {

/// A place in a channel's order: what comes before it has smaller ids than `first`, what comes after it
/// larger ones than `last`. For a message the two are the same, for a time they enclose all messages of that
/// millisecond.
struct Reference {
  MessageId first;
  MessageId last;
};

enum class ReferenceError { unknown_type, invalid };

Result<Reference, ReferenceError> parse_reference(std::string_view text) {
  constexpr std::string_view timestamp = "timestamp=";
  constexpr std::string_view msgid = "msgid=";
  if (text.starts_with(timestamp)) {
    const auto time = protocol::parse_timestamp(text.substr(timestamp.size()));
    if (!time) return ReferenceError::invalid;
    return Reference{db::first_id_at(*time), db::first_id_after(*time)};
  }
  if (text.starts_with(msgid)) {
    const auto id = protocol::parse_message_id(text.substr(msgid.size()));
    if (!id) return ReferenceError::invalid;
    return Reference{*id, *id};
  }
  return ReferenceError::unknown_type;
}

/// The largest id that is smaller.
MessageId before(MessageId id) {
  for (auto byte = id.bytes.rbegin(); byte != id.bytes.rend() && (*byte)-- == 0; ++byte) {
  }
  return id;
}

std::string upper(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::toupper(c); });
  return out;
}

/// The questions that a subcommand with its references asks of the store, in the order of their answers.
std::vector<Query> questions(std::string_view subcommand, const std::string& channel,
                             const std::vector<Reference>& at, std::size_t limit) {
  using enum Query::Direction;
  if (subcommand == "BEFORE") return {{channel, {}, at[0].first, limit, newest_first}};
  if (subcommand == "AFTER") return {{channel, at[0].last, {}, limit, oldest_first}};
  if (subcommand == "LATEST") {
    if (at.empty()) return {{channel, {}, {}, limit, newest_first}};
    return {{channel, at[0].last, {}, limit, newest_first}};
  }
  if (subcommand == "AROUND") {
    const auto half = limit / 2;
    std::vector<Query> both = {{channel, {}, at[0].first, half, newest_first},
                               {channel, before(at[0].first), {}, limit - half, oldest_first}};
    if (half == 0) both.erase(both.begin());
    return both;
  }
  if (at[0].first <= at[1].first) return {{channel, at[0].last, at[1].first, limit, oldest_first}};
  return {{channel, at[1].last, at[0].first, limit, newest_first}};
}

}  // namespace

void Chat::chathistory(Turn& turn) {
  if (!turn.from.has(Capability::chathistory))
    return reply(turn, protocol::Numeric::err_unknowncommand, "CHATHISTORY", "Unknown command");
  const auto subcommand = upper(turn.param(0));
  const auto& params = turn.message.params;
  const bool between = subcommand == "BETWEEN";
  const bool one_reference =
      subcommand == "BEFORE" || subcommand == "AFTER" || subcommand == "LATEST" || subcommand == "AROUND";
  const bool targets = subcommand == "TARGETS";
  if (!between && !one_reference && !targets)
    return fail(turn, "INVALID_PARAMS", turn.param(0), {}, "Unknown command");
  const std::size_t expected = between ? 5 : 4;
  if (params.size() < expected)
    return fail(turn, "INVALID_PARAMS", subcommand, {}, "Insufficient parameters");
  if (params.size() > expected) return fail(turn, "INVALID_PARAMS", subcommand, {}, "Too many parameters");

  std::vector<Reference> references;
  for (std::size_t i = targets ? 1 : 2; i + 1 < expected; ++i) {
    if (subcommand == "LATEST" && params[i] == "*") continue;
    const auto reference = parse_reference(params[i]);
    if (!reference && reference.error() == ReferenceError::unknown_type)
      return fail(turn, "INVALID_MSGREFTYPE", subcommand, params[targets ? i : 1],
                  "Not a kind of reference known here");
    if (!reference || (targets && params[i].starts_with("msgid=")))
      return fail(turn, "INVALID_PARAMS", subcommand, params[i], "Invalid reference");
    references.push_back(*reference);
  }
  const auto limit = protocol::to_number(params.back());
  if (!limit || *limit == 0) return fail(turn, "INVALID_PARAMS", subcommand, params.back(), "Invalid limit");
  const auto most = std::min(*limit, limits::history);

  if (targets) {
    if (references[0].first <= references[1].first)
      return show_targets(turn, references[0].last, references[1].first, most,
                          Query::Direction::oldest_first);
    return show_targets(turn, references[1].last, references[0].first, most, Query::Direction::newest_first);
  }
  auto* channel = find_channel(params[1]);
  if (!channel || !channel->find(turn.from))
    return fail(turn, "INVALID_TARGET", subcommand, params[1], "Messages could not be retrieved");
  answer_history(turn, *channel, questions(subcommand, channel->folded, references, most));
}

void Chat::answer_history(Turn& turn, const Channel& channel, std::vector<Query> queries) {
  std::vector<db::Message> found;
  const auto& recent = recent_[channel.folded];
  const bool in_memory = std::ranges::all_of(queries, [&](const Query& query) {
    auto part = recent.read(query);
    if (part) std::ranges::move(*part, std::back_inserter(found));
    return part.has_value();
  });
  if (in_memory) return show_history(turn, channel, found);

  turn.suspended = true;
  ++turn.from.waiting;
  recall(std::move(queries), [this, id = turn.from.id, message = turn.message, name = channel.folded](
                                 const Recalled& messages, protocol::Time now) {
    const auto user = users_.find(id);
    if (user == users_.end()) return;
    auto again = begin(user->second, message, now);
    auto* channel = find_channel(name);
    if (!channel || !channel->find(user->second))
      fail(again, "INVALID_TARGET", message.params[0], message.params[1], "Messages could not be retrieved");
    else if (!messages)
      fail(again, "MESSAGE_ERROR", message.params[0], message.params[1], "Messages could not be retrieved");
    else
      show_history(again, *channel, *messages);
    finish(again);
    --user->second.waiting;
    resume(user->second, now);
  });
}

void Chat::show_history(Turn& turn, const Channel& channel, const std::vector<db::Message>& messages) {
  if (turn.from.has(Capability::batch)) turn.response.become_batch("chathistory " + channel.name);
  for (const auto& message : messages) turn.response.add(line_of(message, channel));
}

Line Chat::line_of(const db::Message& message, const Channel& channel) const {
  return Line(message.nick + "!" + message.user + "@" + message.host,
              message.kind == db::Kind::notice ? "NOTICE" : "PRIVMSG")
      .param(channel.name)
      .text(message.text)
      .id(message.id)
      .client_tags(message.client_tags);
}

/// Lists the channels of the user whose last message lies between two others. Every channel that has members
/// is in memory, and so is its last message.
void Chat::show_targets(Turn& turn, MessageId after, MessageId before, std::size_t limit,
                        Query::Direction from) {
  std::vector<std::pair<MessageId, const Channel*>> found;
  for (const auto& seat : turn.from.seats)
    if (const auto newest = recent_[seat.channel->folded].newest();
        newest && after < *newest && *newest < before)
      found.emplace_back(*newest, seat.channel);
  std::ranges::sort(found);
  if (found.size() > limit) {
    if (from == Query::Direction::oldest_first)
      found.resize(limit);
    else
      found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(limit));
  }
  if (turn.from.has(Capability::batch)) turn.response.become_batch("draft/chathistory-targets");
  for (const auto& [id, channel] : found)
    turn.response.add(Line(config_.server_name, "CHATHISTORY")
                          .param("TARGETS")
                          .param(channel->name)
                          .param(protocol::to_timestamp(id.time())));
}

void Chat::replay(Turn& turn, const Channel& channel) {
  const auto& user = turn.from;
  if (config_.replay == 0 || !user.has(Capability::server_time) || user.has(Capability::chathistory)) return;
  const auto messages = recent_[channel.folded].read(
      {channel.folded, {}, {}, std::min(config_.replay, Recent::capacity), Query::Direction::newest_first});
  if (!messages) return;
  for (const auto& message : *messages) turn.response.add(line_of(message, channel));
}

/// Makes sure that the past of the channels that a JOIN is about to bring to life is in memory; false if the
/// command has to wait for that.
bool Chat::past_is_known(User& user, const protocol::Message& join) {
  if (!config_.archived || join.params.empty()) return true;
  for (auto name : protocol::split(join.params[0], ',')) {
    auto folded = protocol::casefold(name);
    const bool loading = loading_.contains(folded);
    if ((recent_.contains(folded) && !loading) || protocol::check_channel(name)) continue;
    ++user.waiting;
    loading_[folded].push_back(user.id);
    if (loading) continue;
    recent_.try_emplace(folded);
    recall({{folded, {}, {}, Recent::capacity, Query::Direction::newest_first}},
           [this, folded](const Recalled& messages, protocol::Time now) {
             if (messages)
               recent_[folded].load(*messages, messages->size() < Recent::capacity);
             else
               recent_[folded].load({}, false);
             const auto waiting = std::move(loading_.extract(folded).mapped());
             bool wanted = false;
             for (auto id : waiting)
               if (const auto found = users_.find(id); found != users_.end()) {
                 wanted |= --found->second.waiting > 0;
                 resume(found->second, now);
               }
             if (!wanted) forget(folded);
           });
  }
  return user.waiting == 0;
}

/// Drops what is in memory of a channel that nobody has joined after all.
void Chat::forget(const std::string& folded) {
  if (!channels_.contains(folded) && !loading_.contains(folded)) recent_.erase(folded);
}

void Chat::forget_wanted(std::string_view names) {
  for (auto name : protocol::split(names, ',')) forget(protocol::casefold(name));
}

void Chat::recall(std::vector<Query> queries, std::function<void(const Recalled&, protocol::Time)> then) {
  recalls_.push_back({++last_recall_, std::move(queries)});
  recalling_.emplace(last_recall_, std::move(then));
}

void Chat::recalled(std::uint64_t number, const Recalled& messages, protocol::Time now) {
  if (auto found = recalling_.extract(number)) found.mapped()(messages, now);
}

void Chat::kept(const std::vector<db::Message>& messages) {
  for (const auto& message : messages)
    if (const auto found = recent_.find(message.channel); found != recent_.end()) found->second.add(message);
}

}  // namespace troupe
