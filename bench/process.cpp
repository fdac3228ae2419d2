#include "bench/process.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <time.h>

namespace troupe::bench {
namespace {

std::chrono::nanoseconds time_on(clockid_t clock, const std::string& whose) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0) throw std::runtime_error("cannot read the CPU time of " + whose);
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

}  // namespace

ProcessUsage usage_of(std::span<const pid_t> processes) {
  ProcessUsage sum;
  for (const auto pid : processes) {
    const auto name = "process " + std::to_string(pid);
    // The same time as in /proc/PID/stat, but in nanoseconds instead of hundredths of a second.
    clockid_t clock{};
    if (::clock_getcpuclockid(pid, &clock) != 0) throw std::runtime_error(name + " is gone");
    sum.cpu += time_on(clock, name);

    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    constexpr std::uint64_t kibibyte = 1024;
    std::uint64_t number = 0;
    for (std::string word; status >> word;) {
      if (word == "VmRSS:" && status >> number) sum.resident += number * kibibyte;
      if (word == "VmHWM:" && status >> number) sum.peak += number * kibibyte;
    }
  }
  return sum;
}

std::chrono::nanoseconds own_cpu() { return time_on(CLOCK_PROCESS_CPUTIME_ID, "this process"); }

void raise_file_limit(std::size_t files) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= files) return;
  const rlimit wanted{files, std::max<rlim_t>(files, limit.rlim_max)};
  if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0) return;
  throw std::runtime_error("cannot open " + std::to_string(files) + " files: the limit (ulimit -Hn) is " +
                           std::to_string(limit.rlim_max));
}

}  // namespace troupe::bench
