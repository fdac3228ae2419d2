#include "chat/response.hpp"

#include "protocol/limits.hpp"

namespace troupe {

using protocol::Capability;

std::string Response::render(Shape shape, protocol::Time now, Outcome left_out) const {
  std::string out;
  std::size_t lines = 0;
  for (const auto& entry : entries_) lines += entry.outcome != left_out;

  const auto label = label_.empty() ? std::string{} : "label=" + protocol::escape_tag_value(label_);
  const bool batch = !batch_.empty() || (!label.empty() && lines > 1);
  if (batch)
    Line(server_, "BATCH")
        .param("+reply")
        .param(batch_.empty() ? "labeled-response" : batch_)
        .write(out, shape, now, label);
  for (const auto& entry : entries_)
    if (entry.outcome != left_out) entry.line.write(out, shape, now, batch ? "batch=reply" : label);
  if (batch)
    Line(server_, "BATCH").param("-reply").write(out, shape, now);
  else if (lines == 0 && !label.empty())
    Line(server_, "ACK").write(out, shape, now, label);
  return out;
}

std::string_view label_of(const protocol::Message& message, protocol::CapabilitySet capabilities) {
  if (!capabilities.has(Capability::labeled_response) || !capabilities.has(Capability::batch)) return {};
  const auto label = message.tag("label").value_or(std::string_view{});
  return label.size() <= protocol::limits::label ? label : std::string_view{};
}

}  // namespace troupe
