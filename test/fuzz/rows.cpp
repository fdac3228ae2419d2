// Rows that no program of ours wrote, of whatever types and bytes: they are read or refused, and what is
// shown of them is lines. And ids: their texts, their order, and what comes after one that was found.
//
// A script's steps are:
//   w VALUE*9         a row of the table `messages`; a value is a letter and what belongs to it:
//                     t TEXT 0xFF, b BLOB 0xFF, i NUMBER, d BYTES*16 (an id), anything else for NULL
//   q LETTER NUMBER*2 a question, its directions and bounds chosen by the letter's bits
//   i BYTES*16        an id as it may stand in a file
//   g NUMBER          the next id, at this time
#include "chat/line.hpp"
#include "db/schema.hpp"
#include "db/sqlite_file.hpp"
#include "db/sqlite_log.hpp"
#include "test/fuzz/check.hpp"
#include "test/fuzz/script.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace troupe;
using fuzz::check;
using protocol::MessageId;
using protocol::Time;

constexpr std::string_view channel = "#a";

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (const unsigned char byte : bytes) (text += digits[byte >> 4]) += digits[byte & 0x0F];
  return text;
}

MessageId id_from(fuzz::Script& script) {
  MessageId id;
  for (auto& byte : id.bytes) byte = script.byte();
  return id;
}

/// A value as SQL writes it.
std::string literal(fuzz::Script& script) {
  switch (script.byte()) {
    case 't':
      return "CAST(X'" + hexadecimal(script.until()) + "' AS TEXT)";
    case 'b':
      return "X'" + hexadecimal(script.until()) + "'";
    case 'i':
      return std::to_string(static_cast<std::int64_t>(script.number()) | 1);
    case 'd': {
      const auto id = id_from(script);
      return "X'" + hexadecimal({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}) + "'";
    }
    default:
      return "NULL";
  }
}

/// A table in memory, and what is asked of it.
class Table {
 public:
  Table() {
    db::migrate(database_, db::sqlite_home_schemas());
    messages_.emplace(database_, "true");
  }

  void clear() { database_.execute("DELETE FROM messages"); }

  void insert(fuzz::Script& script) {
    std::string row = "INSERT INTO messages VALUES (";
    for (int column = 0; column < 9; ++column) row += (column ? ", " : "") + literal(script);
    try {
      database_.execute(row + ")");
    } catch (const db::StoreError&) {  // the table's own conditions
    }
  }

  void ask(fuzz::Script& script) {
    using Direction = db::Query::Direction;
    const auto choice = script.byte();
    db::Query query;
    query.channel = channel;
    if (choice & 1u) query.after = id_from(script);
    if (choice & 2u) query.before = id_from(script);
    query.from = choice & 4u ? Direction::oldest_first : Direction::newest_first;
    query.bytes_from = choice & 8u ? Direction::oldest_first : Direction::newest_first;
    query.limit = 1 + script.below(8);
    query.bytes = script.below(256) * 4;

    const auto found = messages_->read(query);
    check(found.size() <= query.limit, "a read keeps to its limit");
    for (const auto& message : found) show(message);
    check(messages_->ids(query).size() >= found.size(), "there is an id for each message");
    if (const auto rest = db::rest_of(query, found)) messages_->read(*rest);
    for (const auto& message : messages_->oldest(4, {})) show(message);
    messages_->newest();
  }

 private:
  static void show(const db::Message& message) {
    for (std::size_t shape = 0; shape < shapes; ++shape) {
      std::string line;
      line_of(message, channel).write(line, static_cast<Shape>(shape), {});
      fuzz::check_lines(line, protocol::limits::tags);
    }
  }

  db::sqlite::Database database_{":memory:", nullptr, std::chrono::milliseconds{0}};
  std::optional<db::SqliteMessages> messages_;
};

void read_id(const MessageId& id, protocol::MessageIdGenerator& ids) {
  if (const auto read = protocol::parse_message_id(to_string(id)))
    check(*read == id, "an id is read as it was written");
  if (const auto time = protocol::parse_timestamp(protocol::to_timestamp(id.time())))
    check(*time == id.time() || id.time() > *time, "a time is read as it was written");
  ids.advance_past(id);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Table table;
  table.clear();
  fuzz::Script script(data, size);
  protocol::MessageIdGenerator ids(
      [state = std::uint64_t{1}]() mutable { return state *= 0x9E37'79B9'7F4A'7C15; });
  while (!script.ended()) {
    switch (script.byte()) {
      case 'w':
        table.insert(script);
        break;
      case 'q':
        table.ask(script);
        break;
      case 'i':
        read_id(id_from(script), ids);
        break;
      case 'g': {
        const auto last = ids.last();
        const auto id = ids.next(Time{Time::duration{static_cast<std::int64_t>(script.number())}});
        check(id > last, "ids only ever grow");
        check(protocol::parse_message_id(to_string(id)) == id, "an id of ours is one of version 7");
        break;
      }
    }
  }
  return 0;
}
