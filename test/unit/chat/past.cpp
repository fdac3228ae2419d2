// Who is due to be told of a channel's past, and when.
#include "chat/past.hpp"

#include <doctest/doctest.h>

using namespace troupe;

namespace {

constexpr ConnectionId alice{1};
constexpr ConnectionId bob{2};

protocol::MessageId id(unsigned number) {
  protocol::MessageId id;
  id.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

db::Message message(unsigned number) {
  db::Message message;
  message.id = id(number);
  message.channel = "#c";
  return message;
}

std::vector<db::Message> messages(unsigned first, unsigned last) {
  std::vector<db::Message> all;
  for (auto number = first; number <= last; ++number) all.push_back(message(number));
  return all;
}

Past::Newcomer newcomer(unsigned mark, bool replay = true) {
  Past::Newcomer newcomer;
  newcomer.mark = id(mark);
  newcomer.replay = replay;
  return newcomer;
}

std::vector<unsigned> shown(const Past& past, const Past::Newcomer& newcomer, std::size_t limit = 10) {
  std::vector<unsigned> numbers;
  for (const auto& one : past.replay(newcomer, limit))
    numbers.push_back(one.id.bytes[14] * 256u + one.id.bytes[15]);
  return numbers;
}

using Numbers = std::vector<unsigned>;

}  // namespace

TEST_CASE(
    "a newcomer is due when all up to its mark is settled and the past is known, whichever comes last") {
  for (const bool known_first : {false, true}) {
    CAPTURE(known_first);
    Past past;
    past.ask(1);
    past.said(id(3));
    auto one = newcomer(3);
    CHECK_FALSE(past.joined(alice, one));
    past.said(id(4));
    if (known_first) past.load(messages(1, 2));
    if (!known_first) past.kept(message(3));
    CHECK(past.take_due().empty());
    if (known_first) past.kept(message(3));
    if (!known_first) past.load(messages(1, 2));
    const auto due = past.take_due();
    REQUIRE(due.size() == 1);
    CHECK(due[0].first == alice);
    past.kept(message(4));
    CHECK(shown(past, due[0].second) == Numbers{1, 2, 3});  // 4 is live
    CHECK(past.is_whole(due[0].second, 10));
    CHECK(past.take_due().empty());
  }
}

TEST_CASE("a message that is refused is settled as well, and not shown") {
  Past past;
  past.load({});
  past.said(id(1));
  past.said(id(2));
  auto one = newcomer(2);
  CHECK_FALSE(past.joined(alice, one));
  past.kept(message(1));
  CHECK(past.take_due().empty());
  past.refused(id(2));
  REQUIRE(past.take_due().size() == 1);
  CHECK(shown(past, one) == Numbers{1});
}

TEST_CASE("with all of it settled and known who joins is due at once, however far other channels are") {
  Past past;
  past.load(messages(1, 3));
  auto one = newcomer(1000);
  CHECK(past.joined(alice, one));
  CHECK(shown(past, one) == Numbers{1, 2, 3});
  CHECK(shown(past, one, 2) == Numbers{2, 3});
  one.seen = id(2);
  CHECK(shown(past, one) == Numbers{3});
}

TEST_CASE(
    "if the store can't be read newcomers are due without it, and later ones wait for the next answer") {
  Past past;
  past.ask(1);
  auto one = newcomer(5);
  CHECK_FALSE(past.joined(alice, one));
  past.give_up();
  REQUIRE(past.take_due().size() == 1);
  CHECK_FALSE(past.is_whole(one, 10));
  past.ask(2);
  auto other = newcomer(5);
  CHECK_FALSE(past.joined(bob, other));
  past.load(messages(1, 3));
  CHECK(past.take_due().size() == 1);
}

TEST_CASE("who wants no replay is not waited for, but its questions wait for its mark") {
  Past past;
  past.ask(1);
  past.said(id(1));
  auto one = newcomer(1, false);
  CHECK_FALSE(past.joined(alice, one));
  CHECK(past.must_wait(alice));
  CHECK(past.must_wait(bob));  // the store is being asked
  past.load({});
  CHECK(past.must_wait(alice));
  CHECK_FALSE(past.must_wait(bob));
  past.kept(message(1));
  CHECK_FALSE(past.must_wait(alice));
}

TEST_CASE("who leaves is not due any more") {
  Past past;
  past.ask(1);
  auto one = newcomer(5);
  past.joined(alice, one);
  CHECK(past.left(alice));
  CHECK_FALSE(past.left(alice));
  past.load({});
  CHECK(past.take_due().empty());
}

TEST_CASE("an answer that came after memory had run over is not used: it would leave a gap") {
  Past past;
  past.ask(1);
  for (unsigned i = 10; i < 522; ++i) past.kept(message(i));
  CHECK(past.overflows(message(522)));
  past.overflow();
  CHECK(past.known());
  past.kept(message(522));
  past.load(messages(1, 9));
  auto one = newcomer(522);
  CHECK(past.joined(alice, one));
  CHECK(shown(past, one, 512).front() == 266);
  CHECK(past.is_idle());
}

TEST_CASE("what left memory is not known any more, and is read again for the next newcomer") {
  Past past;
  past.load(messages(1, 9));
  past.said(id(10));  // on its way
  REQUIRE(past.may_leave_memory());
  past.leave_memory();
  CHECK_FALSE(past.known());
  CHECK_FALSE(past.recent().read({"#c", {}, {}, 1, db::Query::Direction::newest_first}));
  past.kept(message(10));
  CHECK_FALSE(past.known());

  past.ask(1);
  CHECK_FALSE(past.may_leave_memory());
  past.said(id(11));
  auto one = newcomer(10);
  CHECK_FALSE(past.joined(alice, one));
  past.kept(message(11));
  past.load(messages(1, 10));
  CHECK_FALSE(past.may_leave_memory());  // somebody is to be shown it first
  REQUIRE(past.take_due().size() == 1);
  CHECK(shown(past, one) == Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(past.may_leave_memory());
}

TEST_CASE("without a store what left memory is gone, and known to be") {
  Past past;
  past.stand_alone();
  past.kept(message(1));
  past.leave_memory();
  CHECK(past.known());
  past.kept(message(2));
  auto one = newcomer(2);
  CHECK(past.joined(alice, one));
  CHECK(shown(past, one) == Numbers{2});
  CHECK(past.is_whole(one, 10));
}
