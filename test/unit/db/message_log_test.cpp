#include "db/message_log.hpp"

#include "places.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <string>
#include <vector>

using namespace troupe;
using namespace troupe::db;
using test::error_of_opening;
using test::message_at;
using test::PostgresPlace;
using test::SqlitePlace;

TYPE_TO_STRING_AS("SQLite", SqlitePlace);
TYPE_TO_STRING_AS("PostgreSQL", PostgresPlace);

namespace {

using enum Query::Direction;

constexpr auto later = protocol::Time::max();

protocol::Time at(long long milliseconds) { return protocol::Time(std::chrono::milliseconds(milliseconds)); }

/// Messages at 1, 2, … `count` milliseconds.
std::vector<Message> some_messages(int count) {
  std::vector<Message> messages;
  for (int i = 1; i <= count; ++i) messages.push_back(message_at(i));
  return messages;
}

std::vector<Message> slice(const std::vector<Message>& messages, std::size_t from, std::size_t to) {
  return {messages.begin() + static_cast<long>(from), messages.begin() + static_cast<long>(to)};
}

}  // namespace

TEST_CASE_TEMPLATE("every field comes back as it was", Place, SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto store = open(place.url());

  const std::vector<std::string> texts{
      "",
      "plain",
      "NULL",
      "null",
      " leading and trailing ",
      "{braces}, commas and \"double\" 'single' quotes",
      R"(back\slashes \\ \" \n \x41 {"a","b"})",
      "\"",
      "\\",
      "\001ACTION waves\001 \002\037\177 and\ttabs\r\n",
      "ünïcödé 日本語 🎭 \xf4\x8f\xbf\xbf",
      std::string(4094, 'x'),
  };
  std::vector<Message> messages;
  for (const std::string& text : texts) {
    Message message = message_at(1'767'225'600'123 + static_cast<long long>(messages.size()), "#äther");
    message.nick = "n" + text;
    message.user = "u" + text;
    message.host = "h" + text;
    message.kind = static_cast<Kind>(messages.size() % 3);
    message.text = text;
    message.client_tags = text;
    message.time -= std::chrono::hours(24 * 365 * 20) * (messages.size() % 3);  // what the clock said then
    messages.push_back(message);
  }
  store->append(messages);

  CHECK(store->read({"#äther", {}, {}, 100, oldest_first}) == messages);
  CHECK(store->oldest(100) == messages);
}

TEST_CASE_TEMPLATE("any channel's name can be asked for", Place, SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto store = open(place.url());
  int milliseconds = 0;
  for (const std::string channel : {"#quote'\"", "#back\\slash", "#{brace}", "&local", "#NULL", "#日本"}) {
    const Message message = message_at(++milliseconds, channel);
    store->append({&message, 1});
    CHECK(store->read({channel, {}, {}, 10, newest_first}) == std::vector{message});
  }
}

TEST_CASE_TEMPLATE("an append can be repeated, and keeps what was there", Place, SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto store = open(place.url());
  const auto messages = some_messages(5);
  store->append(slice(messages, 0, 3));
  auto repeated = messages;
  repeated[0].text = "another text under a known id";
  repeated.push_back(repeated.back());
  store->append(repeated);
  CHECK(store->read({"#lobby", {}, {}, 100, oldest_first}) == messages);
}

TEST_CASE_TEMPLATE("an append that fails keeps none of its messages", Place, SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto store = open(place.url());
  store->newest();  // it connects, and makes the tables
  // An index that one message violates; its own conflicts are not those of an id.
  place.execute("CREATE TABLE refused (id integer PRIMARY KEY CHECK (id = 0))");
  if constexpr (std::is_same_v<Place, SqlitePlace>) {
    place.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON messages WHEN NEW.nick = 'mallory' "
        "BEGIN INSERT INTO refused VALUES (1); END");
  } else {
    place.execute("ALTER TABLE messages ADD CHECK (nick <> 'mallory')");
  }
  auto messages = some_messages(3);
  messages[1].nick = "mallory";
  try {
    store->append(messages);
    FAIL("it was kept");
  } catch (const StoreError& error) {
    CHECK(error.reason() == StoreError::Reason::rejected);
  }
  CHECK(store->read({"#lobby", {}, {}, 100, oldest_first}).empty());
  CHECK_FALSE(store->newest());

  messages[1].nick = "alice";
  store->append(messages);
  CHECK(store->read({"#lobby", {}, {}, 100, oldest_first}) == messages);
}

TEST_CASE_TEMPLATE("an append of nothing leaves nothing", Place, SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto store = open(place.url());
  store->append({});
  store->remove({});
  CHECK_FALSE(store->newest());
}

TEST_CASE_TEMPLATE("reading obeys both ends, the limit and the direction", Place, SqlitePlace,
                   PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto store = open(place.url());
  const auto messages = some_messages(10);
  store->append(messages);
  const Message other = message_at(5, "#other", 1);
  store->append({&other, 1});

  const auto id = [&](std::size_t index) { return messages[index].id; };
  for (const auto direction : {oldest_first, newest_first}) {
    CHECK(store->read({"#lobby", {}, {}, 100, direction}) == messages);
    CHECK(store->read({"#lobby", id(1), id(8), 100, direction}) == slice(messages, 2, 8));
    CHECK(store->read({"#lobby", id(4), {}, 100, direction}) == slice(messages, 5, 10));
    CHECK(store->read({"#lobby", {}, id(4), 100, direction}) == slice(messages, 0, 4));
    CHECK(store->read({"#lobby", id(4), id(5), 100, direction}).empty());
    CHECK(store->read({"#lobby", id(5), id(4), 100, direction}).empty());
    CHECK(store->read({"#lobby", {}, {}, 0, direction}).empty());
    CHECK(store->read({"#lobby", {}, {}, static_cast<std::size_t>(-1), direction}) == messages);
    CHECK(store->read({"#other", {}, {}, 100, direction}) == std::vector{other});
    CHECK(store->read({"#empty", {}, {}, 100, direction}).empty());
    CHECK(store->read({"#LOBBY", {}, {}, 100, direction}).empty());
  }
  CHECK(store->read({"#lobby", {}, {}, 3, oldest_first}) == slice(messages, 0, 3));
  CHECK(store->read({"#lobby", {}, {}, 3, newest_first}) == slice(messages, 7, 10));
  CHECK(store->read({"#lobby", id(1), id(8), 2, oldest_first}) == slice(messages, 2, 4));
  CHECK(store->read({"#lobby", id(1), id(8), 2, newest_first}) == slice(messages, 6, 8));
}

TEST_CASE_TEMPLATE("paging gives each message once, in both directions", Place, SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto store = open(place.url());
  std::vector<Message> messages;
  for (unsigned i = 0; i < 1000; ++i) messages.push_back(message_at(1000 + i / 300, "#lobby", i));
  store->append(messages);

  std::vector<Message> forwards;
  Query query{"#lobby", {}, {}, 7, oldest_first};
  for (auto page = store->read(query); !page.empty(); page = store->read(query)) {
    forwards.insert(forwards.end(), page.begin(), page.end());
    query.after = page.back().id;
  }
  CHECK(forwards == messages);

  std::vector<Message> backwards;
  query = {"#lobby", {}, {}, 7, newest_first};
  for (auto page = store->read(query); !page.empty(); page = store->read(query)) {
    backwards.insert(backwards.begin(), page.begin(), page.end());
    query.before = page.front().id;
  }
  CHECK(backwards == messages);
}

TEST_CASE_TEMPLATE("the oldest and the newest are found among all channels", Place, SqlitePlace,
                   PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto store = open(place.url());
  CHECK_FALSE(store->newest());
  CHECK(store->oldest(10).empty());
  const std::vector<Message> messages{message_at(3, "#c"), message_at(9, "#b"), message_at(5, "#a")};
  store->append(messages);
  CHECK(store->newest() == messages[1].id);
  CHECK(store->oldest(2) == std::vector{messages[0], messages[2]});
  CHECK(store->oldest(10) == std::vector{messages[0], messages[2], messages[1]});
  CHECK(store->oldest(10, messages[0].id) == std::vector{messages[2], messages[1]});
  CHECK(store->oldest(1, messages[0].id) == std::vector{messages[2]});
  CHECK(store->oldest(10, messages[1].id).empty());
}

TEST_CASE_TEMPLATE("remove_before takes the oldest, so many at a time", Place, SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto store = open(place.url());
  const auto messages = some_messages(10);
  store->append(messages);
  CHECK(store->remove_before(at(1), 100, later) == 0);
  CHECK(store->remove_before(at(6), 3, later) == 3);
  CHECK(store->read({"#lobby", {}, {}, 100, oldest_first}) == slice(messages, 3, 10));
  CHECK(store->remove_before(at(6), 3, later) == 2);
  CHECK(store->remove_before(at(6), 3, later) == 0);
  CHECK(store->remove_before(at(100), 0, later) == 0);
  CHECK(store->read({"#lobby", {}, {}, 100, oldest_first}) == slice(messages, 5, 10));
  CHECK(store->remove_before(protocol::Time::max(), static_cast<std::size_t>(-1), later) == 5);
  CHECK_FALSE(store->newest());
}

TEST_CASE_TEMPLATE("messages from when the clock was ahead hold up nothing, however many", Place, SqlitePlace,
                   PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto store = open(place.url());
  auto messages = some_messages(10);
  for (int i = 0; i < 5; ++i) messages[i].time = at(1'000'000);
  store->append(messages);
  CHECK(store->remove_before(at(9), 3, at(10)) == 3);
  CHECK(store->remove_before(at(9), 3, at(10)) == 0);
  CHECK(store->remove_before(at(1'000'001), 100, at(1'000'001)) == 7);
}

TEST_CASE_TEMPLATE("a message from when the clock was behind takes no other one with it", Place, SqlitePlace,
                   PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto store = open(place.url());
  auto messages = some_messages(10);
  messages[9].time = at(1);
  store->append(messages);
  CHECK(store->remove_before(at(1), 100, at(10)) == 0);
  CHECK(store->remove_before(at(2), 100, at(10)) == 2);  // the first one, and the one with the wrong date
  CHECK(store->oldest(100) == slice(messages, 1, 9));
}

TEST_CASE_TEMPLATE("remove takes these ids and minds no absent one", Place, SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto store = open(place.url());
  const auto messages = some_messages(4);
  store->append(messages);
  const std::vector ids{messages[0].id, messages[2].id, message_at(77).id};
  store->remove(ids);
  store->remove(ids);
  CHECK(store->read({"#lobby", {}, {}, 100, oldest_first}) == std::vector{messages[1], messages[3]});
}

TEST_CASE_TEMPLATE("a store opened again holds what it held", Place, SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto messages = some_messages(3);
  open(place.url())->append(messages);
  const auto store = open(place.url());
  CHECK(store->read({"#lobby", {}, {}, 100, oldest_first}) == messages);
}

TEST_CASE_TEMPLATE("what one store has appended another one reads", Place, SqlitePlace, PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  const auto writer = open(place.url());
  const auto reader = open(place.url());
  std::vector<Message> messages;
  for (int i = 1; i <= 3; ++i) {
    messages.push_back(message_at(i));
    writer->append({&messages.back(), 1});
    CHECK(reader->read({"#lobby", {}, {}, 100, oldest_first}) == messages);
  }
}

TEST_CASE_TEMPLATE("a schema newer than the program is refused, with both versions", Place, SqlitePlace,
                   PostgresPlace) {
  const Place place;
  if (!place.available()) return;
  open(place.url())->newest();
  place.execute("INSERT INTO schema_version (version) VALUES (77)");
  const StoreError error = error_of_opening(place.url());
  CHECK(error.reason() == StoreError::Reason::refused);
  CHECK(std::string(error.what()) ==
        "the database's schema has version 77, this program knows 2: a newer Troupe made it");
}

TEST_CASE_TEMPLATE("several that open an empty database at once all succeed", Place, SqlitePlace,
                   PostgresPlace) {
  for (int round = 0; round < 5; ++round) {
    const Place place;
    if (!place.available()) return;
    std::vector<std::future<void>> openers;
    openers.reserve(8);
    for (int i = 0; i < 8; ++i) {
      openers.push_back(std::async(std::launch::async, [&place, i] {
        const Message message = message_at(i + 1);
        open(place.url())->append({&message, 1});
      }));
    }
    for (auto& opener : openers) CHECK_NOTHROW(opener.get());
    CHECK(open(place.url())->read({"#lobby", {}, {}, 100, oldest_first}) == some_messages(8));
  }
}
