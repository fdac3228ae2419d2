#pragma once

#include "protocol/text.hpp"
#include "test/unit/chat/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace troupe::test {

using namespace std::chrono_literals;

constexpr auto with_history = "batch draft/chathistory message-tags";
constexpr auto not_retrieved = " :Messages could not be retrieved";

using Texts = std::vector<std::string>;

/// The texts of the channels' messages among these lines.
inline Texts texts(const Lines& lines) {
  Texts found;
  for (const auto& line : lines)
    if (line.find(" PRIVMSG #") != std::string::npos || line.find(" NOTICE #") != std::string::npos)
      found.push_back(line.substr(line.find(" :", line.find("!")) + 2));
  return found;
}

/// "first" to "last", as they are said.
inline Texts range(int first, int last) {
  Texts texts;
  for (auto i = first; i <= last; ++i) texts.push_back(std::to_string(i));
  return texts;
}

inline std::string msgid(const protocol::MessageId& id) { return "msgid=" + to_string(id); }
inline std::string timestamp(protocol::Time time) { return "timestamp=" + protocol::to_timestamp(time); }

inline Lines fails(const std::string& how) { return {":irc.test FAIL CHATHISTORY " + how}; }

/// A room whose messages are kept when they are heard, as `stored`, of which its recalls can be answered.
struct Archive : RoomFixture {
  explicit Archive(const Config& configure = [](RoomConfig& config) { config.archived = true; })
      : RoomFixture(configure) {}

  /// What the store would find for a recall.
  std::vector<db::Message> finds(const Room::Recall& recall) const {
    std::vector<db::Message> all;
    for (const auto& query : recall.queries) {
      Recent channel;
      std::vector<db::Message> past;
      std::ranges::copy_if(stored, std::back_inserter(past),
                           [&](const auto& message) { return message.channel == query.channel; });
      channel.load(std::move(past), true);
      std::ranges::move(*channel.read(query), std::back_inserter(all));
    }
    return all;
  }

  /// Answers what has come up, and says how many recalls that were.
  std::size_t recalls() {
    std::size_t count = 0;
    for (auto pending = chat.take_recalls(); !pending.empty(); pending = chat.take_recalls())
      for (const auto& recall : pending) {
        chat.recalled(recall.number, finds(recall), now);
        ++count;
      }
    return count;
  }

  /// Takes the one recall that has come up.
  Room::Recall recall() {
    const auto pending = chat.take_recalls();
    REQUIRE(pending.size() == 1);
    return pending.front();
  }

  void joins(ConnectionId who, const std::string& channel) {
    says(who, "JOIN " + channel);
    recalls();
    forget();
  }

  /// Says this a second after whatever was said last.
  protocol::MessageId posts(ConnectionId who, const std::string& text, const std::string& channel = "#cats") {
    now += 1s;
    says(who, "PRIVMSG " + channel + " :" + text);
    settles();
    return stored.back().id;
  }

  Lines asks(ConnectionId who, const std::string& question) {
    forget();
    says(who, "CHATHISTORY " + question);
    return hears(who);
  }
};

/// Bob has said 0 to 9 in #Cats, all of which is in memory.
struct Talk : Archive {
  explicit Talk(const Config& configure = [](RoomConfig&) {}) : Archive(configure) {}

  Texts tells(const std::string& question) { return texts(asks(alice, question)); }
  std::string time(int number) { return timestamp(ids[number].time()); }
  std::string id(int number) { return msgid(ids[number]); }

  ConnectionId alice = enters("alice", with_history);
  ConnectionId bob = enters("bob", "message-tags");
  std::vector<protocol::MessageId> ids = [this] {
    joins(bob, "#Cats");
    joins(alice, "#Cats");
    std::vector<protocol::MessageId> ids;
    for (const auto& text : range(0, 9)) ids.push_back(posts(bob, text));
    return ids;
  }();
};

}  // namespace troupe::test
