#include "bench/progress.hpp"

#include <iostream>
#include <unistd.h>

namespace troupe::bench {

Progress::Progress() : terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (shown_) std::cerr << "\r\x1b[K" << std::flush;
}

bool Progress::due() {
  if (!terminal_) return false;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return false;
  next_ = now + std::chrono::milliseconds{250};
  return true;
}

void Progress::show(const std::string& text) {
  std::cerr << '\r' << text << "\x1b[K" << std::flush;
  shown_ = true;
}

}  // namespace troupe::bench
