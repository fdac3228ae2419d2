#pragma once

#include "chat/audience.hpp"
#include "chat/ids.hpp"
#include "chat/shape.hpp"
#include "db/message.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe {

/// A stretch of one of a batch's texts.
struct Slice {
  std::uint32_t text = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  bool empty() const { return begin == end; }
  bool operator==(const Slice&) const = default;
};

/// How a connection stands with the room.
enum class Standing : std::uint8_t {
  unchanged,
  entered,  ///< it is registered now
  refused,  ///< its nick is taken; it may try another one
};

/// All that happened in the room between two deliveries, in the room's order: lines, each with who hears it,
/// changes of who is where, and answers to commands. It names no receivers, so that its size is that of what
/// was said. A value: it can be written down and read back (batch_codec.hpp). Immutable once it leaves the
/// room, so that all may share it.
struct Batch {
  /// What became of its messages; and for which of these outcomes something in it is meant.
  enum class Outcome : std::uint8_t { any, kept, refused };

  /// A line, or several in a row, written for each shape that somebody who hears them may have.
  struct Said {
    Audience to;
    Outcome when = Outcome::any;
    std::array<Slice, shapes> slices;  ///< by shape; one that nobody has is empty

    bool operator==(const Said&) const = default;
  };

  // What changes a roster. Clients that have not entered are in no channel and have no capabilities.
  struct Entered {
    ConnectionId client{};
    protocol::CapabilitySet capabilities;
    bool operator==(const Entered&) const = default;
  };
  struct Negotiated {
    ConnectionId client{};
    protocol::CapabilitySet capabilities;  ///< all that it has from now on
    bool operator==(const Negotiated&) const = default;
  };
  struct Left {
    ConnectionId client{};
    bool operator==(const Left&) const = default;
  };
  struct Joined {
    ConnectionId client{};
    ChannelId channel{};
    Rank rank = Rank::none;
    bool operator==(const Joined&) const = default;
  };
  struct Parted {
    ConnectionId client{};
    ChannelId channel{};
    bool operator==(const Parted&) const = default;
  };
  struct Ranked {
    ConnectionId client{};
    ChannelId channel{};
    Rank rank = Rank::none;
    bool operator==(const Ranked&) const = default;
  };

  /// Commands of a client have been answered.
  struct Answered {
    ConnectionId client{};
    std::uint32_t commands = 0;
    Standing standing = Standing::unchanged;
    bool ask = false;  ///< the room wants to know when the client has taken what it was sent

    bool operator==(const Answered&) const = default;
  };

  using Item = std::variant<Said, Entered, Negotiated, Left, Joined, Parted, Ranked, Answered>;

  std::uint64_t number = 0;    ///< they count up
  protocol::MessageId newest;  ///< the last id that was given out by then: no later message is in it

  static constexpr std::size_t direct = shapes;  ///< the text that holds what is for one client alone
  std::array<std::string, shapes + 1> texts;
  std::vector<Item> items;
  std::vector<ChannelId> channels;    ///< those of audiences; see Audience::first
  std::vector<db::Message> messages;  ///< to be stored before anybody is shown this batch

  bool operator==(const Batch&) const;

  bool empty() const { return items.empty() && messages.empty(); }
  std::string_view view(const Slice& s) const {
    return std::string_view{texts[s.text]}.substr(s.begin, s.end - s.begin);
  }
};

// Not within the class, where clang would have to know all of its parts before they are complete.
inline bool Batch::operator==(const Batch&) const = default;

}  // namespace troupe
