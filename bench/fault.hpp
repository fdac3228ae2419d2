#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::bench {

/// What a server does wrong, and with which of its deliveries. For tests of those who have to notice.
class Fault {
 public:
  enum class Kind { none, drop, duplicate, swap };

  Fault() = default;
  Fault(Kind kind, std::uint64_t every) : kind_(kind), every_(every) {}

  /// Reads "drop:1000": every thousandth delivery. The others are "duplicate" and "swap" (with the member's
  /// next one).
  static std::optional<Fault> parse(std::string_view text);

  bool any() const { return kind_ != Kind::none; }

  /// Appends a delivery to a member's bytes, or does to it what is wrong. `held` is what of this member's is
  /// kept back until its next one.
  void deliver(std::string_view line, std::string& bytes, std::string& held);

 private:
  Kind kind_ = Kind::none;
  std::uint64_t every_ = 0;
  std::uint64_t deliveries_ = 0;
};

}  // namespace troupe::bench
