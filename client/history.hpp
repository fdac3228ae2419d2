#pragma once

#include "client/event.hpp"
#include "protocol/message.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace troupe::client {

/// Message ids (message-ids), the latest so many of them.
class IdSet {
 public:
  static constexpr std::size_t capacity = 20'000;

  /// False if it was there.
  bool insert(const std::string& id);
  bool contains(const std::string& id) const { return ids_.contains(id); }

 private:
  std::unordered_set<std::string> ids_;
  std::deque<std::string> order_;
};

/// What was said in this client's rooms: which messages have been shown, and which the server is asked for
/// (draft/chathistory), one question at a time. It outlives connections, so that after a lost one the missed
/// messages are shown, and no others.
///
/// A message of the past may come both in an answer and as it is said. It is shown once, and as new.
class History {
 public:
  /// How many messages are shown on entering a room, and by /history without a number.
  static constexpr std::size_t usual = 50;

  /// The most events that are held back.
  static constexpr std::size_t most_held = 10'000;

  /// The most that /history shows at a time, since they wait in memory until the oldest one has come.
  static constexpr std::size_t most = 10'000;

  /// The message's id; empty if it has none that a question could name.
  static std::string id_of(const protocol::Message& message);

  /// The server gives at most so many messages in one answer; 0 for any number (ISUPPORT CHATHISTORY).
  void limit(std::size_t messages);

  /// A message was said in a room. False if it has been shown already.
  bool hear(const std::string& room, const std::string& id);

  /// This client is in a room from now on, which is `time` to the server: to be asked for what it missed
  /// there since it was told the last message, or at its first time for the `usual` latest ones.
  void catch_up(const std::string& room, std::optional<protocol::Time> time);

  /// To be asked for `count` messages before the oldest one that was shown.
  void look_back(const std::string& room, std::size_t count);

  /// True until the answers to all that `catch_up` asks have come: what happens meanwhile is newer, and to be
  /// held back.
  bool catching_up() const;

  /// Holds an event back. `room` and `id` are those of a message that was heard in a room, else empty.
  /// Returns what to show now: nothing, or all that is held back, although too early, if it is too much.
  std::vector<Event> hold(std::string room, std::string id, Event event);

  /// The next question, once.
  std::optional<protocol::Message> question();

  /// Follows the batch that holds the answer.
  void follow_batch(const protocol::Message& message);

  /// True if the message is part of the answer, and so to be given to `add`.
  bool expects(const protocol::Message& message) const;

  /// A message of the answer, with what is to be shown of it.
  void add(std::string id, std::optional<Event> event);

  /// The question was refused. True if another one takes its place.
  bool refuse();

  /// The answer is complete: what to show now.
  std::vector<Event> answered();

  /// The connection ends, and with it whatever was to be asked. Returns what was held back, without the
  /// messages that have their place only after others that the next `catch_up` is going to bring.
  std::vector<Event> abandon();

  /// Those messages, of one room or all, if there is going to be no `catch_up`.
  std::vector<Event> left_over(const std::string& room);
  std::vector<Event> left_over();

 private:
  struct Entry {
    std::string id;
    std::optional<Event> event;
  };

  struct Record {
    IdSet shown;              // without what `look_back` found, which comes by no other way
    std::string oldest;       // the id where `look_back` begins
    std::string newest;       // where `catch_up` begins, as a message reference: all before has been shown
    std::deque<Entry> early;  // heard when `catch_up` was under way, which then was abandoned
  };

  struct Held {
    std::string room;
    std::string id;
    Event event;
  };

  enum class Kind {
    latest,  // at the first time in a room
    missed,  // since an earlier time
    older,   // before what was shown
  };

  enum class Refusal {
    none,
    other_way,  // the same is to be asked in another way
    final,
  };

  struct Question {
    Kind kind;
    std::string room;
    std::size_t wanted = 0;  // of `older`: how many
    std::vector<Event> found = {};
    std::string oldest = {};  // the id of the first message found, or else shown
    bool found_any = false;
    std::optional<protocol::Time> entered = {};
    std::string first_heard = {};  // in this room since it was entered
    std::string last_heard = {};
  };

  Record& record_of(const std::string& room);
  Question* catch_up_of(const std::string& room);
  std::vector<Event> release();
  std::vector<Event> caught_up(const std::vector<Entry>& page);
  std::vector<Event> looked_back(const std::vector<Entry>& page, Refusal refusal);

  std::map<std::string, Record> records_;  // by the room's folded name
  std::size_t page_size_ = 100;

  std::deque<Question> questions_;  // the first one is asked page by page
  bool asked_ = false;
  Refusal refusal_ = Refusal::none;
  std::vector<Held> held_;
  std::string batch_;  // the reference of the open one
  std::vector<Entry> page_;
};

}  // namespace troupe::client
