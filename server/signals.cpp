#include "server/signals.hpp"

#include "log/log.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

namespace troupe::server {
namespace {

std::string_view name_of(std::uint32_t signal) {
  switch (signal) {
    case SIGHUP:
      return "SIGHUP";
    case SIGUSR1:
      return "SIGUSR1";
    case SIGUSR2:
      return "SIGUSR2";
    case SIGINT:
      return "SIGINT";
    default:
      return "SIGTERM";
  }
}

}  // namespace

class Signals::Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "cannot wait for signals");
  }
  ~Descriptor() { close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  operator int() const { return fd_; }

 private:
  int fd_;
};

Signals::Signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  signals_ = std::make_shared<Descriptor>(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  wake_ = std::make_shared<Descriptor>(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

Signals::~Signals() = default;

Signals::Event Signals::wait() {
  for (;;) {
    std::array<pollfd, 2> ready{pollfd{*signals_, POLLIN, 0}, pollfd{*wake_, POLLIN, 0}};
    if (poll(ready.data(), ready.size(), -1) < 0) continue;  // a debugger, perhaps
    signalfd_siginfo signal{};
    if (read(*signals_, &signal, sizeof signal) == sizeof signal) {
      if (signal.ssi_signo == SIGINT || signal.ssi_signo == SIGTERM) return Event::end;
      if (signal.ssi_signo == SIGUSR1) return Event::measure;
      log::info("signal without effect", {{"signal", name_of(signal.ssi_signo)}});
    }
    std::uint64_t count = 0;
    if (read(*wake_, &count, sizeof count) == sizeof count) return Event::woken;
  }
}

std::function<void()> Signals::waker() const {
  return [wake = wake_] {
    const std::uint64_t one = 1;
    // It fails only if it has been called 2^64 times already.
    [[maybe_unused]] const auto written = write(*wake, &one, sizeof one);
  };
}

}  // namespace troupe::server
