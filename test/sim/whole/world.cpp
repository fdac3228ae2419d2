#include "test/sim/whole/world.hpp"

#include "protocol/names.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace troupe::sim {
namespace {

using namespace std::chrono_literals;

/// How long everything may take to come to rest once nothing is wrong any more.
constexpr std::chrono::milliseconds longest_rest = 5min;

constexpr std::string_view in_spool = "messages are in the spool";

}  // namespace

World::World(const Script& script, Tell tell)
    : plan_(script.seed), script_(script), tell_(std::move(tell)), model_(plan_), sessions_(plan_.clients) {
  model_.host_of = [this](std::uint32_t session) { return hosts_.at(session); };
  disk_.store->on_kept = disk_.spool->on_kept = [this](const db::Message& message) { model_.kept(message); };
  disk_.store->on_removed =
      disk_.spool->on_removed = [this](const db::Message& message) { model_.removed(message); };
  Chance chance(script.seed, 1);
  start(chance);
}

World::~World() {
  disk_.store->on_removed = disk_.spool->on_removed = nullptr;
  for (auto& session : sessions_) session.reset();
}

void World::start(Chance& chance) {
  Server::Tell tell;
  if (tell_) tell = [this](std::string_view what) { tell_("run", what); };
  server_ = std::make_unique<Server>(
      plan_, disk_, [this] { return wall_clock(); }, chance.next(), tell);
  run_all(chance);
  actors_ = server_->actors();
}

protocol::Time World::wall_clock() {
  const auto begin = std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + 12h;
  return std::chrono::time_point_cast<std::chrono::milliseconds>(begin + elapsed_ + clock_error_);
}

void World::connect(std::size_t client, Chance& chance) {
  const auto number = static_cast<std::uint32_t>(hosts_.size());
  hosts_.push_back("10.0.0." + std::to_string(1 + chance.below(plan_.hosts)));
  Session::Capabilities capabilities;
  capabilities.echo = chance.percent(85);
  capabilities.labels = chance.percent(60);
  capabilities.history = chance.percent(40);
  capabilities.time = chance.percent(50);
  capabilities.tags = chance.percent(30);
  capabilities.extras = chance.percent(30);
  auto peer = std::make_shared<Peer>(hosts_.back());
  Session::Tell tell;
  if (tell_)
    tell = [this](const Session& who, std::string_view direction, std::string_view line) {
      tell_(session_name(who.number()), std::string{direction} + " " + std::string{line});
    };
  auto& session = sessions_[client];
  session = std::make_unique<Session>(model_, number, capabilities, peer, tell);
  server_->connect(std::move(peer));
  session->sends("CAP REQ :" + capabilities.names());
  session->registers("n" + std::to_string(chance.below(plan_.nicks)));
  session->sends("USER " + session_name(number) + " 0 * :somebody");
  session->sends("CAP END");
}

void World::crash(Chance& chance) {
  tell("server", "ends by force");
  for (auto& session : sessions_) session.reset();
  server_.reset();
  model_.crashed();
  persistence_died_ = false;
  elapsed_ += std::chrono::milliseconds{chance.between(1, 30'000)};
  start(chance);
}

void World::persistence_dies() {
  persistence_died_ = true;
  model_.doubts();
  server_->persistence_dies();
}

void World::forget_gone() {
  for (auto& session : sessions_)
    if (session && session->over()) {
      tell(session_name(session->number()), "is gone");
      session.reset();
    }
}

bool World::run_one(Chance& chance) {
  if (!server_->run_one(chance)) return false;
  ++happened_;
  return true;
}

void World::run_all(Chance& chance) {
  while (!violation() && run_one(chance)) {
  }
}

void World::pass(std::chrono::milliseconds time) {
  ++happened_;
  if (tell_) tell_("time", std::to_string(time.count()) + " ms");
  elapsed_ += time;
  server_->pass(time);
  if (const auto longest = server_->longest_backlog(); longest > plan_.rules.sendq)
    model_.fail("bounds", std::to_string(longest) + " bytes wait for a client");
}

void World::step(std::size_t number) {
  if (script_.without.contains(number)) return;
  Chance chance(script_.seed, number + 2);
  if (server_->status()) crash(chance);  // persistence has died too often
  forget_gone();
  if (number % plan_.settle_every == plan_.settle_every - 1 || number == 80) return rest(chance);
  if (plan_.troubles > 0 && chance.below(10'000) < plan_.troubles) {
    ++happened_;
    return trouble(*this, chance);
  }
  if (chance.percent(plan_.eagerness)) {
    const auto client = chance.below(plan_.clients);
    if (script_.without_clients.contains(client)) return;
    ++happened_;
    return act(*this, client, chance);
  }
  if (chance.percent(97) && run_one(chance)) return;
  pass(chance.percent(10) ? std::chrono::milliseconds{chance.between(100, 3000)}
                          : std::chrono::milliseconds{chance.between(1, 40)});
}

// -- at rest

/// What has not come to rest; empty if everything has.
std::string World::unrest() const {
  const auto pong = "rest" + std::to_string(pings_);
  for (const auto& session : sessions_)
    if (session && !session->over() && session->registered() && !session->peer().ended &&
        !session->has_pong(pong))
      return session_name(session->number()) + (session->silent() ? " is not given up" : " has no answer");
  if (plan_.spool && !disk_.spool->kept.empty()) return std::string{in_spool};
  if (const auto number = model_.kept_though_refused())
    return message_name(*number) + " is kept, and was refused";
  if (server_->longest_backlog() > 0) return "bytes are not taken";
  return {};
}

/// All who can are asked for a sign of life: then they have the answers to all that they have said.
bool World::comes_to_rest(Chance& chance) {
  const auto ping = "rest" + std::to_string(++pings_);
  std::chrono::milliseconds waited{0};
  for (std::size_t round = 0; waited < longest_rest; ++round) {
    for (auto& session : sessions_)
      if (session && session->registered() && !session->peer().ended && !session->silent())
        session->pings(ping);
    run_all(chance);
    if (violation()) return false;
    if (round > 0 && unrest().empty()) return true;
    const auto time = round < 20 ? 50ms : 500ms;
    pass(time);
    waited += time;
  }
  if (persistence_died_ && unrest() == in_spool) {
    crash(chance);
    return comes_to_rest(chance);
  }
  model_.fail("no rest", "after five minutes " + unrest());
  return false;
}

void World::rest(Chance& chance) {
  tell("rest", "begins");
  heal(*this);
  for (auto& session : sessions_)
    if (session && !session->silent()) {
      session->peer().reads = true;
      session->peer().takes = std::numeric_limits<std::size_t>::max();
    }
  run_all(chance);
  if (server_->status()) crash(chance);
  if (!comes_to_rest(chance)) return;
  forget_gone();
  for (std::size_t i = 0; i < sessions_.size() && !violation(); ++i)
    if (sessions_[i] && sessions_[i]->registered()) sessions_[i]->check_at_rest();
  for (std::size_t i = 0; i < model_.channels(); ++i) check_membership(i);
  check_nicks();
  check_connections();
  if (violation()) return;
  model_.check_at_rest();
  root(chance);
  for (auto& session : sessions_)
    if (session) session->begin_again();
  tell("rest", "ends");
}

/// Who takes itself for a member of a channel is one for all others, and nobody else is.
void World::check_membership(std::size_t channel) {
  auto& order = model_.order(channel);
  if (!order.rooted) return;
  bool known = false;
  std::vector<std::uint32_t> inside;
  for (const auto& session : sessions_) {
    if (!session || !session->view(channel).inside) continue;
    inside.push_back(session->number());
    known |= session->capabilities().echo && session->view(channel).synced;
  }
  order.rooted = known;
  if (!known) return;
  for (const auto& member : order.truth.members)
    if (!std::erase(inside, member.session))
      return model_.fail("membership", "others take it for a member of " + order.name,
                         {session_name(member.session), order.name});
  if (!inside.empty())
    return model_.fail("membership", "others don't take it for a member of " + order.name,
                       {session_name(inside.front()), order.name});
  for (const auto& session : sessions_)
    if (session && session->view(channel).synced && !session->view(channel).queue.empty())
      return model_.fail("missed",
                         session->view(channel).queue.front().describe() + " was not seen by others",
                         {session_name(session->number()), order.name});
}

void World::check_nicks() {
  std::map<std::string, std::uint32_t> owners;
  for (const auto& session : sessions_) {
    if (!session || !session->registered()) continue;
    const auto [owner, fresh] = owners.try_emplace(protocol::casefold(session->nick()), session->number());
    if (!fresh)
      model_.fail("unique names", session->nick() + " is the nick of two",
                  {session_name(session->number()), session_name(owner->second)});
  }
}

void World::check_connections() {
  std::size_t connections = 0;
  for (const auto& session : sessions_)
    if (session && !session->over()) ++connections;
  if (server_->actors() > actors_ + connections)
    model_.fail("leak", std::to_string(server_->actors()) + " actors live, " + std::to_string(actors_) +
                            " without clients, of whom there are " + std::to_string(connections));
}

/// Where it is not known what a channel is like, somebody asks.
void World::root(Chance& chance) {
  std::vector<std::pair<std::size_t, Session*>> asking;
  for (std::size_t i = 0; i < model_.channels(); ++i) {
    if (model_.order(i).rooted) continue;
    const auto member = std::ranges::find_if(sessions_, [&](const auto& session) {
      return session && session->view(i).inside && session->capabilities().echo && !session->peer().ended;
    });
    if (member == sessions_.end()) continue;
    const auto& name = model_.order(i).name;
    for (const auto* question : {"NAMES ", "MODE "}) (*member)->asks(question + name);
    (*member)->asks("MODE " + name + " b");
    if (!comes_to_rest(chance)) return;
    if ((*member)->view(i).inside && !(*member)->over()) root(i, **member);
  }
}

void World::root(std::size_t channel, Session& by) {
  auto& order = model_.order(channel);
  auto& truth = order.truth;
  // What happened to its lives in between is not known.
  if (!truth.members.empty()) truth.lives.assign(truth.lives.size(), {});
  truth.begin_life();
  truth.flags.clear();
  order.life = truth.life;
  for (const auto& name : by.last_names()) {
    const auto nick = name.substr(name.find_first_not_of("@+"));
    const auto member = std::ranges::find_if(sessions_, [&](const auto& session) {
      return session && session->registered() && session->nick() == nick;
    });
    if (member == sessions_.end() || !(*member)->view(channel).inside)
      return model_.fail("names", nick + " is said to be in " + order.name, {order.name});
    truth.members.push_back(
        {(*member)->number(), nick, hosts_[(*member)->number()], name.starts_with('@'), name.find('+') < 2});
  }
  for (const char letter : by.last_modes())
    if (letter != '+') truth.flags.insert(letter);
  truth.bans.insert(by.last_bans().begin(), by.last_bans().end());
  if (!truth.bans.empty() || truth.flags.contains('i') || truth.flags.contains('s') ||
      truth.flags.contains('k'))
    truth.lives.back().closed = true;
  order.rooted = true;
}

void World::end() {
  Chance chance(script_.seed, 0xffffffff);
  forget_gone();
  rest(chance);
  if (violation()) return;
  for (auto& session : sessions_)
    if (session && chance.percent(50))
      session->sends("QUIT :the end");
    else if (session)
      session->vanishes();
  for (int i = 0; i < 100 && !violation(); ++i) {
    run_all(chance);
    pass(100ms);
  }
  forget_gone();
  if (violation()) return;
  const auto room = server_->measure("room", chance);
  for (const auto* figure : {"users", "channels", "held_back_commands", "recalls"})
    if (!room.contains(figure) || room.at(figure) != 0)
      model_.fail("leak", std::string{"all have left, and the room counts "} + figure);
  const auto listener = server_->measure("listener", chance);
  if (!listener.contains("connections") || listener.at("connections") != 0)
    model_.fail("leak", "all have left, and the listener counts connections");
  if (server_->actors() != actors_ || server_->peers() != 0)
    model_.fail("leak", "all have left, and connections live");
  server_->shut_down();
  for (int i = 0; i < 100 && !server_->status(); ++i) {
    run_all(chance);
    pass(100ms);
  }
  if (server_->status() != std::optional<int>{0}) return model_.fail("no end", "the server does not end");
  run_all(chance);
  if (server_->actors() > 0) model_.fail("leak", "the server has ended, and actors live");
}

}  // namespace troupe::sim
