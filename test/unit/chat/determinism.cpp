// The room is deterministic: of the same inputs come the same batches, byte for byte, wherever its parts lie
// in memory.
#include "chat/batch_codec.hpp"
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <memory>
#include <string>
#include <vector>

using namespace troupe;
using namespace troupe::test;

namespace {

namespace gen = rc::gen;

/// One thing that happens to a room.
struct Event {
  enum class Kind { enters, leaves, says, passes, is_kept, is_refused };
  Kind kind;
  std::size_t who = 0;
  std::string text;
};

std::string any_nick() { return std::string(1, *gen::inRange('a', 'i')); }
std::string any_channel() { return std::string("#") + *gen::inRange('a', 'e'); }

std::string any_command() {
  const auto channel = any_channel();
  const auto other = any_channel();
  const auto nick = any_nick();
  return *gen::element<std::string>(
      "JOIN " + channel, "JOIN " + channel + "," + other, "PART " + channel, "PRIVMSG " + channel + " :hi",
      "PRIVMSG " + channel + "," + nick + "," + other + " :hi", "@+x=y TAGMSG " + channel, "JOIN 0",
      "NICK " + nick, "TOPIC " + channel + " :topic", "MODE " + channel + " +o " + nick,
      "MODE " + channel + " +b-i+m " + nick, "MODE " + nick + " +i", "KICK " + channel + " " + nick,
      "INVITE " + nick + " " + channel, "AWAY :away", "AWAY", "NAMES " + channel + "," + other, "LIST",
      "LIST *" + nick + "*", "WHO *", "WHO " + channel, "WHOIS " + nick, "MODE " + channel + " b",
      "CAP REQ :server-time", "CAP REQ :-message-tags", "CHATHISTORY LATEST " + channel + " * 5",
      "CHATHISTORY TARGETS timestamp=2026-01-01T00:00:00.000Z timestamp=2027-01-01T00:00:00.000Z 9",
      "SETNAME :" + nick, "LUSERS", "ISON " + nick, "@label=l NAMES " + channel);
}

Event any_event() {
  using enum Event::Kind;
  const auto kind = *gen::weightedElement<Event::Kind>(
      {{3, enters}, {1, leaves}, {20, says}, {1, passes}, {3, is_kept}, {1, is_refused}});
  Event event{kind, *gen::inRange<std::size_t>(0, 10), {}};
  if (kind == enters) event.text = any_nick();
  if (kind == says) event.text = any_command();
  return event;
}

/// A room to which such things happen; says what came of each.
struct World {
  RoomFixture room;
  std::vector<ConnectionId> people;

  std::string happens(const Event& event) {
    const auto who = event.who < people.size() ? people[event.who] : ConnectionId{};
    switch (event.kind) {
      case Event::Kind::enters: {
        static const std::vector<std::string> negotiated = {
            "", "message-tags server-time batch labeled-response draft/chathistory", "server-time",
            "away-notify echo-message"};
        people.push_back(room.enters(
            {event.text, "user", "name", "host", {capabilities(negotiated[event.who % negotiated.size()])}}));
        return {};
      }
      case Event::Kind::leaves:
        room.leaves(who);
        return {};
      case Event::Kind::says:
        room.says(who, event.text);
        return {};
      case Event::Kind::passes:
        room.now += std::chrono::seconds{1};
        return {};
      case Event::Kind::is_kept:
      case Event::Kind::is_refused:
        break;
    }
    if (!room.chat.has_output()) return {};
    const auto batch = room.takes_batch();
    const bool kept = event.kind == Event::Kind::is_kept;
    if (kept)
      room.chat.kept(batch.messages, room.now);
    else
      room.chat.refused(batch.messages, room.now);
    room.delivers(batch, kept ? Batch::Outcome::kept : Batch::Outcome::refused);
    return encode(batch);
  }
};

}  // namespace

TEST_CASE("two rooms to which the same happens say the same, byte for byte") {
  CHECK(rc::check([] {
    const auto count = *gen::inRange(0, 200);
    // What is made in between lies elsewhere, and in another order.
    const auto first = std::make_unique<World>();
    const auto between = std::make_unique<std::vector<std::string>>(1000, std::string(100, 'x'));
    const auto second = std::make_unique<World>();
    for (int i = 0; i < count; ++i) {
      const auto event = any_event();
      const auto said = first->happens(event);
      between->resize(between->size() - 3);
      RC_ASSERT(second->happens(event) == said);
    }
    const Event last{Event::Kind::is_kept, 0, {}};
    RC_ASSERT(second->happens(last) == first->happens(last));
  }));
}
