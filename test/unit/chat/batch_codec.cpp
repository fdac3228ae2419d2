// A batch can be written down and read back, and nothing else is taken for one.
#include "chat/batch_codec.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace troupe {
namespace {

namespace gen = rc::gen;

template <class Id>
Id any_id() {
  return static_cast<Id>(*gen::arbitrary<std::uint64_t>());
}

template <class E>
E any_of(E last) {
  return static_cast<E>(*gen::inRange(0, static_cast<int>(last) + 1));
}

protocol::CapabilitySet any_capabilities() {
  protocol::CapabilitySet set;
  for (std::size_t i = 0; i < protocol::capability_names.size(); ++i)
    if (*gen::arbitrary<bool>()) set.add(static_cast<protocol::Capability>(i));
  return set;
}

std::string any_text() { return *gen::string<std::string>(); }

std::uint32_t up_to(std::size_t most) {
  return *gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(most) + 1);
}

Batch::Said any_line(const Batch& batch) {
  Batch::Said said;
  said.to.kind = any_of(Audience::Kind::peers);
  said.to.least = any_of(Rank::op);
  if (*gen::arbitrary<bool>()) said.to.needs = any_of(protocol::Capability::userhost_in_names);
  said.to.client = any_id<ConnectionId>();
  said.to.channel = any_id<ChannelId>();
  said.to.first = up_to(batch.channels.size());
  said.to.count = up_to(batch.channels.size() - said.to.first);
  said.when = any_of(Batch::Outcome::refused);
  for (auto& slice : said.slices) {
    slice.text = up_to(shapes);
    slice.end = up_to(batch.texts[slice.text].size());
    slice.begin = up_to(slice.end);
  }
  return said;
}

Batch::Item any_item(const Batch& batch) {
  const auto client = any_id<ConnectionId>();
  const auto channel = any_id<ChannelId>();
  switch (*gen::inRange(0, 8)) {
    case 0:
      return Batch::Entered{client, any_capabilities()};
    case 1:
      return Batch::Negotiated{client, any_capabilities()};
    case 2:
      return Batch::Left{client};
    case 3:
      return Batch::Joined{client, channel, any_of(Rank::op)};
    case 4:
      return Batch::Parted{client, channel};
    case 5:
      return Batch::Ranked{client, channel, any_of(Rank::op)};
    case 6:
      return Batch::Answered{client, *gen::arbitrary<std::uint32_t>(), any_of(Standing::refused),
                             *gen::arbitrary<bool>()};
    default:
      return any_line(batch);
  }
}

db::Message any_message() {
  db::Message message;
  for (auto& byte : message.id.bytes) byte = *gen::arbitrary<std::uint8_t>();
  for (auto* text :
       {&message.channel, &message.nick, &message.user, &message.host, &message.text, &message.client_tags})
    *text = any_text();
  message.kind = any_of(db::Kind::tagmsg);
  message.time = protocol::Time{std::chrono::milliseconds{*gen::arbitrary<std::int64_t>()}};
  return message;
}

Batch any_batch() {
  Batch batch;
  batch.number = *gen::arbitrary<std::uint64_t>();
  for (auto& byte : batch.newest.bytes) byte = *gen::arbitrary<std::uint8_t>();
  for (auto& text : batch.texts) text = any_text();
  for (auto i = up_to(3); i > 0; --i) batch.channels.push_back(any_id<ChannelId>());
  for (auto i = up_to(8); i > 0; --i) batch.items.push_back(any_item(batch));
  for (auto i = up_to(2); i > 0; --i) batch.messages.push_back(any_message());
  return batch;
}

/// Reads them from a buffer of exactly their size, where the address sanitizer sees a read beyond.
std::optional<Batch> read(std::string_view bytes) {
  const auto buffer = std::make_unique<char[]>(bytes.size());
  std::ranges::copy(bytes, buffer.get());
  return decode({buffer.get(), bytes.size()});
}

TEST_CASE("a batch that was written down is read back as it was") {
  CHECK(rc::check([] {
    const auto batch = any_batch();
    RC_ASSERT(read(encode(batch)) == batch);
  }));
}

TEST_CASE("a batch that is cut off, or goes on, is none") {
  CHECK(rc::check([] {
    const auto bytes = encode(any_batch());
    RC_ASSERT(!read(std::string_view{bytes}.substr(0, *gen::inRange<std::size_t>(0, bytes.size()))));
    RC_ASSERT(!read(bytes + "x"));
  }));
}

TEST_CASE("whatever bytes are read: they are refused, or sound, and written the same again") {
  CHECK(rc::check([] {
    auto bytes = encode(any_batch());
    for (auto changes = *gen::inRange(1, 4); changes > 0; --changes)
      bytes[*gen::inRange<std::size_t>(0, bytes.size())] = *gen::arbitrary<char>();
    if (const auto batch = read(bytes)) RC_ASSERT(encode(*batch) == bytes);
  }));
}

TEST_CASE("slices and audiences that reach beyond their batch are refused") {
  Batch batch;
  batch.texts[2] = "hello";
  batch.channels = {ChannelId{1}, ChannelId{2}};
  Batch::Said said;
  said.to.kind = Audience::Kind::peers;
  const auto survives = [&] {
    batch.items = {said};
    return read(encode(batch)).has_value();
  };
  said.slices.fill({2, 1, 5});
  said.to.first = 1;
  said.to.count = 1;
  CHECK(survives());
  for (const Slice slice : {Slice{2, 1, 6}, Slice{2, 3, 2}, Slice{5, 0, 0}, Slice{0, 0, 1}}) {
    const auto before = std::exchange(said.slices[3], slice);
    CHECK_FALSE(survives());
    said.slices[3] = before;
  }
  for (const auto& [first, count] : {std::pair{1u, 2u}, {3u, 0u}, {2u, 0xFFFF'FFFFu}}) {
    said.to.first = first;
    said.to.count = count;
    CHECK_FALSE(survives());
  }
}

}  // namespace
}  // namespace troupe
