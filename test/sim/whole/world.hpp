#pragma once

#include "test/sim/whole/chance.hpp"
#include "test/sim/whole/model.hpp"
#include "test/sim/whole/plan.hpp"
#include "test/sim/whole/server.hpp"
#include "test/sim/whole/session.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sim {

/// The server, its clients, and what must hold, under one seed.
class World {
 public:
  /// A line of what happens: who, and what.
  using Tell = std::function<void(std::string_view who, std::string_view what)>;

  World(const Script& script, Tell tell);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  /// One action of the seed.
  void step(std::size_t number);
  /// Everybody leaves, and the server ends in good order.
  void end();

  const std::optional<Violation>& violation() const { return model_.violation(); }
  /// How much has happened: clients' actions, runs of actors, arrivals of bytes, steps of time, faults.
  std::uint64_t happened() const { return happened_; }
  Server::Time now() { return server_->now(); }

  // -- for what clients and faults do

  const Plan& plan() const { return plan_; }
  Model& model() { return model_; }
  Disk& disk() { return disk_; }
  Server& server() { return *server_; }
  /// A client's connection; null if it has none.
  std::unique_ptr<Session>& session(std::size_t client) { return sessions_[client]; }
  /// It connects, and registers.
  void connect(std::size_t client, Chance& chance);
  void crash(Chance& chance);
  void persistence_dies();
  void set_clock(std::chrono::milliseconds by) { clock_error_ += by; }
  void tell(std::string_view who, std::string_view what) {
    if (tell_) tell_(who, what);
  }

 private:
  void start(Chance& chance);
  bool run_one(Chance& chance);
  void run_all(Chance& chance);
  void pass(std::chrono::milliseconds time);
  bool comes_to_rest(Chance& chance);
  std::string unrest() const;
  void rest(Chance& chance);
  void check_membership(std::size_t channel);
  void check_nicks();
  void check_connections();
  void root(Chance& chance);
  void root(std::size_t channel, Session& by);
  void forget_gone();
  protocol::Time wall_clock();

  Plan plan_;
  Script script_;
  Tell tell_;
  Model model_;
  Disk disk_;
  std::vector<std::string> hosts_;                  ///< of sessions
  std::vector<std::unique_ptr<Session>> sessions_;  ///< by client
  std::unique_ptr<Server> server_;
  std::chrono::milliseconds elapsed_{0};
  std::chrono::milliseconds clock_error_{0};
  std::size_t actors_ = 0;  ///< of a server without clients
  /// It has in this run of the server: a keeper of its may have written to the spool after that.
  bool persistence_died_ = false;
  std::uint64_t pings_ = 0;
  std::uint64_t happened_ = 0;
};

/// A client does something.
void act(World& world, std::size_t client, Chance& chance);
/// Something goes wrong, or becomes well.
void trouble(World& world, Chance& chance);
/// Everything is well again.
void heal(World& world);

}  // namespace troupe::sim
