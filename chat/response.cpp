#include "chat/response.hpp"

#include "protocol/limits.hpp"

namespace troupe {

using protocol::Capability;

std::size_t Response::size() const {
  // The last line may still grow.
  for (; counted_ + 1 < entries_.size(); ++counted_) size_ += entries_[counted_].line.size();
  return size_ + (entries_.empty() ? 0 : entries_.back().line.size());
}

std::string Response::portion(Shape shape, protocol::Time now) {
  if (entries_.empty()) return {};
  auto text = render(shape, now, Batch::Outcome::kept, false);
  begun_ = true;
  entries_.clear();
  counted_ = size_ = 0;
  return text;
}

std::string Response::render(Shape shape, protocol::Time now, Batch::Outcome outcome, bool last) const {
  const auto told = [outcome](const Entry& entry) {
    return entry.when == Batch::Outcome::any || entry.when == outcome;
  };
  std::string out;
  std::size_t lines = 0;
  for (const auto& entry : entries_) lines += told(entry);

  const auto label = label_.empty() ? std::string{} : "label=" + protocol::escape_tag_value(label_);
  const bool batch = !batch_.empty() || (!label.empty() && (lines > 1 || begun_ || !last));
  if (batch && !begun_)
    Line(server_, "BATCH")
        .param("+reply")
        .param(batch_.empty() ? "labeled-response" : batch_)
        .write(out, shape, now, label);
  for (const auto& entry : entries_)
    if (told(entry)) entry.line.write(out, shape, now, batch ? "batch=reply" : label);
  if (batch && last)
    Line(server_, "BATCH").param("-reply").write(out, shape, now);
  else if (lines == 0 && !label.empty() && !batch)
    Line(server_, "ACK").write(out, shape, now, label);
  return out;
}

std::string_view label_of(const protocol::Message& message, protocol::CapabilitySet capabilities) {
  if (!capabilities.has(Capability::labeled_response) || !capabilities.has(Capability::batch)) return {};
  const auto label = message.tag("label").value_or(std::string_view{});
  return label.size() <= protocol::limits::label ? label : std::string_view{};
}

}  // namespace troupe
