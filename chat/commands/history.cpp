// CHATHISTORY (draft/chathistory).
#include "chat/commands/commands.hpp"
#include "chat/visibility.hpp"
#include "db/id_range.hpp"
#include "protocol/limits.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

namespace troupe::commands {

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
                               {channel, db::before(at[0].first), {}, limit - half, oldest_first}};
    if (half == 0) both.erase(both.begin());
    return both;
  }
  if (at[0].first <= at[1].first) return {{channel, at[0].last, at[1].first, limit, oldest_first}};
  return {{channel, at[1].last, at[0].first, limit, newest_first}};
}

/// What TARGETS asks for: channels whose last message lies between two others.
struct Targets {
  MessageId after;
  MessageId before;
  std::size_t limit;
  Query::Direction from;
};

/// What is left of an answer out of a channel's past.
struct History {
  std::string folded;
  ChannelId channel{};
  std::deque<Query> queries;  ///< still to be read; the first one first
  std::vector<db::Message> read;
  std::size_t shown = 0;  ///< of those
  bool answered = false;  ///< something was read, be it nothing
  bool begun = false;     ///< and is being shown

  /// Here is what was read for the first query.
  void take(std::vector<db::Message> messages) {
    if (auto rest = db::rest_of(queries.front(), messages))
      queries.front() = std::move(*rest);
    else
      queries.pop_front();
    read = std::move(messages);
    shown = 0;
    answered = true;
  }
};

/// What is asked for can't be read now.
void no_answer(Turn& turn, History& history) {
  turn.fail("MESSAGE_ERROR", turn.param(0), turn.param(1), "Messages could not be retrieved");
  history.queries.clear();
}

/// True if older messages would not belong to the answer.
bool is_full(const Query& query, const std::vector<db::Message>& found) {
  return query.from == Query::Direction::newest_first && found.size() == query.limit;
}

/// Shows what was read, and reads on. True if that was all.
bool show_history(Room& room, Turn& turn, const std::shared_ptr<History>& history) {
  auto& [folded, id, queries, read, shown, answered, begun] = *history;
  for (;;) {
    auto* channel = room.find_channel(folded);
    if (!channel || channel->id != id || !may_read_past(*channel, turn.user)) {
      if (!begun)
        turn.fail("INVALID_TARGET", turn.param(0), turn.param(1), "Messages could not be retrieved");
      return true;
    }
    begun = answered;
    if (begun && turn.client.has(Capability::batch))
      turn.response.become_batch("chathistory " + channel->name);
    for (; shown < read.size(); ++shown) {
      if (turn.is_full()) return false;
      turn.response.add(line_of(read[shown], channel->name));
    }
    if (queries.empty()) return true;  // or the store could not be read

    room.forget_expired(*channel->past, turn.now);
    auto& query = queries.front();
    const bool settled = room.is_past_settled(*channel, query.after.value_or(MessageId{}));
    query.after = std::max(query.after, std::optional{room.readable_from(*channel)});
    if (auto found = channel->past->recent().read(query); found && (settled || is_full(query, *found))) {
      history->take(std::move(*found));
      continue;
    }
    if (!settled) {
      no_answer(turn, *history);
      return true;
    }
    room.ask_store(
        turn, {query},
        [history](Turn&, const std::vector<db::Message>& messages) { history->take(messages); },
        [history](Turn& turn) { no_answer(turn, *history); });
    return false;
  }
}

void answer_history(Turn& turn, const Channel& channel, std::vector<Query> queries) {
  auto history = std::make_shared<History>();
  history->folded = channel.folded;
  history->channel = channel.id;
  history->queries.assign(queries.begin(), queries.end());
  turn.steps.add([history](Room& room, Turn& turn) { return show_history(room, turn, history); });
}

void list_targets(const Room& room, Turn& turn, const std::vector<db::Message>& recalled,
                  const Targets& asked) {
  std::vector<std::pair<const db::Message*, const Channel*>> found;
  for (const auto& joined : turn.user.channels) {
    if (!may_read_past(*joined.channel, turn.user)) continue;
    const auto* newest = joined.channel->past->recent().newest();
    if (!newest)
      if (const auto at = std::ranges::find(recalled, joined.channel->folded, &db::Message::channel);
          at != recalled.end())
        newest = &*at;
    const auto after = std::max(asked.after, room.readable_from(*joined.channel));
    if (newest && after < newest->id && newest->id < asked.before) found.emplace_back(newest, joined.channel);
  }
  std::ranges::sort(found, {}, [](const auto& one) { return one.first->id; });
  if (found.size() > asked.limit) {
    if (asked.from == Query::Direction::oldest_first)
      found.resize(asked.limit);
    else
      found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(asked.limit));
  }
  if (turn.client.has(Capability::batch)) turn.response.become_batch("draft/chathistory-targets");
  for (const auto& [message, channel] : found)
    turn.response.add(Line(turn.server, "CHATHISTORY")
                          .param("TARGETS")
                          .param(channel->name)
                          .param(protocol::to_timestamp(message->time)));
}

/// Lists the channels of the user whose last message lies between two others. Of a channel that memory knows
/// nothing of, because the store could not be read, the store is asked.
void show_targets(Room& room, Turn& turn, const Targets& asked) {
  const auto failed = [](Turn& turn) {
    turn.fail("MESSAGE_ERROR", turn.param(0), {}, "Messages could not be retrieved");
  };
  std::vector<Query> unknown;
  for (const auto& joined : turn.user.channels) {
    if (!room.is_past_settled(*joined.channel, asked.after)) return failed(turn);
    auto& past = *joined.channel->past;
    room.forget_expired(past, turn.now);
    if (!past.known() && !past.recent().newest())
      unknown.push_back({joined.channel->folded, {}, {}, 1, Query::Direction::newest_first});
  }
  const auto list = [asked](Turn& turn, std::vector<db::Message> recalled) {
    turn.steps.add([asked, recalled = std::move(recalled)](Room& room, Turn& turn) {
      if (!match_bans(turn)) return false;
      list_targets(room, turn, recalled, asked);
      return true;
    });
  };
  if (unknown.empty()) return list(turn, {});
  room.ask_store(turn, std::move(unknown), list, failed);
}

}  // namespace

void chathistory(Room& room, Turn& turn) {
  if (!turn.client.has(Capability::chathistory))
    return turn.reply(protocol::Numeric::err_unknowncommand, "CHATHISTORY", "Unknown command");
  const auto subcommand = protocol::upper(turn.param(0));
  const auto& params = turn.message.params;
  const bool between = subcommand == "BETWEEN";
  const bool one_reference =
      subcommand == "BEFORE" || subcommand == "AFTER" || subcommand == "LATEST" || subcommand == "AROUND";
  const bool targets = subcommand == "TARGETS";
  if (!between && !one_reference && !targets)
    return turn.fail("INVALID_PARAMS", turn.param(0), {}, "Unknown command");
  const std::size_t expected = between ? 5 : 4;
  if (params.size() < expected) return turn.fail("INVALID_PARAMS", subcommand, {}, "Insufficient parameters");
  if (params.size() > expected) return turn.fail("INVALID_PARAMS", subcommand, {}, "Too many parameters");

  std::vector<Reference> references;
  for (std::size_t i = targets ? 1 : 2; i + 1 < expected; ++i) {
    if (subcommand == "LATEST" && params[i] == "*") continue;
    const auto reference = parse_reference(params[i]);
    if (!reference && reference.error() == ReferenceError::unknown_type)
      return turn.fail("INVALID_MSGREFTYPE", subcommand, params[targets ? i : 1],
                       "Not a kind of reference known here");
    if (!reference || (targets && params[i].starts_with("msgid=")))
      return turn.fail("INVALID_PARAMS", subcommand, params[i], "Invalid reference");
    references.push_back(*reference);
  }
  const auto limit = protocol::to_number(params.back());
  if (!limit || *limit == 0) return turn.fail("INVALID_PARAMS", subcommand, params.back(), "Invalid limit");
  const auto most = std::min(*limit, limits::history);

  if (targets) {
    if (references[0].first <= references[1].first)
      return show_targets(room, turn,
                          {references[0].last, references[1].first, most, Query::Direction::oldest_first});
    return show_targets(room, turn,
                        {references[1].last, references[0].first, most, Query::Direction::newest_first});
  }
  auto* channel = room.find_channel(params[1]);
  if (!channel || !may_read_past(*channel, turn.user))
    return turn.fail("INVALID_TARGET", subcommand, params[1], "Messages could not be retrieved");
  answer_history(turn, *channel, questions(subcommand, channel->folded, references, most));
}

/// True if a question has to wait for what else is under way: messages from before its sender joined that are
/// not settled yet, or the channel's latest messages, which are being read.
bool chathistory_must_wait(Room& room, Client& client, const protocol::Message& question) {
  const auto waits = [&](const Channel& channel) {
    if (!channel.past->must_wait(client.id)) return false;
    channel.past->wait(client.id);
    ++client.waiting;
    return true;
  };
  const auto& params = question.params;
  if (params.size() < 2) return false;
  if (protocol::upper(params[0]) == "TARGETS")
    return std::ranges::any_of(client.user->channels,
                               [&](const auto& joined) { return waits(*joined.channel); });
  auto* channel = room.find_channel(params[1]);
  return channel && channel->find(*client.user) && waits(*channel);
}

}  // namespace troupe::commands
