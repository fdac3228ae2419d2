#include "chat/outbox.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace troupe {
namespace {

/// The end of a text as slices tell it. None is ever so long that they could not: a turn ends before.
std::uint32_t end_of(const std::string& text) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("batch");
  return static_cast<std::uint32_t>(text.size());
}

}  // namespace

Outbox::Written Outbox::write(const Line& line, ShapeSet wanted, protocol::Time now) {
  return write({&line, 1}, wanted, now);
}

Outbox::Written Outbox::write(std::span<const Line> lines, ShapeSet wanted, protocol::Time now) {
  Written written;
  for (std::uint32_t i = 0; i < shapes; ++i) {
    const auto shape = static_cast<Shape>(i);
    if (!wanted.has(shape)) continue;
    auto& text = batch_.texts[i];
    written[i] = {i, end_of(text), 0};
    for (const auto& line : lines) line.write(text, shape, now);
    written[i].end = end_of(text);
  }
  return written;
}

Outbox::Written Outbox::write(std::string_view text) {
  auto& out = batch_.texts[Batch::direct];
  Slice slice{Batch::direct, end_of(out), 0};
  out.append(text);
  slice.end = end_of(out);
  Written written;
  written.fill(slice);
  return written;
}

void Outbox::say(const Audience& to, const Written& written, Batch::Outcome when, std::size_t hearers) {
  std::uint32_t longest = 0;
  for (const auto& slice : written) longest = std::max(longest, slice.end - slice.begin);
  weight_ += longest * hearers;
  batch_.items.emplace_back(Batch::Said{to, when, written});
}

Audience Outbox::peers(std::span<const ChannelId> channels, ConnectionId except) {
  Audience audience{.kind = Audience::Kind::peers, .client = except};
  audience.first = static_cast<std::uint32_t>(batch_.channels.size());
  audience.count = static_cast<std::uint32_t>(channels.size());
  batch_.channels.insert(batch_.channels.end(), channels.begin(), channels.end());
  return audience;
}

void Outbox::store(db::Message message) {
  stored_ += sizeof message + message.text.size() + message.client_tags.size();
  batch_.messages.push_back(std::move(message));
}

void Outbox::turn_ends(const protocol::MessageId& newest) {
  auto size = stored_ + batch_.items.size() * sizeof(Batch::Item);
  for (const auto& text : batch_.texts) size += text.size();
  if (size >= large) seal(newest);
}

void Outbox::seal(const protocol::MessageId& newest) {
  batch_.newest = newest;
  const auto next = batch_.number + 1;
  sealed_.push_back(std::exchange(batch_, {}));
  batch_.number = next;
  stored_ = weight_ = 0;
}

Batch Outbox::take(const protocol::MessageId& newest) {
  if (sealed_.empty()) seal(newest);
  auto batch = std::move(sealed_.front());
  sealed_.pop_front();
  return batch;
}

}  // namespace troupe
