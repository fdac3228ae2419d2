#include "actors/room.hpp"

#include "actors/keeper.hpp"
#include "actors/reason.hpp"
#include "log/log.hpp"

#include <utility>

namespace troupe {
namespace {

/// Batches shown but not yet committed in relaxed mode before the room waits for the store.
constexpr std::size_t most_behind = 8;

/// Lives of channels that are kept at a time.
constexpr std::size_t most_lives = 1000;

}  // namespace

room_actor::behavior_type room(RoomState::Self self, RoomSetup setup) {
  return self->state.start(std::move(setup));
}

room_actor::behavior_type RoomState::start(RoomSetup setup) {
  wall_clock_ = std::move(setup.wall_clock);
  records_ = std::move(setup.records);
  setup.chat.recorded = records_.has_value();
  chat_.emplace(std::move(setup.chat));
  if (setup.newest) chat_->continue_after(*setup.newest);
  if (setup.lives)
    chat_->know(*setup.lives, wall_clock_());
  else if (records_)
    read_lives();
  durability_ = setup.durability;
  switchboards_ = std::move(setup.switchboards);
  persistence_ = std::move(setup.persistence);
  archive_ = std::move(setup.archive);
  return {
      [this](const Enter& client) {
        chat_->enter(client.from, client.who, wall_clock_());
        pump();
      },
      [this](const Command& command) {
        chat_->command(command.from, command.input, wall_clock_());
        pump();
      },
      [this](const Taken& client) {
        chat_->taken(client.from, wall_clock_());
        pump();
      },
      [this](GoOn) {
        going_on_ = false;
        chat_->go_on(wall_clock_());
        pump();
      },
      [this](const Leave& client) {
        chat_->leave(client.from, client.reason, wall_clock_(), client.silent);
        pump();
      },
      [this](const StoreWith& order) {
        persistence_ = order.persistence;
        if (appending_) append(appending_);
      },
      [this](Closing) {
        chat_->close();
        pump();
      },
      [this](Drain) -> caf::result<Drained> {
        draining_ = self_->make_response_promise<Drained>();
        pump();
        return *draining_;
      },
      [this](Measure) { return measure(); },
  };
}

/// Moves everything as far as it can go.
void RoomState::pump() {
  for (const auto& line : chat_->take_log()) log::write(line);
  recall();
  keep_lives();
  // One portion at a time, behind whatever else has been said meanwhile: nobody waits for another's long
  // answer.
  if (chat_->has_more() && !std::exchange(going_on_, true)) self_->send(self_, GoOn{});
  // Where a past begins has to be known before what is not to be read from there is stored, or shown. If it
  // can't be kept soon, nobody waits for it.
  const bool lives_first = keeping_lives_ && !records_away_;
  if (!ready_ && !lives_first && chat_->has_output()) seal();
  if (!appending_ && !behind_.empty()) append(behind_.front());
  if (ready_ && delivering_ == 0) return deliver();
  if (draining_ && idle() && has_kept_lives()) std::exchange(draining_, {})->deliver(Drained{});
}

/// Takes what has gathered as the next batch, unless an earlier one still has to be stored first.
void RoomState::seal() {
  if (durability_ == Durability::relaxed ? behind_.size() >= most_behind : appending_ != nullptr) return;
  auto batch = std::make_shared<const Batch>(chat_->take_output());
  log::debug("batch sealed", {{"items", batch->items.size()}, {"messages", batch->messages.size()}});
  if (durability_ == Durability::strict && !batch->messages.empty()) return append(std::move(batch));
  if (durability_ == Durability::relaxed && !batch->messages.empty())
    behind_.push_back(batch);
  else
    chat_->kept(batch->messages, wall_clock_());
  ready_ = Deliver{std::move(batch), Batch::Outcome::kept};
}

void RoomState::append(SharedBatch batch) {
  appending_ = batch;
  // An answer counts only as long as the one that was asked is in office; of any other the batch is asked
  // again.
  const auto in_office = [this, asked = persistence_->address()] { return asked == persistence_->address(); };
  self_->request(*persistence_, caf::infinite, Append{{batch, &batch->messages}})
      .then(
          [this, batch, in_office, asked = self_->clock().now()](Committed) {
            commit_time_ = std::chrono::microseconds{microseconds_since(asked)};
            log::debug("committed", {{"messages", batch->messages.size()}, {"us", commit_time_.count()}});
            if (in_office()) appended(batch, nullptr);
          },
          [this, batch, in_office](const caf::error& error) {
            if (in_office() && error == caf::sec::runtime_error) appended(batch, &error);
          });
}

void RoomState::appended(SharedBatch batch, const caf::error* refused) {
  appending_ = nullptr;
  if (refused)
    chat_->refused(batch->messages, wall_clock_());
  else
    chat_->kept(batch->messages, wall_clock_());
  log_refusal(refused ? batch->messages.size() : 0, refused);
  if (durability_ == Durability::relaxed)
    behind_.pop_front();
  else
    ready_ = Deliver{std::move(batch), refused ? Batch::Outcome::refused : Batch::Outcome::kept};
  pump();
}

/// Tells the log of the first messages that are not stored, and of all of them when that is over.
void RoomState::log_refusal(std::size_t messages, const caf::error* refused) {
  if (refused && refused_ == 0)
    log::error("messages are not stored, their senders are told",
               {{"messages", messages}, {"reason", reason_of(*refused, self_->system())}});
  else if (!refused && refused_ > 0)
    log::info("messages are stored again", {{"refused_meanwhile", refused_}});
  refused_ = refused ? refused_ + messages : 0;
}

/// Sends the batch that is ready to all switchboards; it is delivered when all have answered.
void RoomState::deliver() {
  delivering_ = switchboards_.size();
  const auto order = *std::exchange(ready_, std::nullopt);
  const auto done = [this, batch = order.batch] {
    if (--delivering_ > 0) return;
    chat_->shown(*batch);
    pump();
  };
  for (const auto& switchboard : switchboards_)
    self_->request(switchboard, caf::infinite, order)
        .then([done](Delivered) { done(); }, [done](const caf::error&) { done(); });
  pump();
}

/// Passes the chat's questions on to the archive.
void RoomState::recall() {
  for (auto& question : chat_->take_recalls()) {
    const auto answer = [this, number = question.number, queries = question.queries.size(),
                         asked = self_->clock().now()](const Room::Recalled& messages) {
      log::debug("recalled", {{"queries", queries},
                              {"answered", messages.has_value()},
                              {"messages", messages ? messages->size() : 0},
                              {"us", microseconds_since(asked)}});
      chat_->recalled(number, messages, wall_clock_());
      pump();
    };
    self_->request(*archive_, caf::infinite, Recall{std::move(question.queries)})
        .then([answer](Recalled& found) { answer(std::move(found.messages)); },
              [answer](const caf::error&) { answer(std::nullopt); });
  }
}

/// Reads the records, and goes on trying until that is done: their actor sees to the pauses.
void RoomState::read_lives() {
  self_->request(*records_, caf::infinite, ReadLives{})
      .then(
          [this](const LivesRead& read) {
            chat_->know(read.lives, wall_clock_());
            pump();
          },
          [this](const caf::error& error) {
            if (is_of_keeper(error)) read_lives();
          });
}

/// Passes the changes of channels' lives on to the records, a part at a time.
void RoomState::keep_lives() {
  if (!records_ || keeping_lives_ || !chat_->has_lives()) return;
  keeping_lives_ = true;
  KeepLives order{chat_->take_lives(most_lives)};
  const auto ended = [this](bool kept) {
    keeping_lives_ = false;
    records_away_ = !kept;
    pump();
  };
  self_->request(*records_, caf::infinite, order)
      .then([ended](Committed) { ended(true); },
            [this, ended, lives = order.lives](const caf::error& error) {
              chat_->not_kept(lives);
              if (is_of_keeper(error)) ended(false);
            });
}

Measured RoomState::measure() const {
  auto figures = chat_->measure();
  figures.insert(figures.end(), {{"storing", appending_ != nullptr},
                                 {"delivering", delivering_},
                                 {"behind", behind_.size()},
                                 {"refused_messages", refused_},
                                 {"last_commit_us", commit_time_.count()}});
  return {std::move(figures)};
}

}  // namespace troupe
