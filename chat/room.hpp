#pragma once

#include "chat/channel.hpp"
#include "chat/last_seen.hpp"
#include "chat/outbox.hpp"
#include "chat/past.hpp"
#include "chat/recalls.hpp"
#include "chat/response.hpp"
#include "chat/user.hpp"
#include "log/log.hpp"
#include "protocol/commands.hpp"
#include "protocol/message.hpp"
#include "protocol/modes.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace troupe {

/// What the room has to know from outside.
struct RoomConfig {
  std::string server_name;
  std::string network_name;
  std::string version;
  std::vector<std::string> motd;  ///< line by line; empty for none
  bool archived = true;           ///< there is a store to ask for what is not in memory
  std::size_t replay = 10;        ///< messages that newcomers are shown who can't ask for them
  std::chrono::milliseconds keep =
      std::chrono::milliseconds::max();  ///< older messages are not shown any more
  protocol::Time started;
  std::function<std::uint64_t()> random;  ///< 64 random bits a call, for message ids
};

/// What RPL_ISUPPORT says of this server (Modern IRC, "Feature Advertisement").
std::vector<std::string> isupport_tokens(const std::string& network_name);

/// The room itself: who is here under which nick, which channels there are, who is in them, and what may be
/// done. Commands go in, the lines they cause come out as a Batch, in the order in which they happened. It
/// knows no actor, no socket and no clock.
class Room {
 public:
  using Input = troupe::Input;

  explicit Room(RoomConfig config);

  /// Lets a client take part under its nick, or refuses it with 433 if the nick is taken; the delivery's
  /// standing says which. Everything about the registration is valid already.
  void enter(ConnectionId id, Registration who, protocol::Time now);

  /// Carries out one command of a client. One that has left in the meantime is ignored.
  void command(ConnectionId id, const Input& input, protocol::Time now);

  /// Removes a client, and tells each person who shares a channel with it, once. Unknown ones are ignored.
  /// `silent` says for how long it had not been heard of, so that it may have missed what was sent to it
  /// since then; nothing if there is no telling.
  void leave(ConnectionId id, std::string_view reason, protocol::Time now,
             std::optional<std::chrono::milliseconds> silent = std::chrono::milliseconds{0});

  /// From now on nobody is told that somebody left: all are about to be.
  void close() { closing_ = true; }

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

  /// What is worth a line in the log since the last call; never what anybody said.
  std::vector<log::Event> take_journal() { return std::exchange(journal_, {}); }

  /// The same of what should worry somebody.
  std::vector<log::Event> take_warnings() { return std::exchange(warnings_, {}); }

  /// Makes all later messages come after this one in the order of ids.
  void continue_after(const protocol::MessageId& id) { ids_.advance_past(id); }

  std::size_t users() const { return users_.size(); }

 private:
  /// One command being carried out.
  struct Turn {
    User& from;
    const protocol::Message& message;
    protocol::Time now;
    Response response;
    std::vector<std::size_t> stored;  ///< its messages' places in the outbox
    bool suspended = false;           ///< it goes on when the store has answered

    std::string_view param(std::size_t index) const {
      return index < message.params.size() ? std::string_view{message.params[index]} : std::string_view{};
    }
  };

  // chat.cpp: registration, the command table, and telling people.
  Turn begin(User& user, const protocol::Message& message, protocol::Time now);
  void carry_out(User& user, const Input& input, protocol::Time now);
  void resume(User& user, protocol::Time now);
  void dispatch(Turn& turn);
  void run(protocol::Verb verb, Turn& turn);
  void finish(Turn& turn);
  void welcome(Turn& turn);
  Line numeric(const Turn& turn, protocol::Numeric numeric) const;
  void reply(Turn& turn, protocol::Numeric numeric, std::string_view text);
  void reply(Turn& turn, protocol::Numeric numeric, std::string_view about, std::string_view text);
  void fail(Turn& turn, std::string_view code, std::string_view subcommand, std::string_view about,
            std::string_view text);
  void tell(User& user, const Line& line, protocol::Time now);
  void tell_channel(Channel& channel, const Line& line, protocol::Time now, const User* except);
  void tell_peers(User& user, const Line& line, protocol::Time now,
                  std::optional<protocol::Capability> only = {});
  User* find_user(std::string_view nick);
  Channel* find_channel(std::string_view name);
  void depart(Channel& channel, User& user, protocol::Time now);
  /// Notes an event about a user for the log, after its connection and nick.
  void note(std::string_view event, const User& user, std::initializer_list<log::Field> fields);

  // messages.cpp
  struct Speech;
  void speak(Turn& turn, db::Kind kind);
  void speak_to(Turn& turn, const Speech& speech, std::string_view target);
  void speak_to_channel(Turn& turn, const Speech& speech, Channel& channel);
  void speak_to_user(Turn& turn, const Speech& speech, User& user);
  std::pair<protocol::MessageId, protocol::Time> next_id(protocol::Time now);
  void refuse_speech(Turn& turn, const Speech& speech, protocol::Numeric numeric, std::string_view about,
                     std::string_view text);

  // channels.cpp
  void join(Turn& turn);
  void join_one(Turn& turn, std::string_view name, std::string_view key);
  bool may_join(Turn& turn, Channel& channel, std::string_view key);
  void part(Turn& turn);
  void part_one(Turn& turn, Channel& channel, std::string_view reason);
  void kick(Turn& turn);
  void topic(Turn& turn);
  void invite(Turn& turn);
  void names(Turn& turn);
  void list(Turn& turn);
  void show_topic(Turn& turn, const Channel& channel);
  void show_names(Turn& turn, Channel& channel);

  // history.cpp
  void chathistory(Turn& turn);
  void answer_history(Turn& turn, const Channel& channel, std::vector<db::Query> queries);
  void show_history(Turn& turn, const Channel& channel, const std::vector<db::Message>& messages);
  struct Targets;
  void show_targets(Turn& turn, const Targets& asked);
  void list_targets(Turn& turn, const std::vector<db::Message>& recalled, const Targets& asked);
  void ask_store(Turn& turn, std::vector<db::Query> queries,
                 std::function<void(Turn&, const std::vector<db::Message>&)> then);
  bool must_wait(User& user, const protocol::Message& question);
  Line line_of(const db::Message& message, const Channel& channel) const;

  // newcomers.cpp
  Past& past_of(const std::string& folded);
  void forget_expired(Past& past, protocol::Time now) const;
  void show_past(Turn& turn, Channel& channel);
  void replay(Channel& channel, const std::vector<Past::Due>& due, protocol::Time now);
  void load(const std::string& folded, Past& past, ConnectionId whose);
  void changed(const std::string& folded, Past& past, protocol::Time now);
  void desert(const std::string& folded, protocol::Time now);
  void wake(protocol::Time now);
  void saw(const Channel& channel, User& user, const protocol::MessageId& upto);
  bool is_replayed_to(const User& user) const;

  // modes.cpp
  void mode(Turn& turn);
  void channel_mode(Turn& turn, Channel& channel);
  void user_mode(Turn& turn);
  bool apply(Turn& turn, Channel& channel, protocol::ModeChange& change);
  void show_bans(Turn& turn, const Channel& channel);

  // users.cpp
  void nick(Turn& turn);
  void away(Turn& turn);
  void setname(Turn& turn);
  void who(Turn& turn);
  void whois(Turn& turn);
  void userhost(Turn& turn);
  void ison(Turn& turn);
  void show_who(Turn& turn, User& user, Channel* channel);

  // server.cpp
  bool for_this_server(Turn& turn);
  void isupport(Turn& turn);
  void lusers(Turn& turn);
  void motd(Turn& turn);
  void version(Turn& turn);
  void ping(Turn& turn);

  bool visible(User& user, User& to);
  Channel* shared_channel(User& a, User& b);

  RoomConfig config_;
  protocol::MessageIdGenerator ids_;
  Outbox outbox_;
  std::vector<log::Event> journal_;
  std::vector<log::Event> warnings_;
  bool ids_ahead_ = false;  ///< of the clock, which has been warned of
  std::unordered_map<ConnectionId, User> users_;
  std::unordered_map<std::string, User*> nicks_;       ///< by casefolded nick
  std::unordered_map<std::string, Channel> channels_;  ///< by casefolded name
  std::unordered_map<std::string, Past> pasts_;  ///< by casefolded name: of channels, and what outlives them
  std::vector<ConnectionId> woken_;              ///< what they waited for may have come; see wake
  Recalls recalls_;
  LastSeen last_seen_;
  std::uint64_t shown_batch_ = 0;      ///< the last one that was written to its receivers
  protocol::MessageId shown_;          ///< all messages up to it were
  std::uint64_t mark_ = 0;             ///< see tell_peers
  std::vector<std::string> isupport_;  ///< the tokens of RPL_ISUPPORT
  std::size_t most_users_ = 0;
  std::size_t invisible_ = 0;  ///< users with mode +i
  bool closing_ = false;
};

}  // namespace troupe
