#include "protocol/capabilities.hpp"

#include <algorithm>

namespace troupe::protocol {

static_assert(std::ranges::is_sorted(capability_names));

std::optional<Capability> find_capability(std::string_view name) {
  const auto found = std::ranges::lower_bound(capability_names, name);
  if (found == capability_names.end() || *found != name) return std::nullopt;
  return static_cast<Capability>(found - capability_names.begin());
}

std::string CapabilitySet::names() const {
  std::string names;
  for (std::size_t i = 0; i < capability_names.size(); ++i) {
    if (!has(static_cast<Capability>(i))) continue;
    if (!names.empty()) names += ' ';
    names += capability_names[i];
  }
  return names;
}

CapabilitySet all_capabilities() {
  CapabilitySet all;
  for (std::size_t i = 0; i < capability_names.size(); ++i) all.add(static_cast<Capability>(i));
  return all;
}

}  // namespace troupe::protocol
