#include "chat/past.hpp"

namespace troupe {

void Past::stand_alone() {
  recent_.stand_alone();
  known_ = true;
}

void Past::kept(const db::Message& message) {
  recent_.add(message);
  settled_ = message.id;
  // So much is as good as what the store would tell. (If it is being asked, somebody waits for more.)
  if (!asked_ && recent_.is_ample()) known_ = true;
}

void Past::load(std::vector<db::Message> stored) {
  asked_.reset();
  if (std::exchange(known_, true)) return;
  const auto query = recent_.to_load({});
  const bool complete = stored.size() < query.limit && !db::is_cut(query, stored);
  recent_.load(std::move(stored), complete);
}

void Past::give_up() {
  asked_.reset();
  read_in_vain();
}

void Past::overflow() {
  known_ = true;
  read_in_vain();
}

void Past::read_in_vain() {
  for (auto& [who, newcomer] : newcomers_) newcomer.in_vain = true;
}

void Past::leave_memory() {
  recent_.clear();
  known_ = recent_.stands_alone();
}

bool Past::joined(ConnectionId who, Newcomer& newcomer) {
  newcomer.last = said_;
  const bool due = is_due(newcomer);
  if (!due) newcomers_.emplace(who, newcomer);
  return due;
}

bool Past::left(ConnectionId who) {
  const auto newcomer = newcomers_.extract(who);
  return newcomer && newcomer.mapped().replay;
}

std::vector<Past::Due> Past::take_due() {
  std::vector<Due> due;
  for (auto at = newcomers_.begin(); at != newcomers_.end();) {
    if (is_due(at->second)) {
      due.push_back(*at);
      at = newcomers_.erase(at);
    } else {
      ++at;
    }
  }
  return due;
}

bool Past::is_due(const Newcomer& newcomer) const {
  return settled_ >= newcomer.last && (!newcomer.replay || known_ || newcomer.in_vain);
}

bool Past::must_wait(ConnectionId who) const {
  if (asked_ && !known_) return true;
  const auto found = newcomers_.find(who);
  return found != newcomers_.end() && settled_ < found->second.last;
}

}  // namespace troupe
