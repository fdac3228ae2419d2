#include "db/array_literal.hpp"
#include "db/postgres_log.hpp"
#include "db/postgres_session.hpp"

#include <charconv>
#include <utility>

namespace troupe::db {

namespace {

/// What a connection is asked to prepare.
constexpr auto statements =
    "PREPARE lives AS SELECT channel, encode(uuid_send(begins), 'hex'), closed FROM channel_lives;"
    "PREPARE keep_lives AS WITH given AS ("
    "SELECT channel, begins, closed, NOT closed AND begins = '00000000-0000-0000-0000-000000000000' AS plain "
    "FROM unnest($1::text[], $2::uuid[], $3::boolean[]) AS given (channel, begins, closed)), "
    "forgotten AS (DELETE FROM channel_lives WHERE channel IN (SELECT channel FROM given WHERE plain) "
    "OR (channel <> '' AND NOT closed AND begins <= (SELECT begins FROM given WHERE channel = ''))) "
    "INSERT INTO channel_lives (channel, begins, closed) "
    "SELECT channel, begins, closed FROM given WHERE NOT plain "
    "ON CONFLICT (channel) DO UPDATE SET begins = excluded.begins, closed = excluded.closed";

/// The border in hexadecimal digits, which need not be an id of a message.
protocol::MessageId border_in(const std::string& digits) {
  protocol::MessageId id;
  for (std::size_t i = 0; i < id.bytes.size() && 2 * i + 2 <= digits.size(); ++i)
    std::from_chars(&digits[2 * i], &digits[2 * i] + 2, id.bytes[i], 16);
  return id;
}

class PostgresRecords final : public Records {
 public:
  PostgresRecords(const std::string& url, HomeSetup setup)
      : session_(url, std::move(setup), PostgresSession::Purpose::records, statements) {}

  std::vector<ChannelLife> lives() override {
    const auto rows = session_.run("lives");
    std::vector<ChannelLife> lives;
    lives.reserve(static_cast<std::size_t>(rows.rows()));
    for (int i = 0; i < rows.rows(); ++i)
      lives.push_back({rows.text(i, 0), border_in(rows.text(i, 1)), rows.boolean(i, 2)});
    return lives;
  }

  void keep(std::span<const ChannelLife> lives) override {
    ArrayLiteral channels, begins, closed;
    for (const ChannelLife& life : lives) {
      channels.add_text(life.channel);
      begins.add_plain(to_string(life.begins));
      closed.add_plain(life.closed ? "t" : "f");
    }
    session_.run("keep_lives", {channels.render(), begins.render(), closed.render()});
  }

  void hold(std::shared_ptr<Lifeline> line) override { session_.hold(std::move(line)); }

 private:
  PostgresSession session_;
};

}  // namespace

std::unique_ptr<Records> open_postgres_records(const std::string& url, HomeSetup setup) {
  return std::make_unique<PostgresRecords>(url, std::move(setup));
}

}  // namespace troupe::db
