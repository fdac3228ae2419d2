#pragma once

#include "bench/fanout.hpp"

#include <string>

namespace troupe::bench {

/// What was measured, for people.
std::string to_table(const FanoutOptions& options, const Measurements& measured);

/// The same for programs: one JSON object on one line.
std::string to_json(const FanoutOptions& options, const Measurements& measured);

/// "12,345,678".
std::string with_commas(std::uint64_t number);

}  // namespace troupe::bench
