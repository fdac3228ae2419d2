// Who hears what of a batch, by a roster that learns from batches alone.
#include "chat/roster.hpp"

#include "chat/outbox.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <initializer_list>
#include <string>
#include <vector>

namespace troupe {
namespace {

using protocol::Capability;

constexpr ConnectionId alice{1};
constexpr ConnectionId bob{2};
constexpr ConnectionId carol{3};
constexpr ChannelId lobby{1};
constexpr ChannelId garden{2};

/// What somebody heard, one string a call.
struct Ear final : Receiver {
  std::vector<std::string> heard;
  std::vector<Answer> answers;

  void hear(std::string_view bytes) override { heard.emplace_back(bytes); }
  void answered(const Answer& answer) override { answers.push_back(answer); }
  std::string all() const {
    std::string text;
    for (const auto& part : heard) text += part;
    return text;
  }
};

ShapeSet all_shapes() {
  ShapeSet set;
  for (std::size_t i = 0; i < shapes; ++i) set.add(static_cast<Shape>(i));
  return set;
}

struct Scene {
  Outbox outbox;
  Roster roster;
  std::deque<Ear> ears{4};

  Scene() {
    for (std::size_t i = 1; i < ears.size(); ++i) roster.seat(ConnectionId{i}, ears[i]);
  }

  Ear& of(ConnectionId who) { return ears[static_cast<std::size_t>(who)]; }
  void enters(ConnectionId who, std::initializer_list<Capability> capabilities = {}) {
    protocol::CapabilitySet set;
    for (const auto capability : capabilities) set.add(capability);
    outbox.add(Batch::Entered{who, set});
  }
  void joins(ConnectionId who, ChannelId channel, Rank rank = Rank::none) {
    outbox.add(Batch::Joined{who, channel, rank});
  }
  void says(const Audience& to, std::string_view text, Batch::Outcome when = Batch::Outcome::any) {
    outbox.say(to, outbox.write(Line("x", text), all_shapes(), {}), when);
  }
  void delivers(Batch::Outcome outcome = Batch::Outcome::kept) { roster.deliver(outbox.take({}), outcome); }
};

TEST_CASE("the members of a channel hear what is said there, all at once, and nobody else does") {
  Scene scene;
  scene.joins(alice, lobby);
  scene.joins(bob, lobby);
  scene.joins(carol, garden);
  scene.says(Audience::members(lobby), "ONE");
  scene.says(Audience::members(lobby), "TWO");
  scene.delivers();

  CHECK(scene.of(alice).heard == std::vector<std::string>{":x ONE\r\n:x TWO\r\n"});
  CHECK(scene.of(bob).heard == std::vector<std::string>{":x ONE\r\n:x TWO\r\n"});
  CHECK(scene.of(carol).heard.empty());
}

TEST_CASE("who is left out of an audience does not hear it") {
  Scene scene;
  scene.joins(alice, lobby);
  scene.joins(bob, lobby);
  scene.says(Audience::members(lobby, alice), "ONE");
  scene.says(Audience::members(lobby, bob), "TWO");
  scene.says(Audience::members(lobby), "THREE");
  scene.delivers();

  CHECK(scene.of(alice).heard == std::vector<std::string>{":x TWO\r\n:x THREE\r\n"});
  CHECK(scene.of(bob).heard == std::vector<std::string>{":x ONE\r\n:x THREE\r\n"});
}

TEST_CASE("members join, part and leave in the order of what is said") {
  Scene scene;
  scene.joins(alice, lobby);
  scene.says(Audience::members(lobby), "1");
  scene.joins(bob, lobby);
  scene.joins(carol, lobby);
  scene.says(Audience::members(lobby), "2");
  scene.outbox.add(Batch::Parted{alice, lobby});
  scene.says(Audience::members(lobby), "3");
  scene.delivers();
  scene.outbox.add(Batch::Left{bob});
  scene.says(Audience::members(lobby), "4");
  scene.delivers();

  CHECK(scene.of(alice).all() == ":x 1\r\n:x 2\r\n");
  CHECK(scene.of(bob).all() == ":x 2\r\n:x 3\r\n");
  CHECK(scene.of(carol).all() == ":x 2\r\n:x 3\r\n:x 4\r\n");
  CHECK(scene.roster.channels() == 1);
}

TEST_CASE("those who share a channel hear it once, however many they share") {
  Scene scene;
  for (const auto who : {alice, bob}) {
    scene.joins(who, lobby);
    scene.joins(who, garden);
  }
  scene.joins(carol, garden);
  const std::vector<ChannelId> both = {lobby, garden};
  scene.says(scene.outbox.peers(both, alice), "QUIT");
  scene.delivers();

  CHECK(scene.of(alice).heard.empty());
  CHECK(scene.of(bob).heard == std::vector<std::string>{":x QUIT\r\n"});
  CHECK(scene.of(carol).heard == std::vector<std::string>{":x QUIT\r\n"});
}

TEST_CASE("each hears a line in its shape, from the moment at which it negotiated it") {
  Scene scene;
  scene.enters(alice, {Capability::server_time});
  scene.enters(bob);
  scene.joins(alice, lobby);
  scene.joins(bob, lobby);
  scene.says(Audience::members(lobby), "1");
  scene.outbox.add(Batch::Negotiated{alice, {}});
  scene.says(Audience::members(lobby), "2");
  scene.delivers();

  CHECK(scene.of(alice).all() == "@time=1970-01-01T00:00:00.000Z :x 1\r\n:x 2\r\n");
  CHECK(scene.of(bob).all() == ":x 1\r\n:x 2\r\n");
}

TEST_CASE("a line may need a capability, or a rank") {
  Scene scene;
  scene.enters(alice, {Capability::away_notify});
  scene.joins(alice, lobby);
  scene.joins(bob, lobby, Rank::voice);
  scene.joins(carol, lobby, Rank::op);
  auto capable = Audience::members(lobby);
  capable.needs = Capability::away_notify;
  auto operators = Audience::members(lobby);
  operators.least = Rank::op;
  scene.says(capable, "AWAY");
  scene.says(operators, "OPS");
  scene.outbox.add(Batch::Ranked{bob, lobby, Rank::op});
  scene.outbox.add(Batch::Ranked{carol, lobby, Rank::none});
  scene.says(operators, "OPS");
  scene.delivers();

  CHECK(scene.of(alice).all() == ":x AWAY\r\n");
  CHECK(scene.of(bob).all() == ":x OPS\r\n");
  CHECK(scene.of(carol).all() == ":x OPS\r\n");
}

TEST_CASE("what depends on the outcome is heard for that one only") {
  for (const auto outcome : {Batch::Outcome::kept, Batch::Outcome::refused}) {
    Scene scene;
    scene.joins(alice, lobby);
    scene.says(Audience::members(lobby), "KEPT", Batch::Outcome::kept);
    scene.says(Audience::members(lobby), "ANY");
    scene.says(Audience::one(alice), "REFUSED", Batch::Outcome::refused);
    scene.delivers(outcome);
    CHECK(scene.of(alice).all() ==
          (outcome == Batch::Outcome::kept ? ":x KEPT\r\n:x ANY\r\n" : ":x ANY\r\n:x REFUSED\r\n"));
  }
}

TEST_CASE("answers are told once, after the lines") {
  Scene scene;
  scene.outbox.add(Batch::Answered{alice, 1, Standing::entered});
  scene.says(Audience::one(alice), "WELCOME");
  scene.outbox.add(Batch::Answered{alice, 2, Standing::unchanged, true});
  scene.delivers();

  CHECK(scene.of(alice).all() == ":x WELCOME\r\n");
  CHECK(scene.of(alice).answers == std::vector<Answer>{{3, Standing::entered, true}});
  CHECK(scene.of(bob).answers.empty());
}

TEST_CASE("a client that is gone hears nothing more, and is in no channel; its place is taken anew") {
  Scene scene;
  scene.joins(alice, lobby);
  scene.joins(bob, lobby);
  scene.delivers();
  scene.roster.vacate(alice);
  scene.roster.vacate(alice);
  Ear dora;
  scene.roster.seat(ConnectionId{9}, dora);
  scene.outbox.add(Batch::Ranked{alice, lobby, Rank::op});
  scene.outbox.add(Batch::Parted{alice, lobby});
  scene.joins(alice, garden);
  scene.says(Audience::one(alice), "YOU");
  scene.says(Audience::members(lobby), "ALL");
  scene.outbox.add(Batch::Left{alice});
  scene.delivers();

  CHECK(scene.of(alice).heard.empty());
  CHECK(scene.of(bob).all() == ":x ALL\r\n");
  CHECK(dora.heard.empty());
  CHECK(scene.roster.size() == 3);
  CHECK(scene.roster.channels() == 1);
}

TEST_CASE("two rosters share out the clients of one batch") {
  Scene scene;
  Roster other;
  Ear bobs;
  scene.roster.vacate(bob);
  other.seat(bob, bobs);
  for (const auto who : {alice, bob, carol}) scene.joins(who, lobby);
  scene.says(Audience::members(lobby, carol), "ONE");
  scene.says(Audience::one(bob), "TWO");
  const auto batch = scene.outbox.take({});
  scene.roster.deliver(batch, Batch::Outcome::kept);
  other.deliver(batch, Batch::Outcome::kept);

  CHECK(scene.of(alice).all() == ":x ONE\r\n");
  CHECK(bobs.all() == ":x ONE\r\n:x TWO\r\n");
  CHECK(scene.of(carol).heard.empty());
}

TEST_CASE("who is vacated while a batch is delivered hears nothing of it any more") {
  struct Leaver final : Receiver {
    Roster* roster = nullptr;
    int heard = 0;
    int answers = 0;
    void hear(std::string_view) override {
      ++heard;
      roster->vacate(alice);
      roster->vacate(bob);
    }
    void answered(const Answer&) override { ++answers; }
  };
  Roster roster;
  Leaver leaver;
  leaver.roster = &roster;
  roster.seat(alice, leaver);
  roster.seat(bob, leaver);
  Outbox outbox;
  for (const auto who : {alice, bob}) {
    outbox.add(Batch::Joined{who, lobby});
    outbox.add(Batch::Answered{who, 1});
  }
  outbox.say(Audience::members(lobby), outbox.write("x"));
  roster.deliver(outbox.take({}), Batch::Outcome::kept);
  CHECK(leaver.heard == 1);
  CHECK(leaver.answers == 0);
  CHECK(roster.size() == 0);
  CHECK(roster.channels() == 0);
}

}  // namespace
}  // namespace troupe
