#pragma once

#include "chat/audience.hpp"
#include "chat/shape.hpp"
#include "chat/user.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// A user in a channel, and its rank there.
struct Membership {
  User* user = nullptr;
  std::uint64_t number = 0;  ///< they count up in the order of joining, within a channel
  bool op = false;
  bool voice = false;

  Rank rank() const { return op ? Rank::op : voice ? Rank::voice : Rank::none; }

  /// "@", "+", "@+" (multi-prefix) or "", by the table of modes.
  std::string prefix(bool multi) const;
};

class Past;

/// A channel: it exists as long as it has members.
struct Channel {
  struct Topic {
    std::string text;
    std::string setter;
    protocol::Time time;
  };
  struct Ban {
    std::string mask;
    std::string setter;
    protocol::Time time;
  };

  ChannelId id{};
  std::string name;      ///< as its first member wrote it
  std::string folded;    ///< as the store and the room know it
  Past* past = nullptr;  ///< which may live longer
  protocol::Time created;
  std::optional<Topic> topic;
  std::vector<Ban> bans;
  std::optional<std::string> key;
  std::optional<std::size_t> limit;
  bool invite_only = false;
  bool moderated = false;
  bool no_external = true;
  bool secret = false;
  bool topic_protected = true;
  std::vector<Membership> members;            ///< in the order of joining
  std::uint64_t last_member = 0;              ///< the last number that one was given
  std::array<std::size_t, shapes> readers{};  ///< how many members get their lines in each shape
  std::vector<User*> invited;                 ///< they may join once, whatever bars others

  /// The user's membership; null if it has none.
  Membership* find(User& user) {
    const auto* joined = user.joined(*this);
    return joined ? &members[place_behind(joined->number - 1)] : nullptr;
  }

  /// The place of the first member whose number is larger.
  std::size_t place_behind(std::uint64_t number) const;

  bool is_banned(const User& user) const;
  /// Whether anybody may join, and see what is in it.
  bool is_open() const { return !invite_only && !key && !secret && bans.empty(); }

  Membership& add(User& user);
  void remove(User& user);
  /// A member gets its lines in another shape from now on.
  void reshape(Shape before, Shape after);

  /// The shapes in which its members get their lines, but for one of them.
  ShapeSet shapes_without(const User* user) const;

  void invite(User& user);
  void uninvite(User& user);
  bool has_invited(const User& user) const;

  /// By the table of modes, "+nt": with key and limit as parameters if `with_parameters`.
  std::string modes(bool with_parameters) const;
};

}  // namespace troupe
