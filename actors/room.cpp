#include "actors/room.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace troupe {
namespace {

/// Batches shown but not yet committed in relaxed mode before the room waits for the store.
constexpr std::size_t most_behind = 8;

protocol::Time wall_clock() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace

room_actor::behavior_type room(RoomState::Self self, RoomSetup setup) {
  return self->state.start(std::move(setup));
}

room_actor::behavior_type RoomState::start(RoomSetup setup) {
  chat_.emplace(std::move(setup.chat));
  if (setup.newest) chat_->continue_after(*setup.newest);
  durability_ = setup.durability;
  switchboard_ = std::move(setup.switchboard);
  persistence_ = std::move(setup.persistence);
  return {
      [this](const Enter& client) {
        chat_->enter(client.from, client.who, wall_clock());
        pump();
      },
      [this](const Command& command) {
        chat_->command(command.from, command.input, wall_clock());
        pump();
      },
      [this](const Leave& client) {
        chat_->leave(client.from, client.reason, wall_clock());
        pump();
      },
      [this](Closing) { chat_->close(); },
      [this](Drain) -> caf::result<Drained> {
        draining_ = self_->make_response_promise<Drained>();
        pump();
        return *draining_;
      },
  };
}

/// Moves every batch as far as it can go.
void RoomState::pump() {
  for (const auto& line : chat_->take_journal()) spdlog::info("{}", line);
  if (!committing_ && !ready_ && behind_.size() < most_behind && chat_->has_output()) {
    auto batch = std::make_shared<const Batch>(chat_->take_output());
    if (durability_ == Durability::strict && !batch->messages.empty()) {
      commit(std::move(batch));
    } else {
      if (durability_ == Durability::relaxed && !batch->messages.empty()) {
        behind_.push_back(batch);
        if (behind_.size() == 1) commit_behind();
      }
      ready_ = std::move(batch);
    }
  }
  if (ready_ && !delivering_) return deliver();
  if (draining_ && idle()) std::exchange(draining_, {})->deliver(Drained{});
}

void RoomState::commit(SharedBatch batch) {
  committing_ = true;
  const auto done = [this](SharedBatch outcome) {
    committing_ = false;
    ready_ = std::move(outcome);
    pump();
  };
  self_->request(*persistence_, caf::infinite, Append{batch})
      .then([done, batch](Committed) { done(batch); },
            [this, done, batch](const caf::error& error) {
              spdlog::error("not stored messages={} reason=\"{}\"", batch->messages.size(),
                            self_->system().render(error));
              done(std::make_shared<const Batch>(batch->without_messages()));
            });
}

void RoomState::commit_behind() {
  const auto done = [this] {
    behind_.pop_front();
    if (!behind_.empty()) commit_behind();
    pump();
  };
  self_->request(*persistence_, caf::infinite, Append{behind_.front()})
      .then([done](Committed) { done(); },
            [this, done](const caf::error& error) {
              spdlog::error("lost messages={} reason=\"{}\"", behind_.front()->messages.size(),
                            self_->system().render(error));
              done();
            });
}

void RoomState::deliver() {
  delivering_ = true;
  const auto done = [this] {
    delivering_ = false;
    pump();
  };
  self_->request(switchboard_, caf::infinite, Deliver{std::exchange(ready_, nullptr)})
      .then([done](Delivered) { done(); }, [done](const caf::error&) { done(); });
  pump();
}

}  // namespace troupe
