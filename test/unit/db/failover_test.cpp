// Where messages are kept, decided without any actor: what happened goes in, what is to be done comes out.
#include "db/failover/failover.hpp"

#include "db/id_range.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace troupe;
using namespace troupe::db;
using namespace std::chrono_literals;
using Reason = db::StoreError::Reason;

namespace {

protocol::MessageId id_at(std::chrono::milliseconds time) { return db::first_id_at(protocol::Time{time}); }

Messages messages(std::chrono::milliseconds first, int count = 1) {
  std::vector<db::Message> made(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    made[static_cast<std::size_t>(i)].id = id_at(first + i * 1ms);
    made[static_cast<std::size_t>(i)].channel = "#c";
  }
  return std::make_shared<const std::vector<db::Message>>(std::move(made));
}

Outcome fails(Reason reason) { return {Outcome::Failure{reason, "it fails"}, {}, 0}; }
Outcome finds(const Messages& messages) { return {{}, *messages, 0}; }

/// A Failover at home, and its clock. Reservations are made on the side.
struct World {
  World() {
    expects_in_spool<Oldest>();
    failover.spool_ended({}, now);
    expects_in_store<Append>();
    failover.store_ended({}, now);
    failover.append(messages(1000ms), now);
    expects_in_store<Append>();
    expects_in_spool<Reserve>();
    failover.spool_ended({}, now);
    failover.store_ended({}, now);
    REQUIRE(failover.take_verdict());
    REQUIRE(failover.take_log().empty());
  }

  template <class Order>
  Order expects_in_store() {
    failover.look(now);
    const auto order = failover.next_for_store(now, {});
    REQUIRE(order);
    REQUIRE(std::holds_alternative<Order>(*order));
    return std::get<Order>(*order);
  }
  template <class Order>
  Order expects_in_spool() {
    failover.look(now);
    const auto order = failover.next_for_spool(now);
    REQUIRE(order);
    REQUIRE(std::holds_alternative<Order>(*order));
    return std::get<Order>(*order);
  }
  bool store_is_left_alone() { return failover.look(now), !failover.next_for_store(now, {}); }
  bool spool_is_left_alone() { return failover.look(now), !failover.next_for_spool(now); }
  /// The names of the lines that were logged.
  std::vector<std::string> log() {
    std::vector<std::string> names;
    for (const auto& line : failover.take_log()) names.push_back(line.event.name);
    return names;
  }

  /// The store fails, and the message is in the spool.
  void goes_away() {
    failover.append(messages(2000ms), now);
    expects_in_store<Append>();
    failover.store_ended(fails(Reason::unavailable), now);
    expects_in_spool<Append>();
    failover.spool_ended({}, now);
    REQUIRE(failover.take_verdict());
    CHECK(log() == std::vector<std::string>{"database away, messages go to the spool"});
  }

  Failover::Time now{1h};
  Failover failover{{500ms, 0h, "spool.db"}, now};
};

}  // namespace

TEST_CASE_FIXTURE(World, "at home a message goes to the store, and nothing else has to be done") {
  const auto said = messages(3000ms, 5);
  failover.append(said, now);
  CHECK(expects_in_store<Append>().messages == said);
  CHECK(spool_is_left_alone());
  CHECK_FALSE(failover.take_verdict());
  failover.store_ended({}, now);
  const auto verdict = failover.take_verdict();
  REQUIRE(verdict);
  CHECK_FALSE(verdict->refused);
  CHECK_FALSE(failover.wake_at(now));
}

TEST_CASE_FIXTURE(World,
                  "a late store is cut off once a second until it ends, and not given anything before") {
  failover.append(messages(3000ms), now);
  expects_in_store<Append>();
  CHECK(failover.wake_at(now) == now + 500ms);
  now += 500ms;
  failover.look(now);
  CHECK(failover.take_cut());
  expects_in_spool<Append>();
  failover.spool_ended({}, now);
  CHECK(failover.take_verdict());
  now += 999ms;
  failover.look(now);
  CHECK_FALSE(failover.take_cut());
  now += 1ms;
  failover.look(now);
  CHECK(failover.take_cut());
  CHECK(store_is_left_alone());
  failover.store_ended(fails(Reason::lost), now);
  expects_in_spool<Oldest>();  // on its way back
}

TEST_CASE_FIXTURE(World,
                  "what the spool holds is read, moved and removed in single steps, and then it is home") {
  goes_away();
  CHECK(store_is_left_alone());
  CHECK(failover.wake_at(now) == now + 250ms);
  now += 250ms;
  expects_in_spool<Oldest>();
  CHECK(store_is_left_alone());
  const auto spooled = messages(2000ms);
  failover.spool_ended(finds(spooled), now);
  CHECK(*expects_in_store<Append>().messages == *spooled);
  CHECK(spool_is_left_alone());  // nothing is removed before it is moved
  failover.store_ended({}, now);
  CHECK(log() == std::vector<std::string>{"database back, spool unloaded"});
  CHECK(expects_in_spool<Discard>().up_to == spooled->back().id);
  failover.spool_ended({{}, {}, 1}, now);
  CHECK(spool_is_left_alone());
  CHECK_FALSE(failover.wake_at(now));
}

TEST_CASE_FIXTURE(World, "a whole part makes it read on at once, behind what was read") {
  goes_away();
  now += 250ms;
  expects_in_spool<Oldest>();
  const auto part = messages(2000ms, 1000);
  failover.spool_ended(finds(part), now);
  expects_in_store<Append>();
  failover.store_ended({}, now);
  CHECK(expects_in_spool<Oldest>().after == part->back().id);
}

TEST_CASE_FIXTURE(World, "if the store fails half-way, it goes on later from what was moved") {
  goes_away();
  now += 250ms;
  expects_in_spool<Oldest>();
  const auto part = messages(2000ms, 1000);
  failover.spool_ended(finds(part), now);
  expects_in_store<Append>();
  failover.store_ended({}, now);
  expects_in_spool<Oldest>();
  failover.spool_ended(finds(messages(4000ms, 3)), now);
  expects_in_store<Append>();
  failover.store_ended(fails(Reason::unavailable), now);
  expects_in_spool<Discard>();
  failover.spool_ended({{}, {}, 1000}, now);
  expects_in_spool<Discard>();
  failover.spool_ended({}, now);
  CHECK(spool_is_left_alone());
  now += 500ms;
  CHECK(expects_in_spool<Oldest>().after == part->back().id);
}

TEST_CASE_FIXTURE(World, "one of many that the store rejects is found by halving, and alone set aside") {
  goes_away();
  now += 250ms;
  expects_in_spool<Oldest>();
  const auto spooled = messages(2000ms, 100);
  const auto bad = (*spooled)[41].id;
  failover.spool_ended(finds(spooled), now);
  std::vector<protocol::MessageId> moved;
  int appends = 0;
  while (moved.size() < 99) {
    const auto part = expects_in_store<Append>().messages;
    ++appends;
    const bool rejected = std::ranges::find(*part, bad, &db::Message::id) != part->end();
    if (!rejected)
      for (const auto& message : *part) moved.push_back(message.id);
    failover.store_ended(rejected ? fails(Reason::rejected) : Outcome{}, now);
  }
  CHECK(appends < 25);
  CHECK(std::ranges::is_sorted(moved));
  CHECK(expects_in_spool<SetAside>().ids == std::vector{bad});
  CHECK(log() ==
        std::vector<std::string>{"the database refuses a message for ever, it is set aside in the spool",
                                 "database back, spool unloaded"});
  failover.spool_ended({}, now);
  expects_in_spool<Discard>();
}

TEST_CASE_FIXTURE(World, "until it could be set aside nothing is removed that could take it along") {
  goes_away();
  now += 250ms;
  expects_in_spool<Oldest>();
  failover.spool_ended(finds(messages(2000ms)), now);
  expects_in_store<Append>();
  failover.store_ended(fails(Reason::rejected), now);
  expects_in_spool<SetAside>();
  failover.spool_ended(fails(Reason::full), now);
  CHECK(spool_is_left_alone());
  now += 15s;
  expects_in_spool<SetAside>();
}

TEST_CASE_FIXTURE(World, "a spool that is full and a store that surely failed: refused, with both reasons") {
  failover.append(messages(3000ms), now);
  expects_in_store<Append>();
  failover.store_ended(fails(Reason::unavailable), now);
  expects_in_spool<Append>();
  failover.spool_ended(fails(Reason::full), now);
  CHECK_FALSE(failover.take_verdict());
  expects_in_store<Append>();  // the last resort
  failover.store_ended(fails(Reason::unavailable), now);
  const auto verdict = failover.take_verdict();
  REQUIRE(verdict);
  CHECK(verdict->refused == "neither database nor spool can be written: it fails; it fails");
}

TEST_CASE_FIXTURE(World, "in doubt both are asked in turn, and what is refused in the end is revoked first") {
  const auto said = messages(3000ms, 2);
  const auto begin = now;
  failover.append(said, now);
  expects_in_store<Append>();
  failover.store_ended(fails(Reason::lost), now);
  std::size_t attempts = 0;
  auto verdict = failover.take_verdict();
  while (!verdict) {
    failover.look(now);
    if (failover.next_for_spool(now)) failover.spool_ended(fails(Reason::full), now);
    if (failover.next_for_store(now, {})) {
      ++attempts;
      failover.store_ended(fails(Reason::unavailable), now);
    }
    verdict = failover.take_verdict();
    if (!verdict) now = failover.wake_at(now).value();
  }
  CHECK(verdict->refused);
  CHECK(now - begin == 10s);
  CHECK(attempts >= 20);
  CHECK(attempts <= 45);
  failover.append(messages(4000ms), now);
  expects_in_spool<Append>();
  failover.spool_ended(fails(Reason::full), now);
  CHECK(expects_in_store<Remove>().ids == std::vector{said->front().id, said->back().id});
  failover.store_ended({}, now);
  expects_in_store<Append>();
}

TEST_CASE_FIXTURE(World, "what waits for the last of the spool waits for half a commit at most") {
  goes_away();
  now += 250ms;
  expects_in_spool<Oldest>();
  failover.spool_ended(finds(messages(2000ms)), now);
  expects_in_store<Append>();
  failover.append(messages(3000ms), now);
  expects_in_spool<Append>();
  failover.spool_ended({}, now);
  REQUIRE(failover.take_verdict());
  failover.store_ended({}, now);  // now it is almost home
  expects_in_spool<Oldest>();
  failover.append(messages(4000ms), now);
  failover.spool_ended(finds(messages(3000ms)), now);
  expects_in_store<Append>();
  expects_in_spool<Discard>();
  failover.spool_ended({}, now);
  now += 249ms;
  CHECK(spool_is_left_alone());
  now += 1ms;
  expects_in_spool<Append>();
  CHECK_FALSE(failover.take_cut());
}

TEST_CASE(
    "half of what is reserved has to be used before more is, and a failure is tried again after a while") {
  Reservation reservation;
  Reservation::Time now{1h};
  CHECK_FALSE(reservation.due(now));
  reservation.use(id_at(1000s));
  CHECK_FALSE(reservation.covers());
  const auto mark = reservation.due(now);
  CHECK(mark == id_at(1010s));
  reservation.begun(*mark);
  CHECK_FALSE(reservation.due(now));
  reservation.made();
  CHECK(reservation.covers());
  reservation.use(id_at(1004s));
  CHECK_FALSE(reservation.due(now));
  reservation.use(id_at(1006s));
  CHECK(reservation.covers());
  REQUIRE(reservation.due(now));
  reservation.begun(*reservation.due(now));
  CHECK(reservation.failed(now));
  CHECK_FALSE(reservation.due(now));
  CHECK(reservation.covers());
  now += 5s;
  REQUIRE(reservation.due(now));
  reservation.begun(*reservation.due(now));
  CHECK_FALSE(reservation.failed(now));  // that is no news
}

TEST_CASE_FIXTURE(
    World, "a message that seemed to fail in the spool, and comes home from there, is not put there again") {
  const auto said = messages(3000ms);
  failover.append(said, now);
  expects_in_store<Append>();
  failover.store_ended(fails(Reason::lost), now);
  expects_in_spool<Append>();
  failover.spool_ended(fails(Reason::lost), now);
  expects_in_store<Append>();  // the last resort
  now += 100ms;
  failover.store_ended(fails(Reason::lost), now);
  now += 150ms;
  expects_in_spool<Oldest>();
  failover.spool_ended(finds(said), now);
  CHECK(expects_in_store<Append>().messages->size() == 1);
  failover.store_ended({}, now);
  const auto verdict = failover.take_verdict();
  REQUIRE(verdict);
  CHECK_FALSE(verdict->refused);
  now += 1s;
  expects_in_spool<Discard>();
}
