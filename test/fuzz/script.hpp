#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe::fuzz {

/// The fuzzer's bytes, read as a script: steps that are one letter each, and what belongs to them. A script
/// is never wrong: where it has ended, everything is 0 or empty.
class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  bool ended() const { return rest_.empty(); }

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto first = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }

  /// A number below `end`.
  std::size_t below(std::size_t end) { return byte() % end; }

  /// A number of 64 bits, little end first.
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value |= std::uint64_t{byte()} << (8 * i);
    return value;
  }

  /// What stands before the next byte `end`, which is passed over. 0xFF is in no text, and so ends one.
  std::string_view until(char end = '\xFF') {
    const auto text = rest_.substr(0, rest_.find(end));
    rest_.remove_prefix(std::min(text.size() + 1, rest_.size()));
    return text;
  }

 private:
  std::string_view rest_;
};

}  // namespace troupe::fuzz
