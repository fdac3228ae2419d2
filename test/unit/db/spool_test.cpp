#include "db/spool.hpp"

#include "db/id_range.hpp"
#include "places.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <vector>

using namespace troupe;
using namespace troupe::db;
using test::message_at;
using test::SqlitePlace;

namespace {

using enum Query::Direction;

}  // namespace

TEST_CASE("a spool keeps messages as any store does") {
  const SqlitePlace place;
  const std::vector<Message> messages{message_at(1), message_at(2), message_at(3)};
  const auto spool = open_spool(place.file());
  spool->append(messages);
  spool->append(messages);
  CHECK(spool->newest() == messages[2].id);
  CHECK(spool->read({"#lobby", {}, {}, 2, newest_first}) == std::vector{messages[1], messages[2]});
  CHECK(spool->oldest(2) == std::vector{messages[0], messages[1]});
  const std::vector ids{messages[0].id};
  spool->remove(ids);
  CHECK(open_spool(place.file())->oldest(10) == std::vector{messages[1], messages[2]});
}

TEST_CASE("what is set aside can be read, and is not among the oldest") {
  const SqlitePlace place;
  const std::vector<Message> messages{message_at(1), message_at(2), message_at(3)};
  const auto spool = open_spool(place.file());
  spool->append(messages);
  const std::vector ids{messages[1].id, message_at(77).id};
  spool->set_aside(ids);
  spool->append(messages);
  for (const auto& opened : {open_spool(place.file()), open_spool(place.file())}) {
    CHECK(opened->oldest(10) == std::vector{messages[0], messages[2]});
    CHECK(opened->oldest(10, messages[0].id) == std::vector{messages[2]});
    CHECK(opened->read({"#lobby", {}, {}, 10, oldest_first}) == messages);
  }
  spool->remove(ids);
  CHECK(spool->read({"#lobby", {}, {}, 10, oldest_first}) == std::vector{messages[0], messages[2]});
}

TEST_CASE("the mark of reserved ids only grows, and outlives the messages") {
  const SqlitePlace place;
  const auto spool = open_spool(place.file());
  CHECK_FALSE(spool->reserved());
  for (const int milliseconds : {5, 3, 9, 5}) spool->reserve(message_at(milliseconds).id);
  CHECK(spool->reserved() == message_at(9).id);
  CHECK(open_spool(place.file())->reserved() == message_at(9).id);
  CHECK_FALSE(spool->newest());
  // It is written over in place, which takes no space on a full disk.
  CHECK(std::filesystem::file_size(place.file() + ".ids") == 16);
  spool->reserve(first_id_at(message_at(10).time));  // a border, which is no id itself
  CHECK(open_spool(place.file())->reserved() == first_id_at(message_at(10).time));
}

TEST_CASE("a spool remembers the home that it belongs to") {
  const SqlitePlace place;
  const auto spool = open_spool(place.file());
  CHECK_FALSE(spool->home());
  spool->dedicate({"a", "sqlite:a.db"});
  spool->dedicate({"b", "postgresql://host/b"});
  CHECK(spool->home() == Home{"b", "postgresql://host/b"});
  CHECK(open_spool(place.file())->home() == Home{"b", "postgresql://host/b"});
}
