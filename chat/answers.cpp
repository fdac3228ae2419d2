// How commands are answered: at once, or in portions as the client takes them.
#include "chat/room.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

using protocol::Time;

/// Carries out a turn's steps, as far as one portion goes.
void Room::work(Turn& turn) {
  while (!turn.steps.empty() && !turn.suspended && !turn.client.asked && !turn.is_full())
    turn.steps.next(*this, turn);
  if (turn.steps.empty() && !turn.suspended)
    finish(turn);
  else
    pause(turn);
}

/// The command is carried out: says the answer, or the last of it.
void Room::finish(Turn& turn) {
  auto& client = turn.client;
  const auto owed = client.owed;
  say_answer(turn, turn.response.when_kept(client.shape, turn.now),
             turn.stored ? Batch::Outcome::kept : Batch::Outcome::any);
  if (turn.stored) {
    const auto kept = client.owed - std::exchange(client.owed, owed);
    say_answer(turn, turn.response.when_refused(client.shape, turn.now), Batch::Outcome::refused);
    client.owed = owed + kept;  // it is told one of both, and nearly always this
  }
  const bool ask = ask_if_owing(client);
  if (!turn.unasked || ask)
    outbox_.add(Batch::Answered{client.id, turn.unasked ? 0u : 1u, turn.standing, ask});
  // What CAP REQ changed takes effect after its acknowledgement.
  if (client.negotiated.capabilities != client.told) renegotiate(client);
  turn_ends();
}

/// The rest of the answer follows later: says what there is of it.
void Room::pause(Turn& turn) {
  auto& client = turn.client;
  say_answer(turn, turn.response.portion(client.shape, turn.now), Batch::Outcome::any);
  const bool ask = ask_if_owing(client);
  if (ask || turn.standing != Standing::unchanged)
    outbox_.add(Batch::Answered{client.id, 0, turn.standing, ask});
  auto& answers = client.add_later().answers;
  answers.insert(answers.begin(),
                 {turn.message, std::move(turn.response), std::move(turn.steps), turn.unasked});
  resume(client);
  turn_ends();
}

void Room::say_answer(Turn& turn, const std::string& text, Batch::Outcome when) {
  if (text.empty()) return;
  outbox_.say(Audience::one(turn.client.id), outbox_.write(text), when);
  turn.client.owed += text.size();
}

/// True if a client owes so much that it is to tell when it has taken that.
bool Room::ask_if_owing(Client& client) {
  if (client.asked || client.owed < Client::most_owed) return false;
  client.asked = true;
  return true;
}

/// Lets a client go on with what waits, if nothing keeps it from that: when it is its turn.
void Room::resume(Client& client) {
  if (client.later && client.goes_on()) queue(client);
}

/// Since a batch was full, whoever had a turn takes its place behind others, until it is found there with
/// nothing to do. So a network that comes anew has its turn at once, and coming again and again gains
/// nothing.
void Room::had_turn(Client& client) {
  crowded_ |= outbox_.is_full() && !closing_;
  if (crowded_ && client.goes_on()) queue(client);
}

void Room::queue(Client& client) {
  if (!std::exchange(client.queued, true)) turns_.add(client.user->network, client.id);
}

void Room::taken(ConnectionId id, Time) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  auto& client = found->second;
  client.asked = false;
  client.owed = 0;
  resume(client);
}

void Room::go_on(Time now) {
  for (bool done = false; !done && !turns_.empty();) {
    const auto found = clients_.find(turns_.take());
    if (found == clients_.end()) continue;
    auto& client = found->second;
    client.queued = false;
    done = do_next(client, now);
    if (done) had_turn(client);
    resume(client);
  }
  if (turns_.empty()) crowded_ = false;
  wake();
}

/// Tells a client's next portion, or carries out its next command. False if there is nothing that it may do.
bool Room::do_next(Client& client, Time now) {
  if (!client.later || !client.goes_on()) return false;
  if (client.has_answers()) {
    const auto answer = take_answer(client);
    auto turn = again(client, *answer, now);
    work(turn);
    return true;
  }
  auto& commands = client.later->commands;
  if (must_wait(client, commands.front())) return false;
  const auto next = std::move(commands.front());
  commands.erase(commands.begin());
  client.tidy();
  carry_out(client, next, now);
  return true;
}

/// The first of the answers that go on.
std::unique_ptr<LongAnswer> Room::take_answer(Client& client) {
  auto answer = std::make_unique<LongAnswer>(std::move(client.later->answers.front()));
  client.later->answers.erase(client.later->answers.begin());
  client.tidy();
  return answer;
}

/// A turn that goes on with an answer, which outlives it.
Turn Room::again(Client& client, LongAnswer& answer, Time now) {
  Turn turn{client, *client.user, answer.message, now, config_.server_name, std::move(answer.response)};
  turn.steps = std::move(answer.steps);
  turn.unasked = answer.unasked;
  return turn;
}

/// Whoever is away by the time of the answer is answered nothing.
void Room::ask_store(Turn& turn, std::vector<db::Query> queries, Then then, Failed failed) {
  turn.suspended = true;
  const auto goes_on = [this, id = turn.client.id, then = std::move(then), failed = std::move(failed)](
                           const Recalled& messages, Time now) {
    const auto found = clients_.find(id);
    if (found == clients_.end() || !found->second.asks) return;
    auto& client = found->second;
    client.asks.reset();
    const auto answer = take_answer(client);
    auto turn = again(client, *answer, now);
    if (messages)
      then(turn, *messages);
    else
      failed(turn);
    work(turn);
    resume(client);
  };
  turn.client.asks = recalls_.ask(turn.client.id, std::move(queries), goes_on);
}

void Room::close() {
  closing_ = true;
  turns_.clear();
  crowded_ = false;
  for (auto& [nick, user] : users_) {
    auto& client = *user.client;
    client.queued = false;
    if (client.asks) recalls_.withdraw(*std::exchange(client.asks, {}));
    const auto later = std::exchange(client.later, {});
    if (!later) continue;
    const auto commands =
        static_cast<std::size_t>(std::ranges::count(later->answers, false, &LongAnswer::unasked)) +
        later->commands.size();
    if (commands > 0) outbox_.add(Batch::Answered{client.id, static_cast<std::uint32_t>(commands)});
  }
}

}  // namespace troupe
