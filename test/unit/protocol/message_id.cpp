#include "protocol/message_id.hpp"

#include <doctest/doctest.h>

using namespace troupe::protocol;
using namespace std::chrono;

namespace {

Time at(std::int64_t ms) { return Time{milliseconds{ms}}; }

MessageIdGenerator generator(std::uint64_t random = 0x0123'4567'89AB'CDEF) {
  return MessageIdGenerator([random] { return random; });
}

MessageId id(std::string_view text) {
  const auto id = parse_message_id(text);
  REQUIRE(id);
  return *id;
}

}  // namespace

TEST_CASE("a timestamp is UTC to the millisecond") {
  const auto time = sys_days{January / 31 / 2026} + hours{23} + minutes{59} + seconds{59} + milliseconds{999};
  CHECK(to_timestamp(time) == "2026-01-31T23:59:59.999Z");
  CHECK(parse_timestamp("2026-01-31T23:59:59.999Z") == time);
  CHECK(to_timestamp(at(0)) == "1970-01-01T00:00:00.000Z");
  CHECK(to_timestamp(at(-1)) == "1969-12-31T23:59:59.999Z");
  CHECK(parse_timestamp("2024-02-29T00:00:00.000Z") == sys_days{February / 29 / 2024});
}

TEST_CASE("a time that four digits cannot give the year of is shown as the nearest that they can") {
  CHECK(to_timestamp(Time::max()) == "9999-12-31T23:59:59.999Z");
  CHECK(to_timestamp(Time::min()) == "0000-01-01T00:00:00.000Z");
}

TEST_CASE("a leap second is read as the second after it") {
  CHECK(parse_timestamp("2012-06-30T23:59:60.419Z") == sys_days{July / 1 / 2012} + milliseconds{419});
}

TEST_CASE("what has not the form of a timestamp is none") {
  for (const auto text :
       {"", "2026-01-31", "2026-01-31T23:59:59Z", "2026-01-31T23:59:59.999", "2026-01-31 23:59:59.999Z",
        "2026-01-31T23:59:59.999Zx", " 2026-01-31T23:59:59.999Z", "2026-1-31T23:59:59.999Z",
        "2026-02-29T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "2026-00-01T00:00:00.000Z",
        "2026-01-00T00:00:00.000Z", "2026-01-31T24:00:00.000Z", "2026-01-31T00:60:00.000Z",
        "2026-01-31T00:00:61.000Z", "+026-01-31T23:59:59.999Z", "2026-01-31T23:59:59.9a9Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_timestamp(text));
  }
}

TEST_CASE("an id is written in groups of lower-case hexadecimal digits, and read back") {
  const auto* const text = "018f3c5e-7b2a-7c3d-8e4f-0123456789ab";
  CHECK(to_string(id(text)) == text);
  CHECK(id(text).bytes[0] == 0x01);
  CHECK(id(text).bytes[15] == 0xAB);
}

TEST_CASE("what has not an id's form is none") {
  for (const auto text : {"", "018f3c5e-7b2a-7c3d-8e4f-0123456789a", "018f3c5e-7b2a-7c3d-8e4f-0123456789abc",
                          "018f3c5e7b2a7c3d8e4f0123456789ab", "018F3C5E-7B2A-7C3D-8E4F-0123456789AB",
                          "018f3c5e-7b2a-7c3d-8e4f-0123456789ag", "018f3c5e07b2a-7c3d-8e4f-0123456789ab",
                          "-18f3c5e-7b2a-7c3d-8e4f-0123456789ab", "{18f3c5e-7b2a-7c3d-8e4f-0123456789a}"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_message_id(text));
  }
}

TEST_CASE("a UUID of another version or variant is no id") {
  CHECK_FALSE(parse_message_id("018f3c5e-7b2a-4c3d-8e4f-0123456789ab"));
  CHECK_FALSE(parse_message_id("018f3c5e-7b2a-7c3d-0e4f-0123456789ab"));
  CHECK_FALSE(parse_message_id("018f3c5e-7b2a-7c3d-ce4f-0123456789ab"));
  CHECK(parse_message_id("018f3c5e-7b2a-7c3d-be4f-0123456789ab"));
}

TEST_CASE("an id holds its time") {
  CHECK(id("018f3c5e-7b2a-7c3d-8e4f-0123456789ab").time() == at(0x018f3c5e7b2a));
  CHECK(generator().next(at(1234567890123)).time() == at(1234567890123));
}

TEST_CASE("a new id is a UUID of version 7, random after the time") {
  CHECK(to_string(generator(~std::uint64_t{0}).next(at(0x018f3c5e7b2a))) ==
        "018f3c5e-7b2a-77ff-bfff-ffffffffffff");
  CHECK(to_string(generator(0).next(at(0x018f3c5e7b2a))) == "018f3c5e-7b2a-7000-8000-000000000000");
}

TEST_CASE("ids of one millisecond count up by one") {
  auto ids = generator(0xFF);
  CHECK(to_string(ids.next(at(1))) == "00000000-0001-70ff-8000-0000000000ff");
  CHECK(to_string(ids.next(at(1))) == "00000000-0001-70ff-8000-000000000100");
  CHECK(to_string(ids.next(at(1))) == "00000000-0001-70ff-8000-000000000101");
}

TEST_CASE("an id's time does not go back with the clock") {
  auto ids = generator();
  const auto first = ids.next(at(1000));
  const auto second = ids.next(at(10));
  CHECK(second > first);
  CHECK(second.time() == at(1000));
  CHECK(ids.next(at(1001)).time() == at(1001));
}

TEST_CASE("a clock before 1970 still gives growing ids") {
  auto ids = generator();
  const auto first = ids.next(Time::min());
  const auto second = ids.next(at(-5));
  CHECK(first.time() == at(0));
  CHECK(second > first);
  CHECK(parse_message_id(to_string(first)) == first);
}

TEST_CASE("the counter carries over from part to part") {
  auto ids = generator(~std::uint64_t{0});
  CHECK(to_string(ids.next(at(1))) == "00000000-0001-77ff-bfff-ffffffffffff");
  CHECK(to_string(ids.next(at(1))) == "00000000-0001-7800-8000-000000000000");
}

TEST_CASE("who goes on from the same id as another one gives out other ids, a millisecond later") {
  const auto stored = id("00000000-0005-7000-8000-000000000000");
  auto one = generator(7);
  auto other = generator(8);
  one.advance_past(stored);
  other.advance_past(stored);
  CHECK(to_string(one.next(at(1))) == "00000000-0006-7007-8000-000000000007");
  CHECK(to_string(other.next(at(1))) == "00000000-0006-7008-8000-000000000008");
  CHECK(to_string(one.next(at(1))) == "00000000-0006-7007-8000-000000000008");
}

TEST_CASE("behind the last id of a millisecond comes the first of the next one") {
  auto ids = generator(0);
  ids.advance_past(id("00000000-0001-7fff-bfff-ffffffffffff"));
  CHECK(to_string(ids.next(at(1))) == "00000000-0002-7000-8000-000000000000");
}

TEST_CASE("ids are larger than one that was to be passed") {
  auto ids = generator();
  const auto stored = id("018f3c5e-7b2a-7c3d-8e4f-0123456789ab");
  ids.advance_past(stored);
  CHECK(ids.next(at(1000)) > stored);
}

TEST_CASE("to pass an id that is smaller changes nothing") {
  auto ids = generator();
  const auto last = ids.next(at(0x018f3c5e7b2a + 1));
  ids.advance_past(id("018f3c5e-7b2a-7c3d-8e4f-0123456789ab"));
  CHECK(ids.next(at(0)) > last);
}

TEST_CASE("an id of the last millisecond, which none could follow, is not passed") {  // found by fuzzing
  auto ids = generator();
  const auto last = ids.next(at(1'000));
  MessageId end;
  end.bytes.fill(0xFF);
  ids.advance_past(end);
  CHECK(ids.last() == last);
  CHECK(ids.next(at(1'000)) > last);
}

TEST_CASE("a message bears its id's time, unless that is more than five minutes ahead of the clock") {
  auto ids = generator();
  const auto noon = at(1'800'000'000'000);
  CHECK(time_of(ids.next(noon), noon) == noon);
  CHECK(time_of(ids.next(noon - minutes{5}), noon - minutes{5}) == noon);
  CHECK(time_of(ids.next(noon - minutes{6}), noon - minutes{6}) == noon - minutes{6});
  const auto in_20_years = noon + years{20};
  const auto early = ids.next(in_20_years);
  CHECK(time_of(early, in_20_years) == floor<milliseconds>(in_20_years));
  const auto late = ids.next(noon);
  CHECK(late > early);
  CHECK(time_of(late, noon) == noon);
  CHECK(time_of(late, at(-1)) == at(-1));
}
