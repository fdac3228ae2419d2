// Loaded into the server by the soak (LD_PRELOAD): its wall clock is as many nanoseconds off as the file
// SOAK_CLOCK says at that moment. The monotonic clock is what it is.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

constexpr std::int64_t second = 1'000'000'000;

/// Shared with the soak, which writes to it. System calls of their own, as a sanitizer's are not ready so
/// early.
const std::atomic<std::int64_t>* map_offset() {
  static constexpr std::atomic<std::int64_t> none{0};
  const char* file = std::getenv("SOAK_CLOCK");
  if (!file) return &none;
  const long descriptor = syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return &none;
  const long address = syscall(SYS_mmap, nullptr, sizeof none, PROT_READ, MAP_SHARED, descriptor, 0);
  syscall(SYS_close, descriptor);
  // The kernel's own way to say that it failed.
  if (address < 0 && address > -4096) return &none;
  return reinterpret_cast<const std::atomic<std::int64_t>*>(address);
}

std::int64_t wall_clock() {
  static const auto* const offset = map_offset();
  timespec now{};
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
  return now.tv_sec * second + now.tv_nsec + offset->load(std::memory_order_relaxed);
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)
    return static_cast<int>(syscall(SYS_clock_gettime, clock, now));
  const auto time = wall_clock();
  *now = {.tv_sec = time / second, .tv_nsec = time % second};
  return 0;
}

int gettimeofday(timeval* now, void*) noexcept {
  const auto time = wall_clock();
  *now = {.tv_sec = time / second, .tv_usec = time % second / 1000};
  return 0;
}

time_t time(time_t* now) noexcept {
  const auto seconds = static_cast<time_t>(wall_clock() / second);
  if (now) *now = seconds;
  return seconds;
}

}  // extern "C"
