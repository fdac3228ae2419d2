#pragma once

#include <chrono>
#include <string>

namespace troupe::bench {

/// One line on standard error that tells how it is going, if that is a terminal.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Whether a new text is due: a few times a second, on a terminal.
  bool due();
  void show(const std::string& text);

 private:
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace troupe::bench
