#pragma once

#include "protocol/capabilities.hpp"

#include <cstddef>
#include <cstdint>

namespace troupe {

/// The forms in which one line is written, by the tags its receivers understand: bit 0 stands for
/// message-tags (msgid and client-only tags), bit 1 for server-time.
enum class Shape : std::uint8_t { plain = 0, tagged = 1, timed = 2, tagged_timed = 3 };
inline constexpr std::size_t shapes = 4;

/// The shape in which a client with these capabilities gets its lines.
inline Shape shape_of(protocol::CapabilitySet capabilities) {
  return static_cast<Shape>((capabilities.has(protocol::Capability::message_tags) ? 1 : 0) |
                            (capabilities.has(protocol::Capability::server_time) ? 2 : 0));
}

/// A set of shapes, small enough to be passed by value.
class ShapeSet {
 public:
  bool has(Shape shape) const { return (bits_ >> static_cast<unsigned>(shape)) & 1u; }
  void add(Shape shape) { bits_ |= static_cast<std::uint8_t>(1u << static_cast<unsigned>(shape)); }
  void add(ShapeSet others) { bits_ |= others.bits_; }
  bool empty() const { return bits_ == 0; }
  bool operator==(const ShapeSet&) const = default;

 private:
  std::uint8_t bits_ = 0;
};

}  // namespace troupe
