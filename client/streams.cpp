#include "client/streams.hpp"

#include "client/clean.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <unistd.h>

namespace troupe::client {

Screen::Input Streams::read() {
  std::array<char, 16 * 1024> bytes;
  const auto count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return {};
  Input input;
  if (count > 0) {
    input.lines = incoming_.add({bytes.data(), static_cast<std::size_t>(count)});
  } else {
    if (auto rest = incoming_.rest()) input.lines.push_back(std::move(*rest));
    input.ended = true;
  }
  return input;
}

void Streams::show(const Event& event) {
  if (event.kind == EventKind::error) {
    const auto line = "troupe: " + printable(event.text) + "\n";
    std::fputs(line.c_str(), stderr);
  } else if (broken_ == 0) {
    static const Style style{false, {}, [](auto time, auto) { return protocol::to_timestamp(time); }};
    unwritten_ += format(event, style, {}) + "\n";
  }
}

// A pipe that is writable takes PIPE_BUF bytes without blocking (POSIX, write()).
void Streams::write() {
  const auto count =
      ::write(STDOUT_FILENO, unwritten_.data(), std::min<std::size_t>(unwritten_.size(), PIPE_BUF));
  if (count >= 0) {
    unwritten_.erase(0, static_cast<std::size_t>(count));
  } else if (errno != EINTR && errno != EAGAIN) {
    broken_ = errno;
    unwritten_.clear();
  }
}

std::string Streams::failure() const {
  return broken_ == 0 || broken_ == EPIPE ? std::string{} : std::strerror(broken_);
}

}  // namespace troupe::client
