#include "actors/chat/response.hpp"

#include "protocol/limits.hpp"

namespace troupe {

using protocol::Capability;

std::string Response::render(Shape shape, protocol::Time now, Outcome left_out) const {
  std::string out;
  std::size_t lines = 0;
  for (const auto& entry : entries_) lines += entry.outcome != left_out;

  if (label_.empty()) {
    for (const auto& entry : entries_)
      if (entry.outcome != left_out) entry.line.write(out, shape, now);
    return out;
  }

  const auto label = "label=" + protocol::escape_tag_value(label_);
  if (lines == 0) {
    Line(server_, "ACK").write(out, shape, now, label);
    return out;
  }
  if (lines > 1)
    Line(server_, "BATCH").param("+reply").param("labeled-response").write(out, shape, now, label);
  for (const auto& entry : entries_)
    if (entry.outcome != left_out) entry.line.write(out, shape, now, lines > 1 ? "batch=reply" : label);
  if (lines > 1) Line(server_, "BATCH").param("-reply").write(out, shape, now);
  return out;
}

std::string_view label_of(const protocol::Message& message, protocol::CapabilitySet capabilities) {
  if (!capabilities.has(Capability::labeled_response) || !capabilities.has(Capability::batch)) return {};
  const auto label = message.tag("label").value_or(std::string_view{});
  return label.size() <= protocol::limits::label ? label : std::string_view{};
}

}  // namespace troupe
