#include "client/console.hpp"
#include "client/options.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <langinfo.h>
#include <random>
#include <signal.h>
#include <span>
#include <string>
#include <string_view>
#include <sys/signalfd.h>
#include <unistd.h>

namespace {

using namespace troupe::client;

struct Config : caf::actor_system_config {
  Config() {
    load<caf::io::middleman>();
    set("scheduler.policy",
        caf::atom("sharing"));  // workers that wait use no CPU; those that steal look around
    set("scheduler.max-threads", 1u);
    set("middleman.max-consecutive-reads", 1u);  // so that a halted socket is read no further
  }
};

std::optional<std::string> environment(std::string_view name) {
  const char* const value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// Opens what the caller closed, so that no descriptor of ours is taken for standard input, output or error.
void open_standard_descriptors() {
  for (int number = open("/dev/null", O_RDWR); number >= 0; number = dup(number)) {
    if (number <= STDERR_FILENO) continue;
    close(number);
    return;
  }
}

// Readline needs to know that text is UTF-8, which all of IRC is here, also where no locale is set.
void use_utf8() {
  std::setlocale(LC_ALL, "");
  if (std::string_view(nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

// A descriptor from which the signals can be read, and which are blocked in this thread and all that it
// starts.
int catch_signals(Manner manner) {
  sigset_t caught;
  sigemptyset(&caught);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    sigaction(number, nullptr, &before);
    if (before.sa_handler != SIG_IGN) sigaddset(&caught, number);  // whoever started us with nohup meant it
  }
  if (manner == Manner::terminal) {
    sigaddset(&caught, SIGWINCH);
    sigaddset(&caught, SIGTSTP);
  }
  sigprocmask(SIG_BLOCK, &caught, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_descriptors();
  const auto options = read_options({argv, static_cast<std::size_t>(argc)}, environment,
                                    [] { return std::random_device()(); });
  if (!options) {
    const auto& end = options.error();
    if (end.status != Status::ok) {
      std::fprintf(stderr, "troupe: %s\n", end.text.c_str());
    } else if (std::fputs(end.text.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
      std::fprintf(stderr, "troupe: cannot write to standard output: %s\n", std::strerror(errno));
      return static_cast<int>(Status::output);
    }
    return static_cast<int>(end.status);
  }
  use_utf8();
  const auto manner = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) ? Manner::terminal : Manner::script;
  const int signals = catch_signals(manner);

  Config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  auto status = static_cast<int>(Status::lost);
  self->spawn<Console, caf::detached + caf::monitored>(*options, manner, signals, caf::actor(self));
  bool running = true;
  self->receive_while(running)([&](int result) { status = result; },
                               [&](const caf::down_msg&) { running = false; });
  return status;
}
