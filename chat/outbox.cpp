#include "chat/outbox.hpp"

#include <utility>

namespace troupe {

Delivery& Outbox::to(ConnectionId id, Slot& slot) {
  if (slot.batch != number_) {
    slot = {number_, batch_.deliveries.size()};
    batch_.deliveries.emplace_back().to = id;
  }
  return batch_.deliveries[slot.index];
}

void Outbox::send(Delivery& delivery, Shared& line, Shape shape) {
  const auto text = static_cast<std::uint32_t>(shape);
  auto& slice = line.written_[text];
  if (!slice) {
    auto& out = batch_.texts[text];
    const auto begin = static_cast<std::uint32_t>(out.size());
    line.line_.write(out, shape, line.now_);
    slice = Slice{text, begin, static_cast<std::uint32_t>(out.size())};
  }
  send(delivery, *slice);
}

Slice Outbox::write(std::string_view text) {
  auto& out = batch_.texts[Batch::direct];
  const auto begin = static_cast<std::uint32_t>(out.size());
  out.append(text);
  return {Batch::direct, begin, static_cast<std::uint32_t>(out.size())};
}

void Outbox::send(Delivery& delivery, Slice slice) {
  if (slice.begin == slice.end) return;
  auto* last = delivery.last == Delivery::none ? nullptr : &batch_.links[delivery.last].slice;
  if (last && last->text == slice.text && last->end == slice.begin)
    last->end = slice.end;
  else
    batch_.append(delivery, slice);
}

std::size_t Outbox::store(db::Message message, const Shared& shown) {
  Batch::Pending pending;
  for (const auto& slice : shown.written_)
    if (slice) pending.lines.push_back(*slice);
  batch_.messages.push_back(std::move(message));
  batch_.pending.push_back(std::move(pending));
  return batch_.messages.size() - 1;
}

void Outbox::answer(std::size_t place, ConnectionId sender, Slot& slot, Slice kept, Slice refused) {
  auto& delivery = to(sender, slot);
  batch_.pending[place].answer = kept;
  batch_.pending[place].refusal = refused;
  if (kept.begin != kept.end)
    send(delivery, kept);
  else
    batch_.append(delivery, kept);  // marks where a refusal would stand
}

Batch Outbox::take() {
  batch_.number = number_++;
  return std::exchange(batch_, {});
}

}  // namespace troupe
