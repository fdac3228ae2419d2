#pragma once

#include "test/sim/network.hpp"
#include "test/sim/whole/model.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sim {

/// A line that a client was sent, in its parts. Views into it.
struct Heard {
  explicit Heard(std::string_view line);

  std::string_view label;
  std::string_view batch;
  std::string_view source;               ///< up to "!"
  std::optional<std::uint32_t> session;  ///< whose user name the source has
  std::string_view command;
  std::vector<std::string_view> params;

  std::string_view param(std::size_t i) const { return i < params.size() ? params[i] : std::string_view{}; }
};

/// One client's connection: what it says, and whether all that it is told can be true.
class Session {
 public:
  struct Capabilities {
    bool echo = false;     ///< echo-message, multi-prefix
    bool labels = false;   ///< labeled-response, batch
    bool history = false;  ///< draft/chathistory, batch, server-time
    bool time = false;     ///< server-time
    bool tags = false;     ///< message-tags
    bool extras = false;   ///< away-notify, setname, invite-notify, standard-replies

    std::string names() const;
  };
  /// How it sees one channel.
  struct View {
    bool inside = false;
    bool synced = false;      ///< it is known where in the channel's order it stands …
    bool lost = false;        ///< … or it is not, until all has come to rest
    bool named = false;       ///< it was told who is there
    std::size_t place = 0;    ///< the next thing that it has to see
    std::size_t join = 0;     ///< which of its joins since all last came to rest began this
    std::size_t joins = 0;    ///< how many there were
    std::deque<Event> queue;  ///< what it has seen and what has no place in the order yet
    std::set<std::string> nicks;
    protocol::MessageId mark;  ///< up to here messages are replayed
    protocol::MessageId replayed;
    protocol::MessageId last;           ///< of the channel's messages that it was shown live
    std::optional<std::uint32_t> life;  ///< of the channel, in which it has joined; nothing if not known
    bool fresh = false;                 ///< it has joined since all last came to rest
    bool in_vain = false;               ///< it was told that its replay is not all
    std::size_t changes = 0;            ///< so often has something changed that may end a right to read
    std::size_t memberships = 0;        ///< so often has it joined

    /// It joins.
    void begin();
  };
  using Tell = std::function<void(const Session&, std::string_view direction, std::string_view line)>;

  Session(Model& model, std::uint32_t number, Capabilities capabilities, std::shared_ptr<Peer> peer,
          Tell tell);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // -- what it does

  void sends(const std::string& line);
  /// With a label, if it may have one.
  void asks(const std::string& line) { asks(line, {}, false); }
  void registers(const std::string& nick);
  void speaks(std::size_t channel, std::string_view filler, bool notice);
  void whispers(const std::string& nick);
  void asks_history(std::size_t channel, std::size_t limit);
  /// Asks for a sign of life, once.
  void pings(const std::string& word);
  /// Its connection breaks.
  void vanishes();
  /// Its machine is gone, and its connection does not know: it takes nothing, and answers nothing any more.
  void falls_silent();

  // -- how it stands

  std::uint32_t number() const { return number_; }
  const std::string& nick() const { return nick_; }
  const Capabilities& capabilities() const { return capabilities_; }
  Peer& peer() const { return *peer_; }
  View& view(std::size_t channel) { return views_[channel]; }
  std::vector<View>& views() { return views_; }
  bool registered() const { return registered_; }
  bool silent() const { return silent_; }
  /// Its nick is taken: it should try another one.
  bool wants_nick() const { return wants_nick_; }
  /// Nothing more will come.
  bool over() const { return vanished_ || peer_->server_left; }
  bool has_pong(const std::string& word) const { return last_pong_ == word; }
  /// What it was answered last: RPL_NAMREPLY, RPL_CHANNELMODEIS, RPL_BANLIST.
  const std::vector<std::string>& last_names() const { return last_names_; }
  const std::string& last_modes() const { return last_modes_; }
  const std::vector<std::string>& last_bans() const { return last_bans_; }

  /// All has come to rest: nothing is missing, and its views are those of the truth.
  void check_at_rest();
  void begin_again();

 private:
  void asks(const std::string& line, std::optional<std::uint32_t> message, bool notice);
  void hear(std::string_view bytes);
  void hear_line(std::string_view line);
  void hear_label(const Heard& line);
  void hear_batch(const Heard& line);
  void hear_numeric(const Heard& line);
  void hear_names(const Heard& line);
  void hear_of_channel(std::string_view name, std::string_view by);
  void hear_speech(const Heard& line);
  void hear_move(const Heard& line);
  void hear_of_person(const Heard& line);
  void happened(std::size_t channel, Event event);
  void match(std::size_t channel);
  bool match_join(std::size_t channel);
  void match_replay(std::size_t channel, std::uint32_t message);
  void leaves(std::size_t channel);
  bool is_up_to_date(std::size_t channel);
  void check_names(std::size_t channel);
  void check_history();
  void check_replay(std::size_t channel);
  void check_readable(std::size_t channel, std::uint32_t message);
  std::vector<std::string> about(std::size_t channel) const;

  Model& model_;
  std::uint32_t number_;
  Capabilities capabilities_;
  std::shared_ptr<Peer> peer_;
  Tell tell_;
  std::string nick_;
  std::string rest_;  ///< of a line that has not come whole
  bool registered_ = false;
  bool wants_nick_ = false;
  bool vanished_ = false;
  bool silent_ = false;
  std::uint64_t last_label_ = 0;
  struct Asked {
    std::uint64_t label = 0;
    std::optional<std::uint32_t> message;  ///< that was to be told to a channel
    bool notice = false;
  };
  std::deque<Asked> asked_;  ///< with a label, and without an answer
  std::string batch_;        ///< what kind of batch its lines are of now
  std::vector<View> views_;
  std::vector<std::string> names_;  ///< that come before RPL_ENDOFNAMES
  std::size_t names_lines_ = 0;
  std::vector<std::string> last_names_;
  std::string last_modes_;
  std::vector<std::string> last_bans_;
  struct Question {
    std::size_t channel = 0;
    std::size_t limit = 0;
    bool inside = false;          ///< when it was asked
    std::size_t memberships = 0;  ///< of its view, when it was asked
    std::size_t changes = 0;
    std::size_t place = 0;
    protocol::MessageId last;
  };
  std::deque<Question> questions_;
  std::vector<std::uint32_t> history_;  ///< that is being told
  std::string last_ping_;
  std::string last_pong_;
};

}  // namespace troupe::sim
