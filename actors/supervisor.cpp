#include "actors/supervisor.hpp"

#include "actors/listener.hpp"
#include "actors/persistence.hpp"
#include "actors/switchboard.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace troupe {
namespace {

/// How long clients and store have to finish before the server ends without them.
constexpr std::chrono::seconds patience{4};

}  // namespace

supervisor_actor::behavior_type supervisor(SupervisorState::Self self, Production production) {
  return self->state.start(std::move(production));
}

supervisor_actor::behavior_type SupervisorState::start(Production production) {
  curtain_ = std::move(production.curtain);
  self_->set_down_handler([this](const caf::down_msg& down) {
    if (ending_) return;
    spdlog::critical("an actor died reason=\"{}\"", self_->system().render(down.reason));
    end(1);
  });

  auto& system = self_->system();
  auto around = std::make_shared<Surroundings>();
  around->rules = production.rules;
  switchboard_ = system.middleman().spawn_broker(switchboard, production.rules);
  if (production.store) persistence_ = self_->spawn<caf::detached>(persistence, production.store);
  RoomSetup setup{std::move(production.chat), {}, production.durability, *switchboard_, persistence_};
  if (production.store) setup.newest = production.store->newest();
  room_ = self_->spawn(room, std::move(setup));
  self_->send(*switchboard_, Serve{*room_});
  around->switchboard = *switchboard_;
  around->room = *room_;
  for (auto& door : production.doors)
    listeners_.push_back(system.middleman().spawn_broker(listener, std::move(door), around));

  if (persistence_) self_->monitor(*persistence_);
  self_->monitor(*room_);
  self_->monitor(*switchboard_);
  for (const auto& one : listeners_) self_->monitor(one);
  return {[this](ShutDown) { shut_down(); }};
}

void SupervisorState::shut_down() {
  if (std::exchange(ending_, true)) return;
  spdlog::info("shutting down");
  for (const auto& one : listeners_) self_->send(one, StopListening{});
  const auto drain = [this] {
    self_->request(*room_, patience, Drain{})
        .then([this](Drained) { end(0); }, [this](const caf::error&) { end(0); });
  };
  self_->send(*room_, Closing{});
  self_->request(*switchboard_, patience, CloseAll{"Server shutting down"})
      .then([drain](AllClosed) { drain(); }, [drain](const caf::error&) { drain(); });
}

void SupervisorState::end(int status) {
  ending_ = true;
  for (const auto& one : listeners_) self_->send_exit(one, caf::exit_reason::user_shutdown);
  self_->send_exit(*switchboard_, caf::exit_reason::user_shutdown);
  self_->send_exit(*room_, caf::exit_reason::user_shutdown);
  if (persistence_) self_->send_exit(*persistence_, caf::exit_reason::user_shutdown);
  curtain_(status);
  self_->quit();
}

}  // namespace troupe
