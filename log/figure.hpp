#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// What somebody counts or measures: a count, a length, bytes, or a time, whose name ends in its unit then.
struct Figure {
  std::string name;  ///< lower case and underscores
  std::int64_t value = 0;

  template <std::integral Number>
  Figure(std::string_view its_name, Number number)
      : name(its_name), value(static_cast<std::int64_t>(number)) {}

  bool operator==(const Figure&) const = default;
};

}  // namespace troupe
