#include "client/console.hpp"

#include "client/clean.hpp"
#include "client/connection.hpp"
#include "client/prompt.hpp"
#include "client/streams.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <signal.h>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <utility>

namespace troupe::client {

namespace {

constexpr std::size_t most_unwritten = 1 << 20;  // bytes of output that wait, before the server has to

bool wants_colours() {
  const char* const no_color = std::getenv("NO_COLOR");  // no-color.org
  const char* const term = std::getenv("TERM");
  return (no_color == nullptr || *no_color == '\0') && term != nullptr && std::string_view(term) != "dumb";
}

}  // namespace

Console::Console(caf::actor_config& config, Options options, Manner manner, int signals, caf::actor parent)
    : caf::blocking_actor(config),
      options_(std::move(options)),
      manner_(manner),
      signals_(signals),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      parent_(std::move(parent)),
      session_(options_, manner) {}

// Called on the sender's thread.
void Console::enqueue(caf::mailbox_element_ptr message, caf::execution_unit* unit) {
  caf::blocking_actor::enqueue(std::move(message), unit);
  ::eventfd_write(wake_.number(), 1);
}

std::unique_ptr<Screen> Console::make_screen(Manner manner) {
  if (manner == Manner::script) return std::make_unique<Streams>();
  return std::make_unique<Prompt>(Style{wants_colours(), local_clock, local_past_clock});
}

void Console::act() {
  screen_ = make_screen(manner_);
  connection_ =
      system().middleman().spawn_broker(connection, caf::actor_cast<console_actor>(caf::actor(this)));
  monitor(connection_);
  perform(session_.start(Clock::now()));
  while (!ending_) wait();
  flush();
  screen_->close();
  if (!ending_->complaint.empty()) {
    const auto line = "troupe: " + printable(ending_->complaint) + "\n";
    std::fputs(line.c_str(), stderr);
  }
  caf::anon_send_exit(connection_, caf::exit_reason::user_shutdown);
  const bool all_else_well = ending_->status == Status::ok;
  send(parent_, static_cast<int>(output_lost_ && all_else_well ? Status::output : ending_->status));
}

void Console::wait() {
  screen_->prompt(session_.prompt());
  enum { wake, signal, input, output };
  std::array<pollfd, 4> watched = {
      pollfd{wake_.number(), POLLIN, 0},
      pollfd{signals_.number(), POLLIN, 0},
      pollfd{session_.wants_input() ? STDIN_FILENO : -1, POLLIN, 0},
      pollfd{screen_->unwritten() > 0 ? STDOUT_FILENO : -1, POLLOUT, 0},
  };
  if (::poll(watched.data(), watched.size(), poll_timeout()) < 0) return;  // interrupted
  if (watched[wake].revents != 0) read_mailbox();
  if (watched[signal].revents != 0) read_signals();
  if (watched[output].revents != 0) {
    write();
    ask_for_more();
  }
  if (watched[input].revents != 0 && session_.wants_input()) read_input();
  if (const auto due = session_.deadline(); due && *due <= Clock::now())
    perform(session_.expired(Clock::now()));
}

// Milliseconds until the session's deadline, rounded up; -1 without one.
int Console::poll_timeout() const {
  const auto due = session_.deadline();
  if (!due) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - Clock::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, INT_MAX));
}

// Writes what is left at the end: all of it, but after an interrupt only what can be written without waiting.
void Console::flush() {
  while (screen_->unwritten() > 0) {
    std::array<pollfd, 2> watched = {pollfd{STDOUT_FILENO, POLLOUT, 0}, pollfd{signals_.number(), POLLIN, 0}};
    const int ready = ::poll(watched.data(), watched.size(), interrupted_ ? 0 : -1);
    if (ready == 0 || watched[1].revents != 0) return;
    if (watched[0].revents != 0) write();
  }
}

// Without output there is no point in going on: it leaves as at the end of input, with all that was sent so
// far acknowledged.
void Console::write() {
  screen_->write();
  const auto failure = screen_->failure();
  if (failure.empty() || std::exchange(output_lost_, true)) return;
  const auto line = "troupe: cannot write to standard output: " + failure + "\n";
  std::fputs(line.c_str(), stderr);
  if (!ending_) perform(session_.input_ended(Clock::now()));
}

void Console::read_input() {
  const auto input = screen_->read();
  for (const auto& line : input.lines) perform(session_.typed(Clock::now(), line));
  if (input.ended) perform(session_.input_ended(Clock::now()));
}

void Console::read_signals() {
  signalfd_siginfo info{};
  if (::read(signals_.number(), &info, sizeof info) != sizeof info) return;
  switch (info.ssi_signo) {
    case SIGWINCH:
      return screen_->resized();
    case SIGTSTP:
      return screen_->suspend();
    default:
      interrupted_ = true;
      return perform(session_.interrupted(Clock::now()));
  }
}

void Console::read_mailbox() {
  eventfd_t ignored = 0;
  ::eventfd_read(wake_.number(), &ignored);
  while (has_next_message()) {
    receive(
        [&](connected_atom) { perform(session_.connected(Clock::now())); },
        [&](lines_atom, const std::vector<std::string>& lines) {
          perform(session_.received(Clock::now(), lines));
          more_is_owed_ = true;
          ask_for_more();
        },
        [&](closed_atom, const std::string& why) { perform(session_.lost(Clock::now(), why)); },
        [&](const caf::down_msg&) { perform(session_.lost(Clock::now(), "the connection's actor died")); });
  }
}

// Lets the connection read on if there is room for what comes.
void Console::ask_for_more() {
  if (!more_is_owed_ || screen_->unwritten() >= most_unwritten) return;
  more_is_owed_ = false;
  send(connection_, more_atom::value);
}

void Console::perform(Step step) {
  if (!step.bytes.empty()) send(connection_, send_atom::value, std::move(step.bytes));
  for (const auto& event : step.events) screen_->show(event);
  if (step.disconnect) send(connection_, close_atom::value);
  if (step.connect) send(connection_, connect_atom::value, options_.host, options_.port);
  if (step.end && !ending_) ending_ = std::move(step.end);
}

}  // namespace troupe::client
