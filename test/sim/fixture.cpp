#include "test/sim/fixture.hpp"

#include "actors/archive.hpp"
#include "actors/keeper.hpp"
#include "actors/listener.hpp"
#include "actors/persistence.hpp"
#include "actors/supervisor.hpp"
#include "actors/switchboard.hpp"

#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <utility>

namespace troupe::sim {

namespace {

using namespace std::chrono_literals;

/// How much a `Socket` reads at once.
constexpr std::size_t read_size = 8192;

std::string_view name_of(caf::resumable* job) {
  const auto* actor = dynamic_cast<caf::local_actor*>(job);
  return actor ? std::string_view{actor->name()} : std::string_view{};
}

}  // namespace

Rules unhurried() {
  Rules rules;
  rules.rate = 0;
  return rules;
}

Sim::Sim(Setup setup)
    : system_(simulated(configuration_)),
      scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())),
      seeded_(setup.seed.has_value()),
      random_(setup.seed.value_or(0)),
      store_(setup.store ? setup.store : std::make_shared<MemoryStore>()),
      spool_(setup.spooled ? setup.spooled : std::make_shared<MemoryStore>()) {
  spdlog::set_level(spdlog::level::off);
  scheduler_.clock().current_time += 1h;  // a clock at its epoch would say "never"
  start_loops(setup);

  RoomConfig chat;
  chat.server_name = setup.rules.server_name;
  chat.network_name = "Sim";
  chat.version = "troupe-sim";
  chat.archived = setup.archived;
  chat.replay = setup.replay;
  chat.memory = setup.memory;
  chat.random =
      setup.random ? setup.random : [engine = std::make_shared<std::mt19937_64>()] { return (*engine)(); };

  ListenerSetup entrance;
  entrance.doors = {door_};
  entrance.accepted = [this](caf::io::connection_handle) { return door_->accept(); };
  entrance.limits = {setup.rules.max_connections, setup.rules.max_per_address, setup.rules.rate,
                     static_cast<double>(setup.rules.burst)};
  if (setup.supervised) {
    Production production{setup.rules, std::move(chat), Durability::none, {}, {}, entrance, loops_, {}};
    production.curtain = [this](int status) { status_ = status; };
    supervisor_ = system_.spawn(supervisor, std::move(production));
  } else {
    start_unsupervised(setup, std::move(chat), std::move(entrance));
  }
  run();
}

void Sim::start_loops(const Setup& setup) {
  multiplexers_.push_back(&dynamic_cast<Multiplexer&>(system_.middleman().backend()));
  while (multiplexers_.size() < setup.loops) {
    further_.push_back(std::make_unique<Multiplexer>(&system_));
    multiplexers_.push_back(further_.back().get());
  }
  WireLimits limits;
  limits.most_pending = setup.rules.sendq;
  for (auto* one : multiplexers_) loops_.push_back(std::make_shared<SimLoop>(*one, limits));
  door_ = caf::make_counted<Door>(caf::io::accept_handle::from_int(1), *multiplexers_.front());
}

void Sim::start_unsupervised(const Setup& setup, RoomConfig chat, ListenerSetup entrance) {
  for (const auto& loop : loops_)
    switchboards_.push_back(spawn_on(loop->loop(), switchboard, SwitchboardSetup{setup.rules, loop}));
  storage_.commit_timeout = setup.commit_timeout;
  spooling_ = setup.spool;
  persistence_ = start_persistence();
  std::optional<archive_actor> archive;
  if (setup.archived) archive = start_archive();
  RoomSetup room_setup{std::move(chat), setup.newest, setup.durability, switchboards_, persistence_, archive};
  if (setup.records) room_setup.records = start_records(setup.records);
  room_ = system_.spawn(room, std::move(room_setup));
  if (archive) all_.push_back(caf::actor_cast<caf::actor>(*archive));
  introduce(switchboards_, room_);
  entrance.switchboards = switchboards_;
  listener_ = spawn_on(loops_.front()->loop(), listener, std::move(entrance));
  all_.push_back(caf::actor_cast<caf::actor>(listener_));
  for (const auto& one : switchboards_) all_.push_back(caf::actor_cast<caf::actor>(one));
  all_.push_back(caf::actor_cast<caf::actor>(room_));
}

Sim::~Sim() {
  held_.clear();
  held_ids_.clear();
  reader_held_ = false;
  store_takes = spool_takes = reader_takes = {};
  if (supervisor_ && !ended()) {
    caf::anon_send(supervisor_, ShutDown{});
    run();
  }
  for (auto& client : clients_) client.connection_exits(caf::exit_reason::kill);
  for (const auto& actor : all_) caf::anon_send_exit(actor, caf::exit_reason::kill);
  run();
}

persistence_actor Sim::start_persistence() {
  store_keeper_ = system_.spawn(store_keeper, opener_of_store(store_));
  spool_keeper_ = system_.spawn(spool_keeper, opener_of_spool(spool_, spooling_));
  store_chore_ = spool_chore_ = {};
  line_ = std::make_shared<db::Lifeline>();
  const auto started =
      system_.spawn(troupe::persistence, PersistenceSetup{store_keeper_, spool_keeper_, line_, storage_});
  all_.insert(all_.end(), {caf::actor_cast<caf::actor>(store_keeper_),
                           caf::actor_cast<caf::actor>(spool_keeper_), caf::actor_cast<caf::actor>(started)});
  return started;
}

archive_actor Sim::start_archive() {
  reader_ = system_.spawn(reader, ReaderSetup{opener_of_store(store_), opener_of_spool(spool_, spooling_)});
  all_.push_back(caf::actor_cast<caf::actor>(reader_));
  archive_ = system_.spawn(archive, reader_, std::make_shared<db::Lifeline>());
  return archive_;
}

records_actor Sim::start_records(const std::shared_ptr<MemoryRecords>& records) {
  records_keeper_ = system_.spawn(records_keeper, opener_of_records(records));
  all_.push_back(caf::actor_cast<caf::actor>(records_keeper_));
  records_ = system_.spawn(troupe::records, RecordsSetup{records_keeper_, std::make_shared<db::Lifeline>()});
  all_.push_back(caf::actor_cast<caf::actor>(records_));
  return records_;
}

std::map<std::string, std::vector<Figure>> Sim::measures() {
  std::map<std::string, std::vector<Figure>> found;
  const auto ask = [&](const std::string& name, const measured_actor& actor) {
    if (!actor) return;
    const auto stand_in = [&found, name, actor](caf::event_based_actor* self) {
      self->request(actor, caf::infinite, Measure{}).then([&found, name](const Measured& measured) {
        found.emplace(name, measured.figures);
      });
    };
    system_.spawn(stand_in);
  };
  ask("room", room_);
  ask("listener", listener_);
  for (std::size_t i = 0; i < switchboards_.size(); ++i)
    ask("switchboard " + std::to_string(i), switchboards_[i]);
  ask("persistence", persistence_);
  ask("store keeper", store_keeper_);
  ask("spool keeper", spool_keeper_);
  ask("archive", archive_);
  ask("reader", reader_);
  ask("records", records_);
  ask("records keeper", records_keeper_);
  run();
  return found;
}

void Sim::recall() {
  const auto stand_in = [this](caf::event_based_actor* self, const Recall& question) {
    self->request(archive_, caf::infinite, question)
        .then([this](const Recalled&) { recalled_.push_back(true); },
              [this](const caf::error&) { recalled_.push_back(false); });
  };
  system_.spawn(stand_in, Recall{{db::Query{"#c", {}, {}, 10}}});
}

void Sim::persistence_dies() { caf::anon_send_exit(persistence_, caf::exit_reason::kill); }

void Sim::persistence_starts() {
  persistence_ = start_persistence();
  caf::anon_send(room_, StoreWith{persistence_});
}

Client& Sim::connect(std::string address) {
  auto peer = std::make_shared<Peer>(std::move(address));
  door_->waiting.push_back(peer);
  return clients_.emplace_back(std::move(peer));
}

Client& Sim::user(const std::string& nick, const std::string& capabilities) {
  auto& client = connect();
  client.sends("CAP REQ :" + capabilities, "NICK " + nick, "USER " + nick + " 0 * :" + nick, "CAP END");
  run();
  REQUIRE(client.received().contains(" 001 " + nick + " "));
  return client;
}

Client& Sim::member(const std::string& nick, const std::string& channel, const std::string& capabilities) {
  auto& client = user(nick, capabilities);
  client.sends("JOIN " + channel);
  run();
  REQUIRE(client.received().contains(" 366 " + nick + " " + channel));
  return client;
}

void Sim::run() {
  while (step()) {
  }
}

void Sim::run_some(std::size_t steps) {
  while (steps > 0 && step()) --steps;
}

/// Lets one of the things happen that can happen next.
bool Sim::step() {
  std::vector<std::function<void()>> choices;
  const auto choice = [&](auto what) {
    if (seeded_ || choices.empty()) choices.emplace_back(std::move(what));
  };
  auto& jobs = scheduler_.jobs;
  for (auto job = jobs.begin(); job != jobs.end(); ++job)
    if (!is_held(*job))
      choice([&, job] {
        begin(*job);
        std::rotate(jobs.begin(), job, job + 1);
        scheduler_.run_once();
      });
  // What is posted to an event loop runs behind the brokers that were to run before it, and behind a look at
  // the sockets that have ended.
  for (auto* loop : multiplexers_)
    for (std::size_t i = 0; i < loop->jobs.size(); ++i)
      if (loop->jobs[i]->subtype() != caf::resumable::function_object || (i == 0 && !has_ended_client(*loop)))
        choice([loop, i] { loop->run_job(i); });
  if (door_->open && !door_->waiting.empty()) choice([&] { door_->new_connection(); });
  for (auto& client : clients_)
    if (client.peer().has_input())
      choice([&] { client.peer().wire->read(seeded_ ? 1 + below(64) : read_size); });
  if (choices.empty()) return false;
  ++steps_;
  choices[seeded_ ? below(choices.size()) : 0]();
  return true;
}

bool Sim::has_ended_client(const Multiplexer& loop) const {
  return std::ranges::any_of(clients_, [&](const Client& client) { return client.peer().has_ended(loop); });
}

bool Sim::is_held(caf::resumable* job) {
  if (!held_.empty() && held_.contains(name_of(job))) return true;
  if (held_ids_.empty() && !reader_held_ && !store_takes && !spool_takes && !reader_takes) return false;
  const auto* actor = dynamic_cast<caf::local_actor*>(job);
  if (!actor) return false;
  if (actor->id() == store_keeper_->id() && is_store_busy()) return true;
  if (actor->id() == spool_keeper_->id() && is_busy(spool_takes, spool_chore_)) return true;
  if (reader_ && actor->id() == reader_->id()) return reader_held_ || is_busy(reader_takes, reader_chore_);
  return held_ids_.contains(actor->id());
}

bool Sim::is_store_busy() {
  if (!store_takes) return false;
  const auto now = scheduler_.clock().now();
  if (!std::exchange(store_chore_.begun, true)) {
    store_chore_.end = now + store_takes();
    line_->begin();
  }
  store_->is_cut = line_can_be_cut && line_->is_cut();
  return now < store_chore_.end && !store_->is_cut;
}

bool Sim::is_busy(const std::function<std::chrono::milliseconds()>& takes, Chore& chore) {
  if (!takes) return false;
  const auto now = scheduler_.clock().now();
  if (!std::exchange(chore.begun, true)) chore.end = now + takes();
  return now < chore.end;
}

/// Whatever this was about to do takes no more time.
void Sim::begin(caf::resumable* job) {
  const auto* actor = dynamic_cast<caf::local_actor*>(job);
  if (!actor || !store_keeper_) return;
  if (actor->id() == spool_keeper_->id()) spool_chore_ = {};
  if (reader_ && actor->id() == reader_->id()) reader_chore_ = {};
  if (actor->id() != store_keeper_->id()) return;
  store_chore_ = {};
}

void Sim::pass(std::chrono::milliseconds time) {
  run();
  while (time > 0ms) {
    const auto step = std::min<std::chrono::milliseconds>(time, 50ms);
    scheduler_.advance_time(step);
    for (const auto& loop : loops_) loop->look();
    run();
    time -= step;
  }
}

void Sim::release_one_commit() {
  const auto before = store_->appends;
  release_commits();
  while (store_->appends == before && step()) {
  }
  hold_commits();
  run();
}

void Sim::shut_down() {
  if (supervisor_) return caf::anon_send(supervisor_, ShutDown{});
  caf::anon_send(listener_, StopListening{});
  const auto stand_in = [this](caf::event_based_actor* self, const CloseAll& order) {
    const auto close = [=, this] {
      self->send(room_, Closing{});
      ask_all<AllClosed>(self, order, [this] { status_ = 0; });
    };
    const auto drain = [=, this] {
      self->request(room_, caf::infinite, Drain{}).then([close](Drained) { close(); });
    };
    ask_all<AllHushed>(self, HushAll{}, drain);
  };
  system_.spawn(stand_in, CloseAll{"Server shutting down"});
}

/// Goes on when all switchboards have answered.
template <class Answer, class Order>
void Sim::ask_all(caf::event_based_actor* self, const Order& order, std::function<void()> next) {
  const auto left = std::make_shared<std::size_t>(switchboards_.size());
  for (const auto& one : switchboards_)
    self->request(one, caf::infinite, order).then([left, next](const Answer&) {
      if (--*left == 0) next();
    });
}

void for_seeds(std::size_t count, const std::function<void(std::uint64_t seed)>& body) {
  if (const char* only = std::getenv("TROUPE_SEED")) return body(std::strtoull(only, nullptr, 10));
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    CAPTURE(seed);
    body(seed);
  }
}

}  // namespace troupe::sim
