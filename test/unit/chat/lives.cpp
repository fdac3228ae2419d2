// Where a channel's readable past begins.
#include "chat/lives.hpp"

#include "db/id_range.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace troupe;

namespace {

protocol::MessageId id(unsigned number) {
  protocol::MessageId id;
  id.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

constexpr auto all = static_cast<std::size_t>(-1);
using Kept = std::vector<db::ChannelLife>;

/// Lives that know all there is, which is nothing.
Lives known() {
  Lives lives;
  lives.load({}, {});
  return lives;
}

}  // namespace

TEST_CASE("the past of a life that was open all the time passes on to the next, and needs no record") {
  auto lives = known();
  lives.began("#c", id(1));
  CHECK(lives.readable_from("#c") == id(0));
  lives.ended("#c", id(5));
  lives.began("#c", id(5));
  CHECK(lives.readable_from("#c") == id(0));
  CHECK_FALSE(lives.has_changes());
  CHECK(lives.size() == 0);
}

TEST_CASE("the past of a life that was ever closed is its own") {
  auto lives = known();
  lives.began("#c", id(1));
  lives.closed("#c");
  lives.closed("#c");
  CHECK(lives.readable_from("#c") == id(0));  // to its members
  CHECK(lives.take_changes(all) == Kept{{"#c", id(0), true}});
  lives.ended("#c", id(5));
  CHECK(lives.take_changes(all) == Kept{{"#c", id(5), false}});
  lives.began("#c", id(7));
  CHECK(lives.readable_from("#c") == id(5));
  lives.ended("#c", id(9));  // this one was open
  lives.began("#c", id(9));
  CHECK(lives.readable_from("#c") == id(5));
  CHECK_FALSE(lives.has_changes());
  CHECK(lives.readable_from("#other") == id(0));
}

TEST_CASE("after a restart open channels have their past, and a closed life's is readable to nobody") {
  Lives lives;
  lives.load({{"#open", id(3), false}, {"#closed", id(4), true}}, id(20));
  for (const auto* channel : {"#plain", "#open", "#closed"}) lives.began(channel, id(25));
  CHECK(lives.readable_from("#plain") == id(0));
  CHECK(lives.readable_from("#open") == id(3));
  CHECK(lives.readable_from("#closed") == id(20));
  CHECK(lives.take_changes(all) == Kept{{"#closed", id(20), false}});
}

TEST_CASE("what is not known is not readable until it is") {
  Lives lives;
  for (const auto* channel : {"#plain", "#kept", "#closed", "#shut", "#left", "#again"})
    lives.began(channel, id(21));
  lives.closed("#shut");
  lives.closed("#left");
  lives.ended("#left", id(23));
  lives.closed("#again");
  lives.ended("#again", id(24));
  lives.began("#again", id(24));
  for (const auto* channel : {"#plain", "#kept", "#closed", "#shut"})
    CHECK(lives.readable_from(channel) == id(21));
  CHECK(lives.readable_from("#again") == id(24));
  CHECK(lives.readable_from("#nobody is there") == db::highest_id);
  CHECK_FALSE(lives.has_changes());

  lives.load({{"#kept", id(3), false}, {"#closed", id(4), true}, {"#elsewhere", id(5), true}}, id(25));
  CHECK(lives.readable_from("#plain") == id(0));
  CHECK(lives.readable_from("#kept") == id(3));
  CHECK(lives.readable_from("#closed") == id(21));
  CHECK(lives.readable_from("#shut") == id(0));
  CHECK(lives.readable_from("#again") == id(24));
  lives.began("#left", id(30));
  CHECK(lives.readable_from("#left") == id(23));
  auto changes = lives.take_changes(all);
  CHECK(changes == Kept{{"#again", id(24), false},
                        {"#closed", id(21), false},
                        {"#elsewhere", id(25), false},
                        {"#left", id(23), false},
                        {"#shut", id(0), true}});
}

TEST_CASE("a closed life's earlier past stays its own, also if it was not known when it was closed") {
  Lives lives;
  lives.began("#c", id(21));
  lives.closed("#c");
  lives.load({{"#c", id(4), true}}, id(30));
  CHECK(lives.readable_from("#c") == id(21));
  CHECK(lives.take_changes(all) == Kept{{"#c", id(21), true}});
}

TEST_CASE("what could not be kept is still to be kept, as it is known by then") {
  auto lives = known();
  for (const auto* channel : {"#a", "#b", "#c"}) {
    lives.began(channel, id(1));
    lives.closed(channel);
  }
  const auto two = lives.take_changes(2);
  CHECK(two == Kept{{"#a", id(0), true}, {"#b", id(0), true}});
  lives.ended("#a", id(7));
  lives.not_kept(two);
  CHECK(lives.take_changes(2) == Kept{{"#a", id(7), false}, {"#b", id(0), true}});
  CHECK(lives.take_changes(2) == Kept{{"#c", id(0), true}});
  CHECK_FALSE(lives.has_changes());
}

TEST_CASE("of too many beginnings the oldest are given up: what is older is readable nowhere") {
  Lives lives(3);
  lives.load({}, {});
  for (unsigned i = 1; i <= 5; ++i) {
    const auto channel = "#" + std::to_string(i);
    lives.began(channel, id(10 * i));
    lives.closed(channel);
    lives.ended(channel, id(10 * i + 5));
  }
  CHECK(lives.size() == 3);
  CHECK(lives.readable_from("#1") == id(25));
  CHECK(lives.readable_from("#never used") == id(25));
  CHECK(lives.readable_from("#3") == id(35));
  CHECK(lives.take_changes(all) ==
        Kept{{"", id(25), false}, {"#3", id(35), false}, {"#4", id(45), false}, {"#5", id(55), false}});

  Lives next(3);
  next.load({{"", id(25), false}, {"#3", id(35), false}}, id(100));
  CHECK(next.readable_from("#1") == id(25));
  CHECK(next.readable_from("#3") == id(35));
  CHECK_FALSE(next.has_changes());
}

TEST_CASE("nobody ever reads what was said in a closed life before the own one, whatever happens") {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    Kept records;
    unsigned last = 1;
    // Of each channel: the end of its last life that was closed, and whether it has members, and is closed.
    struct Truth {
      unsigned secret_up_to = 0;
      bool here = false;
      bool closed = false;
    };
    std::map<std::string, Truth> truth{{"#a", {}}, {"#b", {}}, {"#c", {}}};
    for (int run = 0; run < 4; ++run) {
      Lives lives(random() % 2 ? 2 : 1000);
      const auto load_at = random() % 20;
      const auto keep = [&] {
        for (const auto& life : lives.take_changes(all)) {
          std::erase_if(records, [&](const auto& one) { return one.channel == life.channel; });
          if (!life.is_plain()) records.push_back(life);
        }
      };
      for (unsigned step = 0; step < 40; ++step) {
        if (step == load_at) lives.load(records, id(last));
        auto at = truth.begin();
        std::advance(at, random() % 3);
        auto& [channel, one] = *at;
        const auto end = [&, &channel = channel, &one = one] {
          lives.ended(channel, id(last));
          if (std::exchange(one.closed, false)) one.secret_up_to = last;
          one.here = false;
        };
        ++last;
        if (!one.here) {
          lives.began(channel, id(last));
          one.here = true;
        } else if (random() % 3 == 0) {
          end();
        } else if (random() % 3 == 0) {
          lives.closed(channel);
          one.closed = true;
        }
        for (const auto& [name, is] : truth)
          if (is.here) REQUIRE(lives.readable_from(name) >= id(is.secret_up_to));
        if (step >= load_at) keep();
      }
      for (auto& [channel, one] : truth) {  // the server goes down with them
        if (std::exchange(one.closed, false)) one.secret_up_to = last;
        one.here = false;
      }
    }
  }
}

TEST_CASE("a life in which nothing was said leaves the past as it was, and no record, closed or not") {
  auto lives = known();
  lives.began("#c", id(1));
  lives.ended("#c", id(5));
  lives.began("#c", id(5));
  lives.closed("#c");
  CHECK(lives.take_changes(all) == Kept{{"#c", id(0), true}});
  lives.ended("#c", id(9), false);
  CHECK(lives.take_changes(all) == Kept{{"#c"}});
  CHECK(lives.size() == 0);
  lives.began("#c", id(9));
  CHECK(lives.readable_from("#c") == id(0));

  lives.closed("#c");
  lives.ended("#c", id(12));
  lives.began("#c", id(12));
  lives.closed("#c");
  lives.ended("#c", id(15), false);
  CHECK(lives.readable_from("#c") == id(12));  // what was said behind closed doors stays there
}

TEST_CASE("channels that are closed and left without a word hide nobody's older history") {
  Lives lives{10};
  lives.load({}, {});
  for (unsigned i = 1; i <= 1000; ++i) {
    const auto name = "#" + std::to_string(i);
    lives.began(name, id(i));
    lives.closed(name);
    lives.ended(name, id(i), false);
  }
  CHECK(lives.readable_from("#c") == id(0));
  CHECK(lives.size() == 0);
}
