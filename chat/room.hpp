#pragma once

#include "chat/channel.hpp"
#include "chat/last_seen.hpp"
#include "chat/lives.hpp"
#include "chat/outbox.hpp"
#include "chat/pasts.hpp"
#include "chat/recalls.hpp"
#include "chat/turn.hpp"
#include "chat/turns.hpp"
#include "chat/user.hpp"
#include "log/figure.hpp"
#include "log/log.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe {

/// What the room has to know from outside.
struct RoomConfig {
  std::string server_name;
  std::string network_name;
  std::string version;
  std::vector<std::string> motd;  ///< line by line; empty for none
  bool archived = true;           ///< there is a store to ask for what is not in memory
  bool recorded = false;          ///< there are records, which are still to be read
  std::size_t replay = 10;        ///< messages that newcomers are shown who can't ask for them
  Pasts::Bounds memory;           ///< how much of the past is held in memory
  std::chrono::milliseconds keep =
      std::chrono::milliseconds::max();  ///< older messages are not shown any more
  std::size_t channels_per_address = 0;  ///< that were founded from one and are there; 0: any number
  protocol::Time started;
  std::function<std::uint64_t()> random;  ///< 64 random bits a call, for message ids
};

/// Who among those that a line goes to is to hear it.
struct Among {
  const User* except = nullptr;
  std::optional<protocol::Capability> needs = {};
  Rank least = Rank::none;  ///< of members of a channel
};

/// The room itself: who is here under which nick, which channels there are, and who is in them. Commands go
/// in, the lines they cause come out as a Batch, in the order in which they happened. What each command does
/// stands in `chat/commands/`. It knows no actor, no socket and no clock, and is deterministic: of the same
/// inputs come the same batches.
class Room {
 public:
  explicit Room(RoomConfig config);

  // ---- what happens, as the actor around it is told

  /// Lets a client take part under its nick, or refuses it with 433 if the nick is taken; the delivery's
  /// standing says which. Everything about the registration is valid already.
  void enter(ConnectionId id, Registration who, protocol::Time now);

  /// Carries out one command of a client, or sees to it that this follows: behind what it said before, and,
  /// while the batch that gathers is full, behind others. One that has left in the meantime is ignored.
  void command(ConnectionId id, const Input& input, protocol::Time now);

  /// A client has taken what it was sent, as it was asked to tell (Batch::Answered::ask).
  void taken(ConnectionId id, protocol::Time now);

  /// Long answers are told in portions, each when its client has taken the one before, and commands that had
  /// to wait are carried out one by one. True if there is something to be done now: `go_on` does one of
  /// these, so that what others do need not wait for more.
  bool has_more() const { return !turns_.empty() && !outbox_.is_full(); }
  void go_on(protocol::Time now);

  /// Removes a client, and tells each person who shares a channel with it, once. Unknown ones are ignored.
  /// `silent` says for how long it had not been heard of, so that it may have missed what was sent to it
  /// since then; nothing if there is no telling.
  void leave(ConnectionId id, std::string_view reason, protocol::Time now,
             std::optional<std::chrono::milliseconds> silent = std::chrono::milliseconds{0});

  /// From now on nobody is told that somebody left: all are about to be. Answers that go on end where they
  /// are, and no command is carried out any more.
  void close();

  /// These messages are kept now, so that they may be shown again; or they never will be. Each message is
  /// settled once in one of these ways, in the order in which they were said.
  void kept(const std::vector<db::Message>& messages, protocol::Time now);
  void refused(const std::vector<db::Message>& messages, protocol::Time now);

  /// This batch has been written to its receivers.
  void shown(const Batch& batch);

  using Recall = Recalls::Question;
  using Recalled = Recalls::Answer;

  /// The questions that may be put to the store now. Each is to be answered by `recalled`; until then the
  /// client that caused it waits, and nobody else.
  std::vector<Recall> take_recalls() { return recalls_.take(); }
  void recalled(std::uint64_t number, const Recalled& messages, protocol::Time now);

  bool has_output() const { return !outbox_.empty(); }
  Batch take_output();

  /// What the records hold of channels' lives, see Lives. Until then what was said before the start can't be
  /// read.
  void know(const std::vector<db::ChannelLife>& lives, protocol::Time now);
  /// What is to be kept in the records now, at most so many.
  std::vector<db::ChannelLife> take_lives(std::size_t limit) { return lives_.take_changes(limit); }
  bool has_lives() const { return lives_.has_changes(); }
  /// They could not be kept.
  void not_kept(std::span<const db::ChannelLife> lives) { lives_.not_kept(lives); }

  /// How many of everything there are.
  std::vector<Figure> measure() const;

  /// What is worth a line in the log since the last call; never what anybody said.
  std::vector<log::Line> take_log() { return std::exchange(log_, {}); }

  /// Makes all later messages come after this one in the order of ids.
  void continue_after(const protocol::MessageId& id) { ids_.advance_past(id); }

  // ---- what commands share: who and what is here

  // Ordered, so that what is said of all of them has an order that is nobody's hash; and what clients choose
  // as names can make no lookup slow.
  using Users = std::map<std::string, User, std::less<>>;
  using Channels = std::map<std::string, Channel, std::less<>>;

  const RoomConfig& config() const { return config_; }
  const std::vector<std::string>& isupport() const { return isupport_; }  ///< the tokens of RPL_ISUPPORT
  Users& users() { return users_; }                                       ///< by casefolded nick
  Channels& channels() { return channels_; }                              ///< by casefolded name
  std::size_t most_users() const { return most_users_; }
  std::size_t invisible_users() const { return invisible_; }
  std::size_t secret_channels() const { return secret_channels_; }

  User* find_user(std::string_view nick);
  Channel* find_channel(std::string_view name);

  // ---- what commands share: changes

  /// Gives a user another nick, which is free.
  void rename(User& user, std::string_view nick);
  void set_invisible(User& user, bool on);

  /// Whether a user may found one more channel: those of its address are bounded.
  bool may_found(const User& founder) const;
  /// A new channel. It has to get a member at once.
  Channel& found(std::string_view name, const User& founder, protocol::Time now);
  /// Makes a user a member of a channel.
  void admit(Channel& channel, User& user, bool as_operator);
  /// A member has another rank now.
  void rank_changed(const Channel& channel, const Membership& member);
  /// Takes a member out of a channel, which ends when it was the last one.
  void depart(Channel& channel, User& user, protocol::Time now);

  /// A new message's id, and its time. Warns once of ids that run ahead of the clock, until they don't.
  std::pair<protocol::MessageId, protocol::Time> next_id(protocol::Time now);

  /// Notes an event about a user for the log, after its connection and nick.
  void note(std::string_view event, const User& user, std::initializer_list<log::Field> fields,
            log::Level level = log::Level::info);

  // ---- what commands share: telling people. The sender of a command hears of it by the turn's response.

  void tell(User& user, const Line& line, protocol::Time now);
  void tell_members(Channel& channel, const Line& line, protocol::Time now, const Among& among = {});
  /// Tells those who share a channel with a user, each once, but not the user itself. Of `among`, only what
  /// they need counts.
  void tell_peers(User& user, const Line& line, protocol::Time now, const Among& among = {});
  /// Tells the sender in the response, and the other members.
  void announce(Turn& turn, Channel& channel, const Line& line);
  /// A channel's message: `line` tells it to the other members if it can be kept, and the turn's response may
  /// depend on that.
  void say(Turn& turn, Channel& channel, const Line& line, db::Message message);

  // ---- what commands share: the past (newcomers.cpp)

  /// Puts questions to the store; the command goes on with `then` when it has answered, with a turn of its
  /// own, and the client's later commands wait until then. `failed` instead, if the store can't be asked.
  using Then = std::function<void(Turn&, const std::vector<db::Message>&)>;
  using Failed = std::function<void(Turn&)>;
  void ask_store(Turn& turn, std::vector<db::Query> queries, Then then, Failed failed);

  /// Shows somebody who has joined a channel its past, or sees to it that this follows.
  void show_past(Turn& turn, Channel& channel);
  /// Notes that somebody who leaves a channel has seen all of its messages up to this one; all there are.
  void saw(const Channel& channel, User& user, const protocol::MessageId& upto);
  void saw_all(const Channel& channel, User& user) { saw(channel, user, ids_.last()); }
  void forget_expired(Past& past, protocol::Time now) const;
  /// Only messages with larger ids may be read in a channel: the one answer to who may read what.
  protocol::MessageId readable_from(const Channel& channel) const {
    return lives_.readable_from(channel.folded);
  }
  /// False if more may be readable after this message than `readable_from` allows now: that can't be told
  /// until the records have been read.
  bool is_past_settled(const Channel& channel, const protocol::MessageId& after) const {
    return lives_.is_settled_after(after, channel.folded);
  }
  /// A channel may be open to more people now, or to fewer.
  void modes_changed(const Channel& channel, bool was_secret) {
    secret_channels_ += channel.secret;
    secret_channels_ -= was_secret;
    if (!channel.is_open()) lives_.closed(channel.folded);
  }

 private:
  Turn begin(Client& client, const protocol::Message& message, protocol::Time now);
  bool must_wait(Client& client, const Input& input);
  void carry_out(Client& client, const Input& input, protocol::Time now);

  // answers.cpp
  void finish(Turn& turn);
  void work(Turn& turn);
  void pause(Turn& turn);
  bool do_next(Client& client, protocol::Time now);
  void resume(Client& client);
  void had_turn(Client& client);
  void queue(Client& client);
  std::unique_ptr<LongAnswer> take_answer(Client& client);
  Turn again(Client& client, LongAnswer& answer, protocol::Time now);
  void say_answer(Turn& turn, const std::string& text, Batch::Outcome when);
  bool ask_if_owing(Client& client);
  void remove(Channel& channel, User& user, protocol::Time now);
  void renegotiate(Client& client);
  void turn_ends() { outbox_.turn_ends(ids_.last()); }
  void refuse(ConnectionId id, const Registration& who, protocol::Time now);

  void tell_members(Channel& channel, const Line& line, protocol::Time now, const Among& among,
                    Batch::Outcome when);

  // newcomers.cpp
  Past& past_of(const std::string& folded);
  void replay(Channel& channel, const std::vector<Past::Due>& due, protocol::Time now);
  struct Replay;
  Steps::Step replay_of(const Channel& channel, const Past::Newcomer& newcomer) const;
  bool show_replay(Turn& turn, Replay& replay);
  Line not_available(const User& user, const Channel& channel) const;
  bool limit_to_readable(const Channel& channel, Past::Newcomer& newcomer, std::size_t limit) const;
  Outbox::Written write_past(std::span<const db::Message> messages, const Channel& channel, ShapeSet wanted,
                             protocol::Time now);
  void load(const std::string& folded, Past& past, ConnectionId whose);
  void changed(const std::string& folded, Past& past, protocol::Time now);
  void desert(const Channel& channel, protocol::Time now);
  protocol::MessageId mark(protocol::Time now) const;
  void wake();
  bool is_replayed_to(const User& user) const;

  RoomConfig config_;
  protocol::MessageIdGenerator ids_;
  Outbox outbox_;
  std::vector<log::Line> log_;
  bool ids_ahead_ = false;  ///< of the clock, which has been warned of
  std::unordered_map<ConnectionId, Client> clients_;
  Users users_;
  Channels channels_;
  std::uint64_t last_channel_ = 0;   ///< the last id that a channel was given
  Pasts pasts_;                      ///< of channels, and what outlives them
  Turns turns_;                      ///< of those whose next portion or command is due
  bool crowded_ = false;             ///< whoever has a turn goes there; see command
  std::vector<ConnectionId> woken_;  ///< what they waited for may have come; see wake
  Recalls recalls_;
  LastSeen last_seen_;
  Lives lives_;
  std::uint64_t shown_batch_ = 0;  ///< the last one that was written to its receivers
  protocol::MessageId shown_;      ///< all messages up to it were
  std::vector<std::string> isupport_;
  std::unordered_map<std::string, std::size_t> founded_;  ///< channels that are there, by their network
  std::size_t most_users_ = 0;
  std::size_t invisible_ = 0;        ///< users with mode +i
  std::size_t secret_channels_ = 0;  ///< channels with mode +s
  bool closing_ = false;
};

}  // namespace troupe
