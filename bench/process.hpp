#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/types.h>

namespace troupe::bench {

/// What processes have used up to now, together.
struct ProcessUsage {
  std::chrono::nanoseconds cpu{};  ///< user and system time of all their threads, ended ones included
  std::uint64_t resident = 0;      ///< bytes of memory, now (VmRSS)
  std::uint64_t peak = 0;          ///< the most it ever was (VmHWM)
};

/// Of these processes; throws std::runtime_error if one is gone.
ProcessUsage usage_of(std::span<const pid_t> processes);

/// CPU time of this process.
std::chrono::nanoseconds own_cpu();

/// Lets this process open at least so many files, as root beyond the hard limit; throws std::runtime_error
/// if it may not.
void raise_file_limit(std::size_t files);

}  // namespace troupe::bench
