#pragma once

#include "chat/ids.hpp"
#include "db/message.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// The forms in which one line is written, by the tags its receivers understand: bit 0 stands for
/// message-tags (msgid and client-only tags), bit 1 for server-time.
enum class Shape : std::uint8_t { plain = 0, tagged = 1, timed = 2, tagged_timed = 3 };
inline constexpr std::size_t shapes = 4;

/// A stretch of one of a batch's texts.
struct Slice {
  std::uint32_t text = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool operator==(const Slice&) const = default;
};

/// How a connection stands with the room after a delivery.
enum class Standing : std::uint8_t {
  unchanged,
  entered,  ///< it is registered now
  refused,  ///< its nick is taken; it may try another one
};

/// What one connection receives of a batch. Its slices are a chain in the batch's `links`, so that a delivery
/// allocates nothing of its own.
struct Delivery {
  static constexpr auto none = std::numeric_limits<std::uint32_t>::max();

  ConnectionId to{};
  std::uint32_t first = none;  ///< the link of its first slice
  std::uint32_t last = none;   ///< and of its last one
  std::uint32_t answered = 0;  ///< how many of its commands this answers
  Standing standing = Standing::unchanged;
};

/// All that happened in the room between two deliveries, in the room's order: each line written once per
/// shape, and for every receiver the stretches that are for it. Immutable once it leaves the room, so that
/// all may share it.
struct Batch {
  /// A slice of a delivery, and where the delivery goes on.
  struct Link {
    Slice slice;
    std::uint32_t next = Delivery::none;
  };

  /// A channel's message on its way to the store, and what becomes of its lines if it can't be kept.
  struct Pending {
    std::vector<Slice> lines;  ///< the lines that show it, to be taken out
    Slice answer;   ///< what its sender is told if it is kept: a slice of its delivery, even if that is empty
    Slice refusal;  ///< what stands there instead if it is not; empty if another one of its messages tells it
  };

  std::uint64_t number = 0;    ///< they count up
  protocol::MessageId newest;  ///< the last id that was given out by then: no later message is in it

  static constexpr std::size_t direct = shapes;  ///< the text that holds what is for one receiver alone
  std::array<std::string, shapes + 1> texts;
  std::vector<Delivery> deliveries;
  std::vector<Link> links;
  std::vector<db::Message> messages;  ///< to be stored before anybody is shown this batch
  std::vector<Pending> pending;       ///< one for each of `messages`

  bool empty() const { return deliveries.empty() && messages.empty(); }
  std::string_view view(const Slice& s) const {
    return std::string_view{texts[s.text]}.substr(s.begin, s.end - s.begin);
  }

  /// Calls `f` with each slice of a delivery, in order.
  template <class F>
  void each_slice(const Delivery& delivery, F f) const {
    for (auto link = delivery.first; link != Delivery::none; link = links[link].next) f(links[link].slice);
  }
  /// Adds a slice to a delivery.
  void append(Delivery& delivery, Slice slice);

  /// The same without the messages to be stored: their senders are told, nobody is shown them.
  Batch without_messages() const;
};

}  // namespace troupe
