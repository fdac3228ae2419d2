#include "actors/supervisor.hpp"

#include "actors/archive.hpp"
#include "actors/keeper.hpp"
#include "actors/listener.hpp"
#include "actors/persistence.hpp"
#include "actors/reason.hpp"
#include "actors/switchboard.hpp"
#include "log/log.hpp"

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

/// How long clients and store together have to finish before the server ends without them.
constexpr caf::timespan patience = std::chrono::milliseconds{3500};
/// Persistence that dies sooner than this after it was started again won't come back to life.
constexpr std::chrono::seconds restart_interval{1};

}  // namespace

supervisor_actor::behavior_type supervisor(SupervisorState::Self self, Production production) {
  return self->state.start(std::move(production));
}

supervisor_actor::behavior_type SupervisorState::start(Production production) {
  curtain_ = std::move(production.curtain);
  self_->set_down_handler([this](const caf::down_msg& down) { died(down); });

  auto& system = self_->system();
  auto around = std::make_shared<Surroundings>();
  around->rules = production.rules;
  switchboard_ = system.middleman().spawn_broker(switchboard, production.rules);
  storage_ = std::move(production.storage);
  if (storage_) {
    start_persistence();
    start_archive();
  }
  room_ = self_->spawn(room, RoomSetup{std::move(production.chat),
                                       production.newest,
                                       production.durability,
                                       {*switchboard_},
                                       persistence_,
                                       archive_});
  self_->send(*switchboard_, Serve{*room_});
  around->switchboard = *switchboard_;
  around->room = *room_;
  for (auto& door : production.doors)
    listeners_.push_back(
        system.middleman().spawn_broker(listener, std::move(door), production.entrance, around));

  self_->monitor(*room_);
  self_->monitor(*switchboard_);
  for (const auto& one : listeners_) self_->monitor(one);
  return {[this](ShutDown) { shut_down(); }};
}

void SupervisorState::start_persistence() {
  auto line = std::make_shared<db::Lifeline>();
  const auto open_store = [open = storage_->open_store, line] { return open(line); };
  const auto store = self_->spawn<caf::detached>(store_keeper, open_store);
  const auto spool = self_->spawn<caf::detached>(spool_keeper, storage_->open_spool);
  persistence_ = self_->spawn<caf::monitored>(persistence, PersistenceSetup{store, spool, line, *storage_});
  storage_->at_home = false;  // another one would have to find out
}

void SupervisorState::start_archive() {
  auto line = std::make_shared<db::Lifeline>();
  const auto open_store = [open = storage_->open_reader, line] { return open(line); };
  const auto both = self_->spawn<caf::detached>(reader, ReaderSetup{open_store, storage_->open_spool});
  archive_ = self_->spawn<caf::monitored>(archive, both, line);
}

/// Persistence is started again, since it keeps nothing that is not stored; of anything else the end is the
/// end of all.
void SupervisorState::died(const caf::down_msg& down) {
  if (ending_) return;
  const auto now = self_->clock().now();
  const auto reason = reason_of(down.reason, self_->system());
  if (!persistence_ || down.source != persistence_->address() || now - restarted_ < restart_interval) {
    log::critical("an actor died", {{"reason", reason}});
    return end(1);
  }
  log::error("persistence died and is started again", {{"reason", reason}});
  restarted_ = now;
  start_persistence();
  self_->send(*room_, StoreWith{*persistence_});
}

void SupervisorState::shut_down() {
  if (std::exchange(ending_, true)) return;
  log::info("shutting down");
  for (const auto& one : listeners_) self_->send(one, StopListening{});
  // What is in flight is shown to everybody it is meant for before anybody is let go.
  deadline_ = self_->clock().now() + patience;
  const auto let_go = [this] {
    self_->send(*room_, Closing{});
    ask(*switchboard_, CloseAll{"Server shutting down"}, [this](AllClosed) { end(0); });
  };
  const auto drain = [this, let_go] { ask(*room_, Drain{}, [let_go](Drained) { let_go(); }); };
  ask(*switchboard_, HushAll{}, [drain](AllHushed) { drain(); });
}

/// Goes on with the answer; if none comes in time, with the end.
template <class Actor, class Order, class Next>
void SupervisorState::ask(const Actor& actor, Order order, Next next) {
  const auto left = deadline_ - self_->clock().now();
  self_->request(actor, std::max(left, caf::timespan{1}), std::move(order))
      .then(next, [this](const caf::error& error) {
        log::warn("ending before all is done", {{"reason", reason_of(error, self_->system())}});
        end(0);
      });
}

void SupervisorState::end(int status) {
  ending_ = true;
  for (const auto& one : listeners_) self_->send_exit(one, caf::exit_reason::user_shutdown);
  self_->send_exit(*switchboard_, caf::exit_reason::user_shutdown);
  self_->send_exit(*room_, caf::exit_reason::user_shutdown);
  if (persistence_) self_->send_exit(*persistence_, caf::exit_reason::user_shutdown);
  if (archive_) self_->send_exit(*archive_, caf::exit_reason::user_shutdown);
  curtain_(status);
  self_->quit();
}

}  // namespace troupe
