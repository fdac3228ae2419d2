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
  std::uint64_t matched = 0;  ///< the last ban whose mask was compared with its user; see Channel::is_banned
  bool banned = false;        ///< that mask matches

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
    std::uint64_t number = 0;  ///< they count up, within a channel
  };

  ChannelId id{};
  std::string name;      ///< as its first member wrote it
  std::string folded;    ///< as the store and the room know it
  std::string network;   ///< its founder's
  Past* past = nullptr;  ///< which may live longer
  protocol::Time created;
  std::optional<Topic> topic;
  std::vector<Ban> bans;       ///< in the order of their numbers
  std::uint64_t last_ban = 0;  ///< the last number that one was given
  std::optional<std::string> key;
  std::optional<std::size_t> limit;
  bool invite_only = false;
  bool moderated = false;
  bool no_external = true;
  bool secret = false;
  bool topic_protected = true;
  bool was_spoken_in = false;                 ///< messages that were to be stored, since it has members
  std::vector<Membership> members;            ///< in the order of joining
  std::uint64_t last_member = 0;              ///< the last number that one was given
  std::array<std::size_t, shapes> readers{};  ///< how many members get their lines in each shape
  std::vector<User*> invited;                 ///< they may join once, whatever bars others

  /// The user's membership; null if it has none.
  Membership* find(User& user) {
    const auto* joined = user.joined(*this);
    return joined ? &membership(*joined) : nullptr;
  }
  Membership& membership(const User::Joined& joined) { return members[place_behind(joined.number - 1)]; }

  /// The place of the first member whose number is larger.
  std::size_t place_behind(std::uint64_t number) const;

  void ban(std::string mask, std::string setter, protocol::Time now);
  /// True if a ban's mask matches a member. Each mask is compared with it once, when this is first asked:
  /// again only after it got another nick (`renamed`).
  bool is_banned(Membership& member) const;
  /// How many masks are still to be compared with it for that.
  std::size_t unmatched(const Membership& member) const;
  /// True if a ban's mask matches somebody who is no member: looks at all of them.
  bool bans_outsider(const User& user) const;
  static void renamed(Membership& member) { member.matched = 0; }
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
