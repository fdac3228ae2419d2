#pragma once

#include "client/file_descriptor.hpp"
#include "client/interfaces.hpp"
#include "client/screen.hpp"
#include "client/session.hpp"

#include <memory>
#include <optional>
#include <string>

namespace troupe::client {

/// The actor between the person and the connection: it waits for keys, signals, time and messages all at
/// once, hands each to the session, and does what the session says.
///
/// It needs a thread of its own and `poll`, because standard input can be a file, which no event loop takes.
/// So it is a blocking actor that does not block on its mailbox: whoever puts a message into it also wakes
/// the `poll`.
///
/// When it is done it sends its status (an int) to `parent`.
class Console : public caf::blocking_actor {
 public:
  /// `signals`: where SIGINT, SIGTERM, SIGHUP, SIGWINCH and SIGTSTP can be read, which are blocked elsewhere
  /// (signalfd). So there is no signal handler, and none of the restrictions of one.
  Console(caf::actor_config& config, Options options, Manner manner, int signals, caf::actor parent);

  const char* name() const override { return "console"; }
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit* unit) override;
  void act() override;

 private:
  static std::unique_ptr<Screen> make_screen(Manner manner);

  void wait();
  void flush();
  void write();
  void read_input();
  void read_signals();
  void read_mailbox();
  void ask_for_more();
  void perform(Step step);
  int poll_timeout() const;

  Options options_;
  Manner manner_;
  FileDescriptor signals_;
  FileDescriptor wake_;  // an eventfd: readable while the mailbox may hold messages
  caf::actor parent_;
  Session session_;
  std::unique_ptr<Screen> screen_;
  connection_actor connection_;
  bool more_is_owed_ = false;  // lines came while too much output was waiting
  bool interrupted_ = false;
  bool output_lost_ = false;
  std::optional<Ending> ending_;
};

}  // namespace troupe::client
