#include "db/postgres_log.hpp"

#include "db/array_literal.hpp"
#include "db/id_range.hpp"
#include "db/postgres_session.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace troupe::db {

namespace {

using postgres::Result;
using protocol::MessageId;

/// What a connection is asked to prepare.
std::string statements() {
  std::string all;
  const auto prepare = [&](const std::string& name, const std::string& sql) {
    all += "PREPARE " + name + " AS " + sql + ";";
  };
  const std::string select =
      "SELECT id, channel, nick, user_name, host, kind, body, client_tags, "
      "(extract(epoch FROM time) * 1000)::bigint FROM ";
  prepare(
      "append",
      "INSERT INTO messages (id, channel, nick, user_name, host, kind, body, client_tags, time) "
      "SELECT id, channel, nick, user_name, host, kind, body, client_tags, to_timestamp(time / 1000.0) "
      "FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::text[], "
      "$8::text[], $9::bigint[]) "
      "AS given (id, channel, nick, user_name, host, kind, body, client_tags, time) ON CONFLICT DO NOTHING");
  // Comparing (channel, id) as a pair leaves the planner one index that has the rows in order. With channel
  // = $1 it may prefer to go through all channels' messages by id, which takes seconds for a channel that
  // is rarely used.
  const std::string of_channel =
      "FROM messages WHERE (channel, id) > ($1, $2::uuid) AND (channel, id) < ($1, $3::uuid) ";
  const std::string oldest = of_channel + "ORDER BY channel, id LIMIT $4";
  const std::string newest = of_channel + "ORDER BY channel DESC, id DESC LIMIT $4";
  // Those of `meant` that are sent until they reach $5 bytes, in this order; as `size_of` and `cut` have it.
  const auto first_of = [&](const std::string& meant, const std::string& order) {
    return select + "(SELECT *, sum(" + std::to_string(message_overhead) +
           " + octet_length(channel) + octet_length(nick) + octet_length(user_name) + octet_length(host) + "
           "octet_length(body) + octet_length(client_tags)) OVER (ORDER BY " +
           order + " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS sent FROM (SELECT * " + meant +
           ") AS meant) AS counted WHERE coalesce(sent, 0) < $5 ORDER BY id";
  };
  prepare("read_oldest", first_of(oldest, "id"));
  prepare("read_newest", first_of(newest, "id"));
  prepare("read_latest", first_of(newest, "id DESC"));
  prepare("ids_of_oldest", "SELECT id " + oldest);
  prepare("ids_of_newest", "SELECT id " + newest);
  prepare("oldest", select + "messages WHERE id > $2::uuid ORDER BY id LIMIT $1");
  prepare("newest", "SELECT id FROM messages ORDER BY id DESC LIMIT 1");
  prepare("remove_before",
          "WITH oldest AS MATERIALIZED (SELECT id, time FROM messages "
          "WHERE time <= to_timestamp($3::bigint / 1000.0) ORDER BY id LIMIT $2) "
          "DELETE FROM messages WHERE id = ANY (ARRAY "
          "(SELECT id FROM oldest WHERE time < to_timestamp($1::bigint / 1000.0)))");
  prepare("remove", "DELETE FROM messages WHERE id = ANY ($1::uuid[])");
  return all;
}

std::vector<Message> messages_in(const Result& rows) {
  std::vector<Message> messages;
  messages.reserve(static_cast<std::size_t>(rows.rows()));
  for (int i = 0; i < rows.rows(); ++i)
    messages.push_back({id_in(rows.text(i, 0)), rows.text(i, 1), rows.text(i, 2), rows.text(i, 3),
                        rows.text(i, 4), static_cast<Kind>(rows.integer(i, 5)), rows.text(i, 6),
                        rows.text(i, 7), protocol::Time(std::chrono::milliseconds(rows.integer(i, 8)))});
  return messages;
}

std::string array_of(std::span<const MessageId> ids) {
  ArrayLiteral array;
  for (const MessageId& id : ids) array.add_plain(to_string(id));
  return array.render();
}

/// What the statement of a query has as its first parameters.
std::vector<std::string> parameters_of(const Query& query) {
  return {query.channel, to_string(query.after.value_or(lowest_id)),
          to_string(query.before.value_or(highest_id)), row_count(query.limit)};
}

class PostgresLog final : public HomeLog {
 public:
  PostgresLog(const std::string& url, HomeSetup setup)
      : session_(url, std::move(setup), PostgresSession::Purpose::messages, statements()) {}

  void append(std::span<const Message> messages) override {
    ArrayLiteral ids, channels, nicks, users, hosts, kinds, texts, client_tags, times;
    for (const Message& message : messages) {
      ids.add_plain(to_string(message.id));
      channels.add_text(message.channel);
      nicks.add_text(message.nick);
      users.add_text(message.user);
      hosts.add_text(message.host);
      kinds.add_plain(std::to_string(static_cast<int>(message.kind)));
      texts.add_text(message.text);
      client_tags.add_text(message.client_tags);
      times.add_plain(std::to_string(message.time.time_since_epoch().count()));
    }
    session_.run("append", {ids.render(), channels.render(), nicks.render(), users.render(), hosts.render(),
                            kinds.render(), texts.render(), client_tags.render(), times.render()});
  }

  std::vector<Message> read(const Query& query) override {
    const bool oldest_first = query.from == Query::Direction::oldest_first;
    auto parameters = parameters_of(query);
    parameters.push_back(row_count(std::max<std::size_t>(query.bytes, 1)));
    return messages_in(session_.run(oldest_first           ? "read_oldest"
                                    : query.wants_latest() ? "read_latest"
                                                           : "read_newest",
                                    parameters));
  }

  std::vector<MessageId> ids(const Query& query) override {
    const bool oldest_first = query.from == Query::Direction::oldest_first;
    const Result rows = session_.run(oldest_first ? "ids_of_oldest" : "ids_of_newest", parameters_of(query));
    std::vector<MessageId> ids;
    ids.reserve(static_cast<std::size_t>(rows.rows()));
    for (int i = 0; i < rows.rows(); ++i) ids.push_back(id_in(rows.text(i, 0)));
    if (!oldest_first) std::ranges::reverse(ids);
    return ids;
  }

  std::vector<Message> oldest(std::size_t limit, const MessageId& after) override {
    return messages_in(session_.run("oldest", {row_count(limit), to_string(after)}));
  }

  std::optional<MessageId> newest() override {
    const Result rows = session_.run("newest");
    if (rows.rows() == 0) return std::nullopt;
    return id_in(rows.text(0, 0));
  }

  std::size_t remove_before(protocol::Time time, std::size_t limit, protocol::Time now) override {
    const auto milliseconds = [](protocol::Time moment) {
      const auto first = protocol::Time{}, last = highest_id.time();  // what a timestamp surely holds
      return std::to_string(std::clamp(moment, first, last).time_since_epoch().count());
    };
    return session_.run("remove_before", {milliseconds(time), row_count(limit), milliseconds(now)})
        .affected();
  }

  void remove(std::span<const MessageId> ids) override {
    if (!ids.empty()) session_.run("remove", {array_of(ids)});
  }

  std::string id() override { return session_.id(); }
  void hold(std::shared_ptr<Lifeline> line) override { session_.hold(std::move(line)); }

 private:
  PostgresSession session_;
};

}  // namespace

std::unique_ptr<HomeLog> open_postgres(const std::string& url, HomeSetup setup) {
  return std::make_unique<PostgresLog>(url, std::move(setup));
}

}  // namespace troupe::db
