#include "test/sim/whole/server.hpp"

#include "actors/keeper.hpp"
#include "actors/persistence.hpp"
#include "actors/records.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>
#include <type_traits>
#include <utility>

namespace troupe::sim {
namespace {

using namespace std::chrono_literals;

template <class Self>
bool is(caf::resumable* job) {
  return dynamic_cast<std::remove_pointer_t<Self>*>(job) != nullptr;
}

std::optional<Keeping> keeping_of(caf::resumable* job) {
  if (is<store_keeper_actor::stateful_pointer<StoreKeeperState>>(job)) return Keeping::store;
  if (is<spool_keeper_actor::stateful_pointer<SpoolKeeperState>>(job)) return Keeping::spool;
  if (is<ReaderState::Self>(job)) return Keeping::reader;
  if (is<records_keeper_actor::stateful_pointer<RecordsKeeperState>>(job)) return Keeping::records;
  return {};
}

std::size_t place(Keeping keeping) { return static_cast<std::size_t>(keeping); }

constexpr std::array<std::string_view, keepings> keeper_names = {"store keeper", "spool keeper", "reader",
                                                                 "records keeper"};

}  // namespace

Server::Server(const Plan& plan, Disk& disk, protocol::WallClock wall_clock, std::uint64_t random, Tell tell)
    : disk_(disk),
      tell_(std::move(tell)),
      system_(simulated(configuration_)),
      scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())) {
  scheduler_.clock().current_time += 1h;  // a clock at its epoch would say "never"
  multiplexers_.push_back(&dynamic_cast<Multiplexer&>(system_.middleman().backend()));
  further_.push_back(std::make_unique<Multiplexer>(&system_));
  multiplexers_.push_back(further_.back().get());
  WireLimits limits;
  limits.most_pending = plan.rules.sendq;
  for (auto* one : multiplexers_) loops_.push_back(std::make_shared<SimLoop>(*one, limits));
  door_ = caf::make_counted<Door>(caf::io::accept_handle::from_int(1), *multiplexers_.front());

  Production production;
  production.rules = plan.rules;
  production.chat.server_name = plan.rules.server_name;
  production.chat.network_name = "Sim";
  production.chat.version = "troupe-sim";
  production.chat.replay = plan.replay;
  production.chat.memory = plan.memory;
  production.chat.started = wall_clock();
  production.chat.random = [engine = std::make_shared<std::mt19937_64>(random)] { return (*engine)(); };
  production.wall_clock = std::move(wall_clock);
  production.keepers_have_threads = false;
  production.storage = make_storage(plan);
  const auto spooled = disk.spool->newest();
  if (disk.store->away) {
    production.newest = std::max(spooled, disk.spool->reserved());
  } else {
    disk.reached = true;
    production.storage->at_home = !spooled;
    production.newest = std::max(disk.store->newest(), spooled);
    if (!disk.records->away) production.storage->lives = opener_of_records(disk.records)()->lives();
  }
  production.listener.doors = {door_};
  production.listener.accepted = [this](caf::io::connection_handle) { return door_->accept(); };
  production.listener.limits = {plan.rules.max_connections, plan.rules.max_per_address, plan.rules.rate,
                                static_cast<double>(plan.rules.burst)};
  production.loops = loops_;
  production.curtain = [this](int status) { status_ = status; };
  supervisor_ = system_.spawn(supervisor, std::move(production));
}

Storage Server::make_storage(const Plan& plan) {
  Storage storage;
  storage.open_store = [this](std::shared_ptr<db::Lifeline> line) {
    line_ = std::move(line);
    return opener_of_store(disk_.store)();
  };
  storage.open_reader = [this](std::shared_ptr<db::Lifeline> line) {
    reader_line_ = std::move(line);
    return opener_of_store(disk_.store)();
  };
  storage.open_records = [this](const std::shared_ptr<db::Lifeline>&) {
    return opener_of_records(disk_.records)();
  };
  storage.open_spool = [this, room = plan.spool] { return opener_of_spool(disk_.spool, room)(); };
  storage.spool_name = "spool";
  storage.commit_timeout = plan.commit_timeout;
  return storage;
}

Server::~Server() {
  failing_ = true;
  disk_.store->away = disk_.spool->away = disk_.records->away = true;
  for (const auto& peer : peers_) {
    peer->left = peer->ended = true;
    peer->on_arrival = nullptr;
    peer->unread.clear();
  }
  supervisor_ = nullptr;
  Chance chance(0, 0);
  // Whoever is killed may just have started somebody else.
  for (bool more = true; more;) {
    while (run_one(chance)) {
    }
    more = false;
    for (auto& known : known_)
      if (auto actor = std::exchange(known.actor, nullptr)) {
        caf::anon_send_exit(actor, caf::exit_reason::kill);
        more = true;
      }
  }
  if (system_.registry().running() > 0) {
    std::cerr << system_.registry().running() << " actors can't be ended\n";
    std::abort();  // the system would wait for them for ever
  }
  door_->waiting.clear();
  disk_.store->away = disk_.spool->away = disk_.records->away = false;
}

void Server::connect(std::shared_ptr<Peer> peer) {
  door_->waiting.push_back(peer);
  peers_.push_back(std::move(peer));
}

Server::Known* Server::know(caf::resumable* job) {
  auto* actor = dynamic_cast<caf::local_actor*>(job);
  if (!actor) return nullptr;
  if (actor->id() >= known_.size()) known_.resize(actor->id() + 1);
  auto& known = known_[actor->id()];
  if (!std::exchange(known.seen, true)) {
    known.actor = caf::strong_actor_ptr{actor->ctrl()};
    known.name = actor->name();
    known.keeping = keeping_of(job);
  }
  return &known;
}

bool Server::is_at_work(Known& keeper) {
  const auto which = place(*keeper.keeping);
  if (failing_ || (!disk_.hangs[which] && disk_.takes[which] == 0ms)) return false;
  const auto& line = *keeper.keeping == Keeping::store    ? line_
                     : *keeper.keeping == Keeping::reader ? reader_line_
                                                          : nullptr;
  if (!std::exchange(keeper.begun, true)) {
    keeper.end = now() + disk_.takes[which];
    if (line) line->begin();
  }
  if (line && line->is_cut()) {
    if (*keeper.keeping == Keeping::store) disk_.store->is_cut = true;
    return false;
  }
  return disk_.hangs[which] || now() < keeper.end;
}

bool Server::may_run(caf::resumable* job) {
  auto* known = know(job);
  return !known || !known->keeping || !is_at_work(*known);
}

bool Server::run_scheduled(std::size_t index) {
  auto& jobs = scheduler_.jobs;
  if (!may_run(jobs[index])) return false;
  const auto job = jobs.begin() + static_cast<std::ptrdiff_t>(index);
  if (auto* known = know(*job)) {
    known->begun = false;
    if (tell_) tell_(known->keeping ? keeper_names[place(*known->keeping)] : known->name);
  }
  std::rotate(jobs.begin(), job, job + 1);
  scheduler_.run_once();
  disk_.store->is_cut = false;
  return true;
}

/// What is posted to an event loop runs behind the brokers that were to run before it, and behind a look at
/// the sockets that have ended.
bool Server::run_loop(std::size_t loop, std::size_t index) {
  auto& multiplexer = *multiplexers_[loop];
  auto* job = multiplexer.jobs[index];
  if (job->subtype() == caf::resumable::function_object) {
    if (index > 0 || has_ended_client(multiplexer)) return false;
    if (tell_) tell_("a turn of the loop ends");
  } else if (const auto* known = know(job); known && tell_) {
    tell_(known->name);
  }
  multiplexer.run_job(index);
  return true;
}

bool Server::has_ended_client(const Multiplexer& loop) const {
  return std::ranges::any_of(peers_, [&](const auto& peer) { return peer->has_ended(loop); });
}

bool Server::run_job(Chance& chance) {
  std::array<std::size_t, 3> sizes = {multiplexers_[0]->jobs.size(), multiplexers_[1]->jobs.size(),
                                      scheduler_.jobs.size()};
  const auto total = sizes[0] + sizes[1] + sizes[2];
  if (total == 0) return false;
  const auto first = chance.below(total);
  for (std::size_t i = 0; i < total; ++i) {
    auto index = (first + i) % total;
    std::size_t queue = 0;
    while (index >= sizes[queue]) index -= sizes[queue++];
    if (queue < 2 ? run_loop(queue, index) : run_scheduled(index)) return true;
  }
  return false;
}

bool Server::move_bytes(Chance& chance) {
  if (peers_.empty()) return false;
  const auto first = chance.below(peers_.size());
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    const auto peer = peers_[(first + i) % peers_.size()];
    if (!peer->wire) continue;
    if (peer->has_input()) {
      peer->wire->read(chance.percent(40) ? chance.between(1, 64) : 8192);
      return true;
    }
    if (peer->reads && peer->wire->backlog() > 0) {
      peer->wire->take();
      return true;
    }
  }
  return false;
}

bool Server::let_in() {
  if (!door_->open || door_->waiting.empty()) return false;
  door_->new_connection();
  return true;
}

bool Server::run_one(Chance& chance) {
  forget_gone();
  switch (chance.below(10)) {
    case 0:
      return let_in() || run_job(chance) || move_bytes(chance);
    case 1:
    case 2:
    case 3:
      return move_bytes(chance) || run_job(chance) || let_in();
    default:
      return run_job(chance) || move_bytes(chance) || let_in();
  }
}

void Server::forget_gone() {
  std::erase_if(peers_, [](const auto& peer) { return !peer->wire && (peer->opened || peer->server_left); });
}

void Server::pass(std::chrono::milliseconds time) {
  scheduler_.advance_time(time);
  for (const auto& loop : loops_) loop->look();
}

void Server::persistence_dies() {
  for (const auto& known : known_)
    if (known.actor && known.name == PersistenceState::name)
      caf::anon_send_exit(known.actor, caf::exit_reason::kill);
}

void Server::shut_down() { caf::anon_send(supervisor_, ShutDown{}); }

std::map<std::string, std::int64_t> Server::measure(std::string_view name, Chance& chance) {
  std::map<std::string, std::int64_t> found;
  for (const auto& known : known_) {
    if (!known.actor || known.name != name) continue;
    const auto actor = caf::actor_cast<measured_actor>(known.actor);
    const auto ask = [actor, &found](caf::event_based_actor* self) {
      self->request(actor, caf::infinite, Measure{}).then([&found](const Measured& measured) {
        for (const auto& [figure, value] : measured.figures) found[std::string{figure}] += value;
      });
    };
    system_.spawn(ask);
  }
  while (run_one(chance)) {
  }
  return found;
}

std::size_t Server::longest_backlog() const {
  std::size_t longest = 0;
  for (const auto& peer : peers_)
    if (peer->wire) longest = std::max(longest, peer->wire->backlog());
  return longest;
}

}  // namespace troupe::sim
