#include "chat/turns.hpp"

#include <utility>

namespace troupe {

void Turns::add(const std::string& network, ConnectionId client) {
  auto& clients = waiting_[network];
  if (clients.empty()) order_.push_back(network);
  clients.push_back(client);
}

ConnectionId Turns::take() {
  auto network = std::move(order_.front());
  order_.pop_front();
  const auto found = waiting_.find(network);
  auto& clients = found->second;
  const auto client = clients.front();
  clients.pop_front();
  if (clients.empty())
    waiting_.erase(found);
  else
    order_.push_back(std::move(network));
  return client;
}

}  // namespace troupe
