// The room and up to six clients: any commands in any order, with the store's answers and the deliveries in
// between, early, late, refused or failed.
//
// A script's first letter chooses the room's configuration; then each step is a letter:
//   e CLIENT NICK CAPABILITIES*2  it connects and registers
//   m CLIENT COMMAND …            it says one of `commands`, …: what that leaves open
//   M …                           the same with a label
//   c CLIENT LINE 0xFF            it says any line
//   y CLIENT                      it takes what it was sent
//   g                             a long answer goes on
//   l CLIENT, L CLIENT            it leaves; after a silence
//   o                             what happened leaves the room
//   k, r                          the first of that is kept, or refused, and delivered
//   q                             the room's questions leave it
//   a NUMBER LETTER               one of them is answered; f: the store has failed
//   t, T, b NUMBER                time passes: tenths of a second, hours; the clock is set back
#include "chat/room.hpp"

#include "chat/batch_codec.hpp"
#include "chat/roster.hpp"
#include "test/fuzz/check.hpp"
#include "test/fuzz/room_commands.hpp"
#include "test/fuzz/script.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace troupe;
using fuzz::check;
using protocol::Time;
using Outcome = Batch::Outcome;

constexpr std::size_t most_clients = 6;
constexpr std::size_t credit = 32;  // see Rules

/// One client's end: what it hears, and what it has still to be told.
class Client final : public Receiver {
 public:
  enum class Phase { away, connected, entering, here };

  Phase phase = Phase::away;
  ConnectionId id{};
  std::size_t unanswered = 0;
  bool asked = false;  ///< the room wants to know when it has taken what it was sent

  void hear(std::string_view bytes) override {
    check(phase != Phase::away, "who has left hears nothing");
    fuzz::check_lines(bytes, protocol::limits::tags);
    while (!bytes.empty()) {
      const auto end = bytes.find("\r\n");
      note(*protocol::parse(bytes.substr(0, end), protocol::limits::tags));
      bytes.remove_prefix(end + 2);
    }
  }

  void answered(const Answer& answer) override {
    check(answer.commands <= unanswered, "no command is answered twice");
    unanswered -= answer.commands;
    asked |= answer.ask;
    if (answer.standing == Standing::unchanged) return;
    check(phase == Phase::entering, "who registers is told once whether it is let in");
    phase = answer.standing == Standing::entered ? Phase::here : Phase::connected;
  }

  /// All that it said is answered.
  void check_settled() const {
    check(unanswered == 0, "every command is answered");
    check(phase != Phase::entering, "every registration is answered");
    check(open_.empty(), "every batch is closed", open_.empty() ? std::string_view{} : *open_.begin());
  }

 private:
  void note(const protocol::Message& message) {
    if (const auto label = message.tag("label"))
      check(labels_.insert(std::string{*label}).second, "a label is in one line", *label);
    if (const auto batch = message.tag("batch"))
      check(open_.contains(std::string{*batch}), "a line is in a batch that is open", *batch);
    if (message.command != "BATCH") return;
    const auto reference = message.params.front().substr(1);
    if (message.params.front().front() == '+')
      check(open_.insert(reference).second, "a batch is opened once", reference);
    else
      check(open_.erase(reference) == 1, "a batch that is closed was open", reference);
  }

  std::set<std::string> labels_;
  std::set<std::string> open_;
};

RoomConfig config_for(std::uint8_t choice) {
  RoomConfig config;
  config.server_name = "irc.test";
  config.network_name = "Testnet";
  config.version = "troupe-1";
  if (choice & 1u) config.motd = {"one", "two"};
  if (choice & 8u) config.motd.assign(400, std::string(60, 'm'));  // takes portions
  config.archived = !(choice & 2u);
  if (choice & 4u) config.keep = std::chrono::hours{24};
  config.random = [state = std::uint64_t{1}]() mutable { return state *= 0x9E37'79B9'7F4A'7C15; };
  return config;
}

/// The room, a twin that is told the same, and all around them.
class World {
 public:
  explicit World(std::uint8_t choice) : room_(config_for(choice)), twin_(config_for(choice)) {}

  void step(fuzz::Script& script) {
    switch (script.byte()) {
      case 'e':
        return enter(client(script), script);
      case 'm':
        return say(client(script), fuzz::command(script, stored_, now_));
      case 'M': {
        auto& who = client(script);
        return say(who, "@label=" + std::to_string(++labels_) + " " + fuzz::command(script, stored_, now_));
      }
      case 'c':
        return say(client(script), std::string{script.until()});
      case 'y':
        return taken(client(script));
      case 'g':
        return go_on();
      case 'l':
        return leave(client(script), {});
      case 'L':
        return leave(client(script), std::chrono::seconds{180});
      case 'o':
        return take();
      case 'k':
        return settle(Outcome::kept);
      case 'r':
        return settle(Outcome::refused);
      case 'q':
        return take_questions();
      case 'a': {
        const auto place = script.byte();
        return answer(place, script.byte() == 'f');
      }
      case 't':
        now_ += std::chrono::milliseconds{100} * script.byte();
        return;
      case 'T':
        now_ += std::chrono::hours{script.byte()};
        return;
      case 'b':
        now_ -= std::chrono::seconds{script.byte()};
        return;
      default:
        return;
    }
  }

  /// Everything goes its way until nothing is left to do; then all leave.
  void end() {
    settle_all();
    for (auto& client : clients_) client.check_settled();
    for (auto& client : clients_) leave(client, {});
    settle_all();
    check(room_.users().empty() && room_.channels().empty(), "the room is empty when all have left");
    check(roster_.size() == 0 && roster_.channels() == 0, "so is the roster");
  }

 private:
  Client& client(fuzz::Script& script) { return clients_[script.below(most_clients)]; }

  template <class Call>
  void both(Call call) {
    call(room_);
    call(twin_);
  }

  void enter(Client& who, fuzz::Script& script) {
    const auto nick = fuzz::nick(script);
    const auto capabilities = fuzz::capabilities(script);
    if (who.phase == Client::Phase::away) {
      who.id = ConnectionId{++last_id_};
      roster_.seat(who.id, who);
    } else if (who.phase != Client::Phase::connected) {
      return;
    }
    who.phase = Client::Phase::entering;
    ++who.unanswered;
    both([&](Room& room) {
      room.enter(who.id, {nick, "u", "A real name", "192.0.2.1", {capabilities, true}}, now_);
    });
  }

  void say(Client& who, const std::string& line) {
    if (who.phase != Client::Phase::here || who.unanswered >= credit) return;
    const auto input = protocol::parse(line);
    // Session's own.
    if (!input && input.error() == protocol::ParseError::empty) return;
    if (input && (input->command == "QUIT" || (input->command == "PONG" && !input->tag("label")))) return;
    ++who.unanswered;
    both([&](Room& room) { room.command(who.id, input, now_); });
  }

  void taken(Client& who) {
    if (who.phase != Client::Phase::here || !std::exchange(who.asked, false)) return;
    both([&](Room& room) { room.taken(who.id, now_); });
  }

  void go_on() {
    check(room_.has_more() == twin_.has_more(), "of the same inputs as much is left to do");
    both([&](Room& room) { room.go_on(now_); });
  }

  void leave(Client& who, std::chrono::milliseconds silent) {
    if (who.phase == Client::Phase::away) return;
    const auto id = std::exchange(who, {}).id;
    roster_.vacate(id);
    both([&](Room& room) { room.leave(id, "Connection closed", now_, silent); });
  }

  void take() {
    check(room_.has_output() == twin_.has_output(), "of the same inputs come the same outputs");
    if (!room_.has_output()) return;
    auto batch = room_.take_output();
    const auto bytes = encode(batch);
    check(encode(twin_.take_output()) == bytes, "of the same inputs come the same batches");
    check(decode(bytes) == batch, "a batch that is written down and read back is the same");
    check(batches_.empty() || batch.number > batches_.back().number, "batches count up");
    batches_.push_back(std::move(batch));
  }

  void settle(Outcome outcome) {
    if (batches_.empty()) return;
    const auto batch = std::move(batches_.front());
    batches_.pop_front();
    if (outcome == Outcome::kept) stored_.insert(stored_.end(), batch.messages.begin(), batch.messages.end());
    both([&](Room& room) {
      if (outcome == Outcome::kept)
        room.kept(batch.messages, now_);
      else
        room.refused(batch.messages, now_);
    });
    roster_.deliver(batch, outcome);
    both([&](Room& room) { room.shown(batch); });
  }

  void take_questions() {
    auto questions = room_.take_recalls();
    check(twin_.take_recalls().size() == questions.size(), "of the same inputs come the same questions");
    for (auto& question : questions) questions_.push_back(std::move(question));
  }

  void answer(std::size_t place, bool failed) {
    if (questions_.empty()) return;
    const auto chosen = questions_.begin() + static_cast<std::ptrdiff_t>(place % questions_.size());
    const auto question = std::move(*chosen);
    questions_.erase(chosen);
    Room::Recalled found;
    if (!failed) {
      found.emplace();
      for (const auto& query : question.queries) {
        auto read = this->read(query);
        found->insert(found->end(), read.begin(), read.end());
      }
    }
    both([&](Room& room) { room.recalled(question.number, found, now_); });
  }

  std::vector<db::Message> read(const db::Query& query) const {
    std::vector<db::Message> found;
    for (const auto& message : stored_)
      if (message.channel == query.channel && (!query.after || message.id > *query.after) &&
          (!query.before || message.id < *query.before))
        found.push_back(message);
    db::cut(query, found);
    return found;
  }

  void settle_all() {
    for (int round = 0; round < 10'000; ++round) {
      take();
      take_questions();
      const bool waiting = !batches_.empty() || !questions_.empty() || room_.has_more();
      go_on();
      settle(Outcome::kept);
      answer(0, false);
      bool took = false;
      for (auto& client : clients_) {
        took |= client.asked && client.phase == Client::Phase::here;
        taken(client);
      }
      if (!waiting && !took && !room_.has_output() && !room_.has_more()) return;
    }
    check(false, "the room comes to rest");
  }

  Room room_;
  Room twin_;
  Time now_ = std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + std::chrono::hours{12};
  Roster roster_;
  std::array<Client, most_clients> clients_;
  std::deque<Batch> batches_;            ///< that left the room, and are neither kept nor refused yet
  std::vector<Room::Recall> questions_;  ///< that left it, and are not answered
  std::vector<db::Message> stored_;
  std::uint64_t last_id_ = 0;
  std::uint64_t labels_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  World world(script.byte());
  while (!script.ended()) world.step(script);
  world.end();
  return 0;
}
