#pragma once

#include "protocol/message_id.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::sim {

/// Something that members of a channel see happen there.
struct Event {
  enum class Kind : std::uint8_t { message, join, part, kick, quit, nick, mode, topic };

  Kind kind{};
  std::uint32_t who = 0;      ///< the session that did it
  std::uint32_t message = 0;  ///< its number
  std::string text;           ///< the nick that joins, is kicked or taken, the modes, the topic

  bool operator==(const Event&) const = default;
  std::string describe() const;
};

/// What a channel is like, and who is in it. Far simpler than the room's: it is told what happened, and says
/// whether it could.
struct Truth {
  struct Member {
    std::uint32_t session = 0;
    std::string nick;
    std::string host;
    bool op = false;
    bool voice = false;
  };

  std::vector<Member> members;
  std::set<char> flags = {'n', 't'};
  std::set<std::string> bans;
  std::size_t limit = 0;
  std::uint32_t life = 0;  ///< they count up: a life ends with its last member
  struct Life {
    bool closed = false;  ///< it was at some time
    bool spoken = false;  ///< something was said

    /// Its past, and what was before it, is for those alone who were there.
    bool is_private() const { return closed && spoken; }
  };
  std::vector<Life> lives{1};

  /// The channel is made anew.
  void begin_life();
  Member* find(std::uint32_t session);
  Member* find(std::string_view nick);
  bool bans_member(const Member& member) const;
  bool may_read_past(std::uint32_t session);
  /// Changes it; says what is wrong if it can't have happened.
  std::string apply(const Event& event, const std::string& host, bool invited);

 private:
  std::string apply_modes(const std::string& text);
};

/// What happened in one channel since all came to rest the last time, in the order in which everybody has to
/// see it: whoever sees the next thing first adds it.
struct Order {
  std::string name;
  bool rooted = false;  ///< it is known what the channel was like at its beginning
  std::vector<Event> events;
  std::vector<std::pair<std::uint32_t, std::size_t>> joins;  ///< who, and which of the events
  protocol::MessageId base;  ///< the largest id of the channel's messages before them
  protocol::MessageId last;  ///< the largest one among them
  Truth truth;               ///< after the last of them
  std::uint32_t life = 0;    ///< which it was before them

  /// It has been one life, and secret (+s), all the time.
  bool was_secret() const;

  /// Where somebody's join stands: the first, the second … one.
  std::optional<std::size_t> join_of(std::uint32_t session, std::size_t which) const;
};

}  // namespace troupe::sim
