#pragma once

#include "actors/chat/channel.hpp"
#include "actors/chat/outbox.hpp"
#include "actors/chat/recent.hpp"
#include "actors/chat/response.hpp"
#include "actors/chat/user.hpp"
#include "actors/log.hpp"
#include "protocol/commands.hpp"
#include "protocol/message.hpp"
#include "protocol/modes.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace troupe {

/// What the room has to know from outside.
struct ChatConfig {
  std::string server_name;
  std::string network_name;
  std::string version;
  std::vector<std::string> motd;  ///< line by line; empty for none
  bool archived = true;           ///< there is a store to ask for what is not in memory
  std::size_t replay = 10;        ///< messages that newcomers are shown who can't ask for them
  protocol::Time started;
  std::function<std::uint64_t()> random;  ///< 64 random bits a call, for message ids
};

/// What RPL_ISUPPORT says of this server (Modern IRC, "Feature Advertisement").
std::vector<std::string> isupport_tokens(const std::string& network_name);

/// The room itself: who is here under which nick, which channels there are, who is in them, and what may be
/// done. Commands go in, the lines they cause come out as a Batch, in the order in which they happened. It
/// knows no actor, no socket and no clock.
class Chat {
 public:
  using Input = troupe::Input;

  explicit Chat(ChatConfig config);

  /// Lets a client take part under its nick, or refuses it with 433 if the nick is taken; the delivery's
  /// standing says which. Everything about the registration is valid already.
  void enter(ConnectionId id, Registration who, protocol::Time now);

  /// Carries out one command of a client. One that has left in the meantime is ignored.
  void command(ConnectionId id, const Input& input, protocol::Time now);

  /// Removes a client, and tells each person who shares a channel with it, once. Unknown ones are ignored.
  void leave(ConnectionId id, std::string_view reason, protocol::Time now);

  /// From now on nobody is told that somebody left: all are about to be.
  void close() { closing_ = true; }

  /// These messages are kept now, so that they may be shown again.
  void kept(const std::vector<db::Message>& messages);

  /// A question that only the store can answer.
  struct Recall {
    std::uint64_t number = 0;
    std::vector<db::Query> queries;
  };
  /// The messages found for all of a recall's queries, one after the other; nothing if the store can't be
  /// asked.
  using Recalled = std::optional<std::vector<db::Message>>;

  /// The questions that have come up since the last call. Each is to be answered by `recalled`; until then
  /// the client that caused it waits, and nobody else.
  std::vector<Recall> take_recalls() { return std::exchange(recalls_, {}); }
  void recalled(std::uint64_t number, const Recalled& messages, protocol::Time now);

  bool has_output() const { return !outbox_.empty(); }
  Batch take_output() { return outbox_.take(); }

  /// What is worth a line in the log since the last call; never what anybody said.
  std::vector<log::Event> take_journal() { return std::exchange(journal_, {}); }

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
  void depart(Channel& channel, User& user);
  /// Notes an event about a user for the log, after its connection and nick.
  void note(std::string_view event, const User& user, std::initializer_list<log::Field> fields);

  // messages.cpp
  struct Speech;
  void speak(Turn& turn, db::Kind kind);
  void speak_to(Turn& turn, const Speech& speech, std::string_view target);
  void speak_to_channel(Turn& turn, const Speech& speech, Channel& channel);
  void speak_to_user(Turn& turn, const Speech& speech, User& user);
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
  void show_targets(Turn& turn, protocol::MessageId after, protocol::MessageId before, std::size_t limit,
                    db::Query::Direction from);
  void replay(Turn& turn, const Channel& channel);
  void forget(const std::string& folded);
  void forget_wanted(std::string_view names);
  bool past_is_known(User& user, const protocol::Message& join);
  void recall(std::vector<db::Query> queries, std::function<void(const Recalled&, protocol::Time)> then);
  Line line_of(const db::Message& message, const Channel& channel) const;

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

  ChatConfig config_;
  protocol::MessageIdGenerator ids_;
  Outbox outbox_;
  std::vector<log::Event> journal_;
  std::unordered_map<ConnectionId, User> users_;
  std::unordered_map<std::string, User*> nicks_;       ///< by casefolded nick
  std::unordered_map<std::string, Channel> channels_;  ///< by casefolded name
  std::unordered_map<std::string, Recent>
      recent_;  ///< by casefolded name: every channel's, and those loading
  std::unordered_map<std::string, std::vector<ConnectionId>> loading_;  ///< who waits for a channel's past
  std::vector<Recall> recalls_;
  std::unordered_map<std::uint64_t, std::function<void(const Recalled&, protocol::Time)>> recalling_;
  std::uint64_t last_recall_ = 0;
  std::uint64_t mark_ = 0;             ///< see tell_peers
  std::vector<std::string> isupport_;  ///< the tokens of RPL_ISUPPORT
  std::size_t most_users_ = 0;
  std::size_t invisible_ = 0;  ///< users with mode +i
  bool closing_ = false;
};

}  // namespace troupe
