#pragma once

#include "client/event.hpp"
#include "client/history.hpp"
#include "client/input.hpp"
#include "client/negotiation.hpp"
#include "client/outbox.hpp"
#include "client/status.hpp"
#include "protocol/message.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::client {

/// A room to enter, by its name, with its key if it has one.
struct Room {
  std::string name;
  std::string key;

  bool operator==(const Room&) const = default;
};

/// What comes of one input: lines for the server, each with its CR LF, and events to show, each in order.
struct Output {
  std::vector<std::string> lines;
  std::vector<Event> events;
};

/// Why a server does not let this client in.
struct Refusal {
  Status status;
  std::string text;
};

/// True for what can be sent back to a server as a nick or a room's name: one word, of which a line can hold
/// two besides a command.
bool is_name(std::string_view text);

/// One connection's talk with an IRC server, from registration to QUIT: lines and inputs in, lines and events
/// out. It holds no socket and no clock.
class Conversation {
 public:
  struct Settings {
    std::string nick;
    std::string password;     ///< empty for none
    std::vector<Room> rooms;  ///< to enter at once; the last one becomes the current one
    bool catch_up = false;    ///< shows what was said in a room before it is entered
  };

  /// `history` is that of the conversation before, if there was one.
  explicit Conversation(Settings settings, History history = {});

  /// The connection stands.
  Output open();

  /// A line came, without its line end.
  Output receive(std::string_view line);

  /// A person wants something: done when its turn comes, after what is before it has been answered. Not for
  /// `Verb::help` and `Verb::quit`, which are no matter of the server's.
  Output submit(Input input);

  /// Says QUIT; nothing follows it.
  Output quit(std::string_view reason);

  /// Asks for a sign of life.
  Output ping();

  /// The connection is gone. Shows what was held back for the sake of the order.
  Output lost();

  /// The same, if there is going to be no other conversation.
  Output end();

  /// For the next conversation, after `lost`.
  History history() && { return std::move(history_); }

  bool registered() const { return registered_; }

  /// Nothing waits to be sent or answered, and every room has been entered or refused.
  bool idle() const { return registered_ && waiting_.empty() && outbox_.idle(); }

  /// How many inputs and messages wait to be sent or answered.
  std::size_t backlog() const { return waiting_.size() + outbox_.size(); }

  /// The texts that the server may not have got.
  std::vector<std::string> unsettled_texts() const;

  /// How many things that were sent have been refused, or could not be sent at all.
  std::size_t failures() const { return failures_; }

  /// Set once the server has refused the registration.
  const std::optional<Refusal>& refusal() const { return refusal_; }

  /// Set once one of the rooms of the settings could not be entered: says why.
  const std::optional<std::string>& refused_room() const { return refused_room_; }

  /// What the server said in an ERROR, after which it closes the connection.
  const std::optional<std::string>& last_error() const { return last_error_; }

  const std::string& nick() const { return nick_; }

  /// The rooms that this client is in or still to enter, the current one last.
  std::vector<Room> rooms() const;

  /// Where a plain line goes; empty if this client is in no room.
  const std::string& current_room() const { return current_; }

 private:
  using Handler = void (Conversation::*)(const protocol::Message&);
  static Handler handler_of(std::string_view command);

  // What the server says.
  void on_ping(const protocol::Message& message);
  void on_capabilities(const protocol::Message& message);
  void on_welcome(const protocol::Message& message);
  void on_text(const protocol::Message& message);
  void on_join(const protocol::Message& message);
  void on_part(const protocol::Message& message);
  void on_kick(const protocol::Message& message);
  void on_quit(const protocol::Message& message);
  void on_nick(const protocol::Message& message);
  void on_topic(const protocol::Message& message);
  void on_mode(const protocol::Message& message);
  void on_invite(const protocol::Message& message);
  void on_away(const protocol::Message& message);
  void on_error(const protocol::Message& message);
  void on_isupport(const protocol::Message& message);
  void on_batch(const protocol::Message& message);
  void on_names(const protocol::Message& message);
  void on_end_of_names(const protocol::Message& message);
  void on_reply(const protocol::Message& message);
  bool on_refused_registration(const protocol::Message& message);
  bool on_refused_history(const protocol::Message& message);
  void on_past(const protocol::Message& message);

  // What the person wants.
  void perform(Input input);
  void say(const std::string& target, std::string_view text, bool action);
  void enter(Room room, Purpose purpose);
  void look_back(std::size_t count);
  void command(std::string name, std::vector<std::string> params);

  void entered(const Room& room);
  void left(const std::string& room);
  void forget_to_enter(const std::string& room);
  void learn_source(const protocol::Message& message);
  bool is_own(std::string_view nick) const;
  bool is_in(std::string_view room) const;
  std::string context(std::string_view sender, std::string_view target) const;
  std::optional<Event> read_text(const protocol::Message& message) const;
  std::size_t room_for_text(const std::string& target, bool action) const;

  void send(const protocol::Message& message);
  void show(const protocol::Message& message, EventKind kind, std::string text);
  void show(const protocol::Message& message, Event event);
  void show(std::vector<Event> events);
  void fail(std::string text);
  void pump();
  Output take();

  Settings settings_;  // its rooms are those still to enter
  std::string nick_;
  std::size_t source_length_;  // the most bytes of "nick!user@host" that the server may put before our texts
  bool registered_ = false;
  bool quitting_ = false;

  Negotiation negotiation_;
  Outbox outbox_;
  std::deque<Input> waiting_;
  History history_;

  std::map<std::string, Room> rooms_;        // by folded name
  std::map<std::string, std::string> keys_;  // of rooms that were asked for, by folded name
  std::string current_;

  struct Names {
    std::size_t count = 0;
    std::string list;
  };
  std::map<std::string, Names> names_;  // told so far, by room

  std::size_t failures_ = 0;
  std::optional<Refusal> refusal_;
  std::optional<std::string> refused_room_;
  std::optional<std::string> last_error_;
  Output output_;
};

}  // namespace troupe::client
