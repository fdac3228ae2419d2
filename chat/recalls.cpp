#include "chat/recalls.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

std::uint64_t Recalls::ask(ConnectionId whose, std::vector<db::Query> queries, Then then) {
  auto& queue = queues_[whose];
  if (queue.empty()) turns_.push_back(whose);
  queue.push_back({++last_, std::move(queries)});
  open_.emplace(last_, Open{whose, std::move(then)});
  return last_;
}

bool Recalls::withdraw(std::uint64_t number) {
  const auto open = open_.find(number);
  if (open == open_.end() || on_their_way_.contains(number)) return false;
  const auto whose = open->second.whose;
  auto& queue = queues_.at(whose);
  std::erase_if(queue, [number](const Question& question) { return question.number == number; });
  if (queue.empty()) {
    queues_.erase(whose);
    std::erase(turns_, whose);
  }
  open_.erase(open);
  return true;
}

std::vector<Recalls::Question> Recalls::take() {
  std::vector<Question> questions;
  while (on_their_way_.size() < most && !turns_.empty()) {
    const auto whose = turns_.front();
    turns_.pop_front();
    auto& queue = queues_.at(whose);
    on_their_way_.insert(queue.front().number);
    questions.push_back(std::move(queue.front()));
    queue.pop_front();
    if (queue.empty())
      queues_.erase(whose);
    else
      turns_.push_back(whose);
  }
  return questions;
}

void Recalls::answered(std::uint64_t number, const Answer& answer, protocol::Time now) {
  if (on_their_way_.erase(number) == 0) return;
  if (auto open = open_.extract(number)) open.mapped().then(answer, now);
}

}  // namespace troupe
