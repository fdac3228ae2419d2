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

// -- Lines
// ----------------------------------------------------------------------------------------------------

std::size_t Lines::count(std::string_view part) const { return with(part).size(); }

std::size_t Lines::place_of(std::string_view part) const {
  const auto found =
      std::ranges::find_if(*this, [&](const auto& line) { return line.find(part) != std::string::npos; });
  return static_cast<std::size_t>(found - begin());
}

Lines Lines::with(std::string_view part) const {
  Lines found;
  std::ranges::copy_if(*this, std::back_inserter(found),
                       [&](const auto& line) { return line.find(part) != std::string::npos; });
  return found;
}

std::ostream& operator<<(std::ostream& out, const Lines& lines) {
  out << lines.size() << " lines";
  for (const auto& line : lines) out << "\n    " << line;
  return out;
}

// -- Multiplexer
// ----------------------------------------------------------------------------------------------

Multiplexer::~Multiplexer() {
  for (auto* job : jobs) caf::intrusive_ptr_release(job);
}

void Multiplexer::exec_later(caf::resumable* job) {
  const auto kind = job->subtype();
  if (kind == caf::resumable::io_actor || kind == caf::resumable::function_object)
    jobs.push_back(job);
  else
    system().scheduler().enqueue(job);
}

void Multiplexer::run_job(std::size_t index) {
  auto* job = jobs[index];
  jobs.erase(jobs.begin() + static_cast<std::ptrdiff_t>(index));
  switch (job->resume(this, 1)) {
    case caf::resumable::resume_later:  // it keeps its place until its mailbox is empty
      jobs.insert(jobs.begin() + static_cast<std::ptrdiff_t>(index), job);
      return;
    case caf::resumable::done:
    case caf::resumable::awaiting_message:
      return caf::intrusive_ptr_release(job);
    case caf::resumable::shutdown_execution_unit:
      return;
  }
}

bool Multiplexer::try_run_once() {
  if (jobs.empty()) return false;
  run_job(0);
  return true;
}

// -- SimWire and Client
// ------------------------------------------------------------------------------------------

void SimWire::read(std::size_t most) {
  if (unread.empty()) return input_ended();
  const auto size = std::min(most, unread.size());
  loop().in.assign(unread.begin(), unread.begin() + static_cast<std::ptrdiff_t>(size));
  unread.erase(0, size);
  received(size);
}

std::size_t SimWire::send(std::string_view bytes) {
  if (broken) throw std::runtime_error("this connection is broken by the test");
  if (client_left) return bytes.size();
  if (!client_reads) return 0;
  if (on_arrival) on_arrival(bytes);
  arrived_bytes.append(bytes);
  return bytes.size();
}

void SimWire::want_input(bool wanted) {
  reading = wanted;
  if (wanted && !detached()) connection_ = caf::weak_actor_ptr{parent()->ctrl()};
}

SimLoop::Instant SimLoop::now() const { return loop().system().scheduler().clock().now(); }

void Client::reads_again() {
  wire_->client_reads = true;
  if (wire_->backlog() > 0) wire_->take();
}

void Client::is_cut_off() {
  wire_->unread.clear();
  wire_->client_ended = wire_->client_left = true;
}

void Client::connection_exits(caf::exit_reason reason) {
  REQUIRE_FALSE(wire_->detached());
  const caf::strong_actor_ptr connection{wire_->parent()->ctrl()};
  caf::anon_send_exit(caf::actor_cast<caf::actor>(connection), reason);
}

Lines Client::received() {
  Lines lines;
  auto& text = wire_->arrived_bytes;
  for (std::size_t end = 0; (end = text.find("\r\n")) != std::string::npos; text.erase(0, end + 2))
    lines.push_back(text.substr(0, end));
  return lines;
}

// -- MemoryStore
// ----------------------------------------------------------------------------------------------

void MemoryStore::becomes_well() {
  away = loses_answers = forgets = full = is_cut = false;
  fails = [] { return false; };
  refused_.clear();
}

bool MemoryStore::has(std::string_view text) const {
  return std::ranges::find(kept, text, &db::Message::text) != kept.end();
}

std::vector<std::string> MemoryStore::texts() const {
  std::vector<std::string> texts;
  for (const auto& message : kept) texts.push_back(message.text);
  return texts;
}

void MemoryStore::answer() const {
  if (away) throw db::StoreError(db::StoreError::Reason::unavailable, "the store is away");
}

std::vector<db::Message> MemoryStore::in_order() const {
  answer();
  auto all = kept;
  std::ranges::sort(all, {}, &db::Message::id);
  return all;
}

void MemoryStore::write() const {
  answer();
  if (full) throw db::StoreError(db::StoreError::Reason::full, "the store is full");
}

void MemoryStore::append(std::span<const db::Message> messages) {
  ++(messages.empty() ? probes : appends);
  write();
  if (!messages.empty() && (refused_.contains(messages.front().id) || fails())) {
    refused_.insert(messages.front().id);
    throw db::StoreError(db::StoreError::Reason::unavailable, "the store is away");
  }
  if (rejects && std::ranges::any_of(messages, rejects))
    throw db::StoreError(db::StoreError::Reason::rejected, "the store never takes this");
  if (!forgets)
    for (const auto& message : messages)
      if (ids_.insert(message.id).second) kept.push_back(message);
  if (loses_answers || forgets || std::exchange(is_cut, false))
    throw db::StoreError(db::StoreError::Reason::lost, "the connection is lost");
}

std::vector<db::Message> MemoryStore::read(const db::Query& query) {
  auto found = in_order();
  std::erase_if(found, [&](const db::Message& message) {
    return message.channel != query.channel || (query.after && message.id <= *query.after) ||
           (query.before && message.id >= *query.before);
  });
  db::cut(query, found);
  return found;
}

std::vector<protocol::MessageId> MemoryStore::ids(const db::Query& query) {
  auto all = query;
  all.bytes = std::numeric_limits<std::size_t>::max();
  std::vector<protocol::MessageId> ids;
  std::ranges::transform(read(all), std::back_inserter(ids), &db::Message::id);
  return ids;
}

std::vector<db::Message> MemoryStore::oldest(std::size_t limit, const protocol::MessageId& after) {
  auto found = in_order();
  std::erase_if(found, [&](const db::Message& message) {
    return message.id <= after || set_aside_.contains(message.id);
  });
  found.resize(std::min(found.size(), limit));
  return found;
}

std::optional<protocol::MessageId> MemoryStore::newest() {
  answer();
  return ids_.empty() ? std::nullopt : std::optional{*ids_.rbegin()};
}

std::size_t MemoryStore::remove_before(protocol::Time time, std::size_t limit, protocol::Time now) {
  auto oldest = in_order();
  std::erase_if(oldest, [&](const db::Message& message) { return message.time > now; });
  oldest.resize(std::min(oldest.size(), limit));
  std::erase_if(oldest, [&](const db::Message& message) { return message.time >= time; });
  std::vector<protocol::MessageId> ids;
  std::ranges::transform(oldest, std::back_inserter(ids), &db::Message::id);
  remove(ids);
  return ids.size();
}

void MemoryStore::remove(std::span<const protocol::MessageId> ids) {
  write();
  const std::set<protocol::MessageId> gone(ids.begin(), ids.end());
  std::erase_if(kept, [&](const db::Message& message) { return gone.contains(message.id); });
  for (const auto& id : gone) ids_.erase(id);
}

void MemoryStore::set_aside(std::span<const protocol::MessageId> ids) {
  write();
  set_aside_.insert(ids.begin(), ids.end());
}

void MemoryStore::reserve(const protocol::MessageId& up_to) {
  write();
  ++reservations;
  reserved_ = std::max(reserved_, std::optional{up_to});
}

std::optional<protocol::MessageId> MemoryStore::reserved() {
  answer();
  return reserved_;
}

std::optional<db::Home> MemoryStore::home() {
  answer();
  return home_;
}

void MemoryStore::dedicate(const db::Home& home) {
  answer();
  home_ = home;
}

// -- Sim
// ------------------------------------------------------------------------------------------------------

namespace {

using namespace std::chrono_literals;

/// How much a `Socket` reads at once.
constexpr std::size_t read_size = 8192;

caf::actor_system_config& configure(caf::actor_system_config& configuration) {
  configuration.set("scheduler.policy", caf::atom("testing"));
  configuration.set("middleman.network-backend", caf::atom("testing"));
  configuration.set("middleman.workers", std::size_t{0});
  configuration.load<caf::io::middleman, Multiplexer>();
  return configuration;
}

std::string_view name_of(caf::resumable* job) {
  const auto* actor = dynamic_cast<caf::local_actor*>(job);
  return actor ? std::string_view{actor->name()} : std::string_view{};
}

}  // namespace

namespace {

/// One connection of several to a store in memory.
class Connection final : public db::Spool {
 public:
  explicit Connection(std::shared_ptr<MemoryStore> store) : store_(std::move(store)) {}

  void append(std::span<const db::Message> messages) override { store_->append(messages); }
  std::vector<db::Message> read(const db::Query& query) override { return store_->read(query); }
  std::vector<protocol::MessageId> ids(const db::Query& query) override { return store_->ids(query); }
  std::vector<db::Message> oldest(std::size_t limit, const protocol::MessageId& after) override {
    return store_->oldest(limit, after);
  }
  std::optional<protocol::MessageId> newest() override { return store_->newest(); }
  std::size_t remove_before(protocol::Time time, std::size_t limit, protocol::Time now) override {
    return store_->remove_before(time, limit, now);
  }
  void remove(std::span<const protocol::MessageId> ids) override { store_->remove(ids); }
  void set_aside(std::span<const protocol::MessageId> ids) override { store_->set_aside(ids); }
  void reserve(const protocol::MessageId& up_to) override { store_->reserve(up_to); }
  std::optional<protocol::MessageId> reserved() override { return store_->reserved(); }
  std::optional<db::Home> home() override { return store_->home(); }
  void dedicate(const db::Home& home) override { store_->dedicate(home); }

 private:
  std::shared_ptr<MemoryStore> store_;
};

/// A spool without room: what the store can't keep is kept by nobody.
class FullSpool final : public db::Spool {
 public:
  void append(std::span<const db::Message>) override { fail(); }
  std::vector<db::Message> read(const db::Query&) override { return {}; }
  std::vector<protocol::MessageId> ids(const db::Query&) override { return {}; }
  std::vector<db::Message> oldest(std::size_t, const protocol::MessageId&) override { return {}; }
  std::optional<protocol::MessageId> newest() override { return {}; }
  std::size_t remove_before(protocol::Time, std::size_t, protocol::Time) override { return 0; }
  void remove(std::span<const protocol::MessageId>) override {}
  void set_aside(std::span<const protocol::MessageId>) override { fail(); }
  void reserve(const protocol::MessageId&) override { fail(); }
  std::optional<protocol::MessageId> reserved() override { return {}; }
  std::optional<db::Home> home() override { return {}; }
  void dedicate(const db::Home&) override { fail(); }

 private:
  [[noreturn]] static void fail() { throw db::StoreError(db::StoreError::Reason::full, "the spool is full"); }
};

}  // namespace

namespace {

class AcceptedClient final : public Accepted {
 public:
  explicit AcceptedClient(caf::intrusive_ptr<SimWire> wire) : wire_(std::move(wire)) {}

  std::string address() const override { return wire_->addr(); }
  WirePtr open(const std::shared_ptr<WireLoop>&) override { return wire_; }
  void refuse(std::string_view words) override {
    wire_->arrived_bytes.append(words);
    wire_->server_left = true;
  }

 private:
  caf::intrusive_ptr<SimWire> wire_;
};

WireLimits limits_of(const Rules& rules) {
  WireLimits limits;
  limits.most_pending = rules.sendq;
  return limits;
}

}  // namespace

/// Where clients wait for a listener to let them in.
struct Sim::Door final : public caf::io::doorman {
  Door(caf::io::accept_handle handle, Multiplexer& multiplexer) : doorman(handle), multiplexer(multiplexer) {}

  Multiplexer& multiplexer;
  std::deque<caf::intrusive_ptr<SimWire>> waiting;
  bool open = false;

  bool new_connection() override {
    const auto handle = waiting.front()->hdl();
    return doorman::new_connection(&multiplexer, handle);
  }
  std::shared_ptr<Accepted> take() {
    auto wire = std::move(waiting.front());
    waiting.pop_front();
    return std::make_shared<AcceptedClient>(std::move(wire));
  }
  void graceful_shutdown() override { detach(&multiplexer, false); }
  void launch() override { open = true; }
  std::string addr() const override { return "10.0.0.0"; }
  std::uint16_t port() const override { return 6667; }
  void add_to_loop() override { open = true; }
  void remove_from_loop() override { open = false; }
};

Rules unhurried() {
  Rules rules;
  rules.rate = 0;
  return rules;
}

Sim::Sim(Setup setup)
    : system_(configure(configuration_)),
      scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())),
      multiplexer_(dynamic_cast<Multiplexer&>(system_.middleman().backend())),
      seeded_(setup.seed.has_value()),
      random_(setup.seed.value_or(0)),
      store_(setup.store ? setup.store : std::make_shared<MemoryStore>()),
      spool_(setup.spooled ? setup.spooled : std::make_shared<MemoryStore>()),
      door_(caf::make_counted<Door>(caf::io::accept_handle::from_int(1), multiplexer_)) {
  spdlog::set_level(spdlog::level::off);
  loop_ = std::make_shared<SimLoop>(multiplexer_, limits_of(setup.rules));
  const Entrance entrance{[this](caf::io::connection_handle) { return door_->take(); }, loop_};
  scheduler_.clock().current_time += 1h;  // a clock at its epoch would say "never"

  RoomConfig chat;
  chat.server_name = setup.rules.server_name;
  chat.network_name = "Sim";
  chat.version = "troupe-sim";
  chat.archived = setup.archived;
  chat.replay = setup.replay;
  chat.memory = setup.memory;
  chat.random =
      setup.random ? setup.random : [engine = std::make_shared<std::mt19937_64>()] { return (*engine)(); };

  if (setup.supervised) {
    Production production{setup.rules, std::move(chat), Durability::none, {}, {}, {door_}, entrance, {}};
    production.curtain = [this](int status) { status_ = status; };
    supervisor_ = system_.spawn(supervisor, std::move(production));
  } else {
    switchboard_ = system_.middleman().spawn_broker(switchboard, setup.rules);
    storage_.commit_timeout = setup.commit_timeout;
    spooling_ = setup.spool;
    persistence_ = start_persistence();
    std::optional<archive_actor> archive;
    if (setup.archived) archive = start_archive();
    room_ = system_.spawn(
        room,
        RoomSetup{std::move(chat), setup.newest, setup.durability, {switchboard_}, persistence_, archive});
    if (archive) all_.push_back(caf::actor_cast<caf::actor>(*archive));
    caf::anon_send(switchboard_, Serve{room_});
    const auto around = std::make_shared<const Surroundings>(Surroundings{setup.rules, room_, switchboard_});
    listener_ = system_.middleman().spawn_broker(listener, caf::io::doorman_ptr{door_}, entrance, around);
    all_.insert(all_.end(), {caf::actor_cast<caf::actor>(listener_),
                             caf::actor_cast<caf::actor>(switchboard_), caf::actor_cast<caf::actor>(room_)});
  }
  run();
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
  for (auto& client : clients_)
    if (!client.wire().detached()) client.connection_exits(caf::exit_reason::kill);
  for (const auto& actor : all_) caf::anon_send_exit(actor, caf::exit_reason::kill);
  run();
}

persistence_actor Sim::start_persistence() {
  store_keeper_ = system_.spawn(store_keeper, open_store());
  spool_keeper_ = system_.spawn(spool_keeper, open_spool());
  store_chore_ = spool_chore_ = {};
  line_ = std::make_shared<db::Lifeline>();
  const auto started =
      system_.spawn(troupe::persistence, PersistenceSetup{store_keeper_, spool_keeper_, line_, storage_});
  all_.insert(all_.end(), {caf::actor_cast<caf::actor>(store_keeper_),
                           caf::actor_cast<caf::actor>(spool_keeper_), caf::actor_cast<caf::actor>(started)});
  return started;
}

archive_actor Sim::start_archive() {
  reader_ = system_.spawn(reader, ReaderSetup{open_store(), open_spool()});
  all_.push_back(caf::actor_cast<caf::actor>(reader_));
  archive_ = system_.spawn(archive, reader_, std::make_shared<db::Lifeline>());
  return archive_;
}

void Sim::recall() {
  const auto stand_in = [this](caf::event_based_actor* self, const Recall& question) {
    self->request(archive_, caf::infinite, question)
        .then([this](const Recalled&) { recalled_.push_back(true); },
              [this](const caf::error&) { recalled_.push_back(false); });
  };
  system_.spawn(stand_in, Recall{{db::Query{"#c", {}, {}, 10}}});
}

OpenStore Sim::open_store() const {
  return [store = store_] { return std::make_unique<Connection>(store); };
}

OpenSpool Sim::open_spool() const {
  return [spool = spool_, room = spooling_]() -> std::unique_ptr<db::Spool> {
    if (room) return std::make_unique<Connection>(spool);
    return std::make_unique<FullSpool>();
  };
}

void Sim::persistence_dies() { caf::anon_send_exit(persistence_, caf::exit_reason::kill); }

void Sim::persistence_starts() {
  persistence_ = start_persistence();
  caf::anon_send(room_, StoreWith{persistence_});
}

Client& Sim::connect(std::string address) {
  const auto handle = caf::io::connection_handle::from_int(static_cast<std::int64_t>(clients_.size()) + 1);
  auto wire = caf::make_counted<SimWire>(handle, std::move(address), loop_);
  door_->waiting.push_back(wire);
  return clients_.emplace_back(std::move(wire));
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
  // What is posted to the event loop runs behind the brokers that were to run before it.
  for (std::size_t i = 0; i < multiplexer_.jobs.size(); ++i)
    if (i == 0 || multiplexer_.jobs[i]->subtype() != caf::resumable::function_object)
      choice([&, i] { multiplexer_.run_job(i); });
  if (door_->open && !door_->waiting.empty()) choice([&] { door_->new_connection(); });
  for (auto& client : clients_)
    if (client.wire().has_input()) choice([&] { client.wire().read(seeded_ ? 1 + below(64) : read_size); });
  if (choices.empty()) return false;
  ++steps_;
  choices[seeded_ ? below(choices.size()) : 0]();
  return true;
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
    loop_->look();
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
    self->request(switchboard_, caf::infinite, HushAll{}).then([=, this](AllHushed) {
      self->request(room_, caf::infinite, Drain{}).then([=, this](Drained) {
        self->send(room_, Closing{});
        self->request(switchboard_, caf::infinite, order).then([this](AllClosed) { status_ = 0; });
      });
    });
  };
  system_.spawn(stand_in, CloseAll{"Server shutting down"});
}

void for_seeds(std::size_t count, const std::function<void(std::uint64_t seed)>& body) {
  if (const char* only = std::getenv("TROUPE_SEED")) return body(std::strtoull(only, nullptr, 10));
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    CAPTURE(seed);
    body(seed);
  }
}

}  // namespace troupe::sim
