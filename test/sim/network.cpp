#include "test/sim/network.hpp"

#include <caf/scheduler/abstract_coordinator.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace troupe::sim {
namespace {

class Caller final : public Accepted {
 public:
  Caller(caf::io::connection_handle handle, std::shared_ptr<Peer> peer)
      : handle_(handle), peer_(std::move(peer)) {}

  std::string address() const override { return peer_->address; }
  WirePtr open(const std::shared_ptr<WireLoop>& loop) override {
    return caf::make_counted<SimWire>(handle_, peer_, loop);
  }
  void refuse(std::string_view words) override {
    peer_->arrived.append(words);
    peer_->server_left = true;
  }

 private:
  caf::io::connection_handle handle_;
  std::shared_ptr<Peer> peer_;
};

}  // namespace

caf::actor_system_config& simulated(caf::actor_system_config& configuration) {
  configuration.set("scheduler.policy", caf::atom("testing"));
  configuration.set("middleman.network-backend", caf::atom("testing"));
  configuration.set("middleman.workers", std::size_t{0});
  configuration.load<caf::io::middleman, Multiplexer>();
  return configuration;
}

bool Peer::has_ended(const Multiplexer& loop) const {
  return left && unread.empty() && has_input() && wire && &wire->event_loop() == &loop;
}

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

SimLoop::Instant SimLoop::now() const { return loop().system().scheduler().clock().now(); }

SimWire::SimWire(caf::io::connection_handle handle, std::shared_ptr<Peer> peer,
                 std::shared_ptr<WireLoop> loop)
    : Wire(handle, std::move(loop), {}), peer_(std::move(peer)) {
  peer_->wire = this;
  peer_->opened = true;
}

void SimWire::read(std::size_t most) {
  const WirePtr guard{this};
  auto& unread = peer_->unread;
  if (unread.empty()) return input_ended();
  const auto size = std::min(most, unread.size());
  loop().in.assign(unread.begin(), unread.begin() + static_cast<std::ptrdiff_t>(size));
  unread.erase(0, size);
  received(size);
}

std::size_t SimWire::send(std::string_view bytes) {
  if (peer_->broken) throw std::runtime_error("this connection is broken by the test");
  if (peer_->left) return bytes.size();
  if (!peer_->reads) return 0;
  bytes = bytes.substr(0, peer_->takes);
  if (peer_->on_arrival) peer_->on_arrival(bytes);
  peer_->arrived.append(bytes);
  return bytes.size();
}

void SimWire::want_input(bool wanted) {
  peer_->reading = wanted;
  if (wanted && !detached()) peer_->connection = caf::weak_actor_ptr{parent()->ctrl()};
}

bool Door::new_connection() {
  return doorman::new_connection(&multiplexer_, caf::io::connection_handle::from_int(++last_handle_));
}

std::shared_ptr<Accepted> Door::accept() {
  auto peer = std::move(waiting.front());
  waiting.pop_front();
  return std::make_shared<Caller>(caf::io::connection_handle::from_int(last_handle_), std::move(peer));
}

}  // namespace troupe::sim
