#include "chat/outbox.hpp"

#include <doctest/doctest.h>

#include <string>

namespace troupe {
namespace {

protocol::MessageId id(std::uint8_t last) {
  protocol::MessageId id;
  id.bytes.back() = last;
  return id;
}

TEST_CASE("a line is written once for each shape that is wanted, and for no other") {
  Outbox outbox;
  ShapeSet wanted;
  wanted.add(Shape::plain);
  wanted.add(Shape::timed);
  const auto written = outbox.write(Line("irc.test", "PING"), wanted, {});
  outbox.say(Audience::one(ConnectionId{1}), written);
  const auto batch = outbox.take({});
  CHECK(batch.view(written[0]) == ":irc.test PING\r\n");
  CHECK(written[1].empty());
  CHECK(batch.view(written[2]) == "@time=1970-01-01T00:00:00.000Z :irc.test PING\r\n");
  CHECK(written[3].empty());
}

TEST_CASE("a large batch is sealed when its turn ends, and all are taken in their order") {
  Outbox outbox;
  CHECK(outbox.empty());
  const std::string much(Outbox::large / 2, 'x');
  for (std::uint8_t i = 1; i <= 5; ++i) {
    CHECK(outbox.number() == (i + 1u) / 2u);
    outbox.say(Audience::one(ConnectionId{i}), outbox.write(much));
    outbox.turn_ends(id(i));
  }
  std::size_t said = 0;
  for (std::uint64_t number = 1; number <= 3; ++number) {
    CHECK(!outbox.empty());
    const auto batch = outbox.take(id(9));
    CHECK(batch.number == number);
    CHECK(batch.newest == id(number == 3 ? 9 : static_cast<std::uint8_t>(2 * number)));
    for (const auto& item : batch.items)
      CHECK(std::get<Batch::Said>(item).to == Audience::one(ConnectionId{++said}));
  }
  CHECK(said == 5);
  CHECK(outbox.empty());
}

TEST_CASE("messages to be stored and changes without text count as well") {
  Outbox outbox;
  for (std::size_t i = 0; outbox.number() == 1; ++i) {
    REQUIRE(i < 100'000);
    db::Message message;
    message.text = std::string(400, 'x');
    outbox.store(message);
    outbox.turn_ends({});
  }
  for (std::size_t i = 0; outbox.number() == 2; ++i) {
    REQUIRE(i < 100'000);
    outbox.add(Batch::Left{ConnectionId{i}});
    outbox.turn_ends({});
  }
}

TEST_CASE("a batch is full with much that is to be written to all of its audiences, until it is taken") {
  Outbox outbox;
  constexpr std::size_t line = 1000;
  constexpr std::size_t hearers = 100;
  const auto written = outbox.write(std::string(line, 'x'));
  for (std::size_t i = 1; i <= Outbox::heavy / line / hearers; ++i) {
    CHECK_FALSE(outbox.is_full());
    outbox.say(Audience::members(ChannelId{1}), written, Batch::Outcome::any, hearers);
    outbox.turn_ends({});
  }
  CHECK_FALSE(outbox.is_full());
  outbox.say(Audience::members(ChannelId{1}), written, Batch::Outcome::any, hearers);
  CHECK(outbox.is_full());
  CHECK(outbox.number() == 1);
  outbox.take({});
  CHECK_FALSE(outbox.is_full());
  CHECK(outbox.empty());
}

}  // namespace
}  // namespace troupe
