#include "bench/fault.hpp"

#include <charconv>
#include <utility>

namespace troupe::bench {

std::optional<Fault> Fault::parse(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == text.npos) return std::nullopt;
  const auto name = text.substr(0, colon);
  std::uint64_t every = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + colon + 1, end, every);
  if (error != std::errc{} || rest != end || every == 0) return std::nullopt;
  if (name == "drop") return Fault{Kind::drop, every};
  if (name == "duplicate") return Fault{Kind::duplicate, every};
  if (name == "swap") return Fault{Kind::swap, every};
  return std::nullopt;
}

void Fault::deliver(std::string_view line, std::string& bytes, std::string& held) {
  const bool wrong = any() && ++deliveries_ % every_ == 0;
  if (wrong && kind_ == Kind::drop) return;
  if (wrong && kind_ == Kind::swap && held.empty()) {
    held = line;
    return;
  }
  bytes += line;
  if (wrong && kind_ == Kind::duplicate) bytes += line;
  bytes += std::exchange(held, {});
}

}  // namespace troupe::bench
