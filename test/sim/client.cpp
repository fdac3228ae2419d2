#include "test/sim/client.hpp"

#include <algorithm>
#include <iterator>

namespace troupe::sim {

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

void Client::reads_again() {
  peer_->reads = true;
  if (queued() > 0) peer_->wire->take();
}

void Client::is_cut_off() {
  peer_->unread.clear();
  peer_->ended = peer_->left = true;
}

void Client::connection_exits(caf::exit_reason reason) {
  if (const auto connection = peer_->connection.lock())
    caf::anon_send_exit(caf::actor_cast<caf::actor>(connection), reason);
}

Lines Client::received() {
  Lines lines;
  auto& text = peer_->arrived;
  for (std::size_t end = 0; (end = text.find("\r\n")) != std::string::npos; text.erase(0, end + 2))
    lines.push_back(text.substr(0, end));
  return lines;
}

}  // namespace troupe::sim
