#include "actors/supervisor.hpp"

#include "actors/archive.hpp"
#include "actors/keeper.hpp"
#include "actors/listener.hpp"
#include "actors/persistence.hpp"
#include "actors/reason.hpp"
#include "actors/records.hpp"
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

/// How long an actor may take to say how things are.
constexpr std::chrono::seconds measuring_time{2};

}  // namespace

supervisor_actor::behavior_type supervisor(SupervisorState::Self self, Production production) {
  return self->state.start(std::move(production));
}

supervisor_actor::behavior_type SupervisorState::start(Production production) {
  curtain_ = std::move(production.curtain);
  self_->set_down_handler([this](const caf::down_msg& down) { died(down); });

  for (const auto& loop : production.loops)
    switchboards_.push_back(spawn_on(loop->loop(), switchboard, SwitchboardSetup{production.rules, loop}));
  storage_ = std::move(production.storage);
  wall_clock_ = std::move(production.wall_clock);
  keepers_have_threads_ = production.keepers_have_threads;
  if (storage_) {
    start_persistence();
    start_archive();
    start_records();
  }
  RoomSetup setup{std::move(production.chat),
                  production.newest,
                  production.durability,
                  switchboards_,
                  persistence_,
                  archive_,
                  records_};
  if (storage_) setup.lives = std::move(storage_->lives);
  setup.wall_clock = wall_clock_;
  room_ = self_->spawn(room, std::move(setup));
  introduce(switchboards_, *room_);
  production.listener.switchboards = switchboards_;
  listener_ = spawn_on(production.loops.front()->loop(), listener, std::move(production.listener));

  self_->monitor(*room_);
  for (const auto& one : switchboards_) self_->monitor(one);
  self_->monitor(*listener_);
  return {
      [this](ShutDown) { shut_down(); },
      [this](LogMeasures) { log_measures(); },
      [this](Measure) -> Measured {
        return {{{"switchboards", switchboards_.size()}, {"restarts", restarts_}, {"ending", ending_}}};
      },
  };
}

template <class Keeper, class Open>
auto SupervisorState::start_keeper(Keeper keeper, Open open) {
  return keepers_have_threads_ ? self_->spawn<caf::detached>(keeper, std::move(open))
                               : self_->spawn(keeper, std::move(open));
}

void SupervisorState::start_persistence() {
  auto line = std::make_shared<db::Lifeline>();
  const auto open_store = [open = storage_->open_store, line] { return open(line); };
  const auto store = start_keeper(store_keeper, open_store);
  const auto spool = start_keeper(spool_keeper, storage_->open_spool);
  keepers_["store keeper"] = caf::actor_cast<measured_actor>(store);
  keepers_["spool keeper"] = caf::actor_cast<measured_actor>(spool);
  persistence_ =
      self_->spawn<caf::monitored>(persistence, PersistenceSetup{store, spool, line, *storage_, wall_clock_});
  storage_->at_home = false;  // another one would have to find out
}

void SupervisorState::start_archive() {
  auto line = std::make_shared<db::Lifeline>();
  const auto open_store = [open = storage_->open_reader, line] { return open(line); };
  const auto both = start_keeper(reader, ReaderSetup{open_store, storage_->open_spool});
  keepers_["reader"] = caf::actor_cast<measured_actor>(both);
  archive_ = self_->spawn<caf::monitored>(archive, both, line);
}

void SupervisorState::start_records() {
  auto line = std::make_shared<db::Lifeline>();
  const auto open = [open = storage_->open_records, line] { return open(line); };
  const auto keeper = start_keeper(records_keeper, open);
  keepers_["records keeper"] = caf::actor_cast<measured_actor>(keeper);
  records_ = self_->spawn<caf::monitored>(records, RecordsSetup{keeper, line, storage_->commit_timeout});
}

/// Whoever is at work answers when that is done; who does not answer soon has a line that says so.
void SupervisorState::log_measures() {
  auto all = keepers_;
  const auto add = [&](const std::string& name, const auto& actor) {
    all.emplace(name, caf::actor_cast<measured_actor>(actor));
  };
  add("supervisor", self_);
  add("room", *room_);
  add("listener", *listener_);
  for (std::size_t i = 0; i < switchboards_.size(); ++i)
    add("switchboard " + std::to_string(i), switchboards_[i]);
  if (persistence_) add("persistence", *persistence_);
  if (archive_) add("archive", *archive_);
  if (records_) add("records", *records_);
  for (const auto& [name, actor] : all)
    self_->request(actor, measuring_time, Measure{})
        .then(
            [name = name](const Measured& measured) {
              log::Event event{"measured", {{"actor", name}}};
              for (const auto& [figure, value] : measured.figures) event.fields.emplace_back(figure, value);
              log::info(event);
            },
            [name = name](const caf::error&) {
              log::warn("not measured", {{"actor", name}});
            });
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
  ++restarts_;
  start_persistence();
  self_->send(*room_, StoreWith{*persistence_});
}

void SupervisorState::shut_down() {
  if (std::exchange(ending_, true)) return;
  log::info("shutting down");
  self_->send(*listener_, StopListening{});
  // What is in flight is shown to everybody it is meant for before anybody is let go.
  deadline_ = self_->clock().now() + patience;
  const auto let_go = [this] {
    self_->send(*room_, Closing{});
    ask<AllClosed>(switchboards_, CloseAll{"Server shutting down"}, [this] { end(0); });
  };
  const auto drain = [this, let_go] { ask<Drained>(std::vector{*room_}, Drain{}, let_go); };
  ask<AllHushed>(switchboards_, HushAll{}, drain);
}

/// Goes on when all have answered; if one does not in time, with the end.
template <class Answer, class Actor, class Order>
void SupervisorState::ask(const std::vector<Actor>& actors, const Order& order, std::function<void()> next) {
  const auto time = std::max(deadline_ - self_->clock().now(), caf::timespan{1});
  const auto left = std::make_shared<std::size_t>(actors.size());
  for (const auto& actor : actors)
    self_->request(actor, time, order)
        .then(
            [left, next](const Answer&) {
              if (--*left == 0) next();
            },
            [this](const caf::error& error) {
              log::warn("ending before all is done", {{"reason", reason_of(error, self_->system())}});
              end(0);
            });
}

void SupervisorState::end(int status) {
  ending_ = true;
  self_->send_exit(*listener_, caf::exit_reason::user_shutdown);
  for (const auto& one : switchboards_) self_->send_exit(one, caf::exit_reason::user_shutdown);
  self_->send_exit(*room_, caf::exit_reason::user_shutdown);
  if (persistence_) self_->send_exit(*persistence_, caf::exit_reason::user_shutdown);
  if (archive_) self_->send_exit(*archive_, caf::exit_reason::user_shutdown);
  if (records_) self_->send_exit(*records_, caf::exit_reason::user_shutdown);
  curtain_(status);
  self_->quit();
}

}  // namespace troupe
