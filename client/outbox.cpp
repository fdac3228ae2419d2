#include "client/outbox.hpp"

#include "protocol/text.hpp"

#include <algorithm>
#include <utility>

namespace troupe::client {

namespace {

constexpr std::string_view token = "troupe-";  // before the number, in the PING that stands for a label
constexpr std::uint64_t none = 0;              // numbers begin at 1
constexpr std::size_t most_batches = 64;       // open ones at a time; a server has no reason for more

}  // namespace

void Outbox::push(protocol::Message message, Purpose purpose, std::string what) {
  queue_.push_back({std::move(message), purpose, std::move(what), none});
}

void Outbox::push_next(protocol::Message message, Purpose purpose) {
  queue_.push_front({std::move(message), purpose, {}, none});
}

std::vector<std::string> Outbox::release(bool labels) {
  labels_ = labels;
  std::vector<std::string> lines;
  while (!queue_.empty() && unanswered_.size() < window && !alone()) {
    Sent& next = queue_.front();
    if (next.purpose != Purpose::say && !unanswered_.empty()) break;
    next.number = ++last_;
    if (labels) next.message.tags.push_back({"label", std::to_string(next.number)});
    lines.push_back(protocol::render(next.message));
    unanswered_.push_back(std::move(next));
    queue_.pop_front();
  }
  if (!labels && !lines.empty())
    lines.push_back(protocol::render({{}, {}, "PING", {std::string(token) + std::to_string(last_)}}));
  return lines;
}

bool Outbox::accepting() const {
  return size() < window && !alone() && (queue_.empty() || queue_.back().purpose == Purpose::say);
}

bool Outbox::awaits(Purpose purpose) const {
  return std::any_of(unanswered_.begin(), unanswered_.end(),
                     [&](const Sent& sent) { return sent.purpose == purpose; });
}

std::vector<std::string> Outbox::unsettled_texts() const {
  std::vector<std::string> texts;
  for (const auto* sent : {&unanswered_, &queue_})
    for (const auto& entry : *sent)
      if (entry.purpose == Purpose::say) texts.push_back(entry.what);
  return texts;
}

std::uint64_t Outbox::number_of(const protocol::Message& answer) const {
  if (const auto label = answer.tag("label")) return protocol::to_number(*label).value_or(none);
  if (const auto reference = answer.tag("batch")) {
    const auto batch = batches_.find(*reference);
    return batch == batches_.end() ? none : batch->second.number;
  }
  return none;
}

const Sent* Outbox::answered_by(const protocol::Message& answer) const {
  if (!labels_) return unanswered_.size() == 1 ? &unanswered_.front() : nullptr;
  const auto number = number_of(answer);
  const auto sent = std::find_if(unanswered_.begin(), unanswered_.end(),
                                 [&](const Sent& candidate) { return candidate.number == number; });
  return sent == unanswered_.end() ? nullptr : &*sent;
}

void Outbox::settle(const protocol::Message& answer) {
  if (answer.command == "BATCH" && !answer.params.empty()) return follow_batch(answer);
  if (answer.command == "PONG" && !answer.params.empty() && answer.params.back().starts_with(token)) {
    const auto number = protocol::to_number(std::string_view(answer.params.back()).substr(token.size()));
    std::erase_if(unanswered_, [&](const Sent& sent) { return sent.number <= number.value_or(none); });
  }
  if (answer.tag("label")) settle(number_of(answer));
}

void Outbox::follow_batch(const protocol::Message& message) {
  const std::string_view reference = message.params.front();
  if (reference.starts_with('+')) {
    const auto number = number_of(message);
    if (number != none && batches_.size() < most_batches)
      batches_.insert_or_assign(std::string(reference.substr(1)),
                                Batch{number, message.tag("label").has_value()});
  } else if (reference.starts_with('-')) {
    const auto batch = batches_.find(reference.substr(1));
    if (batch == batches_.end()) return;
    if (batch->second.outermost) settle(batch->second.number);
    batches_.erase(batch);
  }
}

void Outbox::settle(std::uint64_t number) {
  std::erase_if(unanswered_, [&](const Sent& sent) { return sent.number == number; });
}

}  // namespace troupe::client
