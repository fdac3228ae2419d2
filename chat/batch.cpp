#include "chat/batch.hpp"

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

/// A stretch to be taken out, and what comes in its place.
struct Hole {
  Slice out;
  Slice in;

  std::uint32_t begin() const { return out.begin; }
};

/// Appends what is left of `slice` with `holes` in it, which are in order and do not overlap.
void append_without(Batch& out, Delivery& delivery, Slice slice, const std::vector<Hole>& holes) {
  auto hole = std::ranges::lower_bound(holes, slice.begin, {}, &Hole::begin);
  for (; hole != holes.end() && (hole->begin() < slice.end || hole->out == slice); ++hole) {
    if (slice.begin < hole->begin()) out.append(delivery, {slice.text, slice.begin, hole->begin()});
    if (hole->in.begin != hole->in.end) out.append(delivery, hole->in);
    slice.begin = hole->out.end;
  }
  if (slice.begin < slice.end) out.append(delivery, slice);
}

}  // namespace

void Batch::append(Delivery& delivery, Slice slice) {
  const auto link = static_cast<std::uint32_t>(links.size());
  (delivery.first == Delivery::none ? delivery.first : links[delivery.last].next) = link;
  delivery.last = link;
  links.push_back({slice});
}

Batch Batch::without_messages() const {
  std::array<std::vector<Hole>, shapes + 1> holes;
  for (const auto& message : pending) {
    for (const auto& line : message.lines) holes[line.text].push_back({line, {}});
    if (message.refusal.begin != message.refusal.end)
      holes[message.answer.text].push_back({message.answer, message.refusal});
  }
  for (auto& in_text : holes) std::ranges::sort(in_text, {}, &Hole::begin);

  Batch kept;
  kept.number = number;
  kept.newest = newest;
  kept.texts = texts;
  for (const auto& delivery : deliveries) {
    auto& copy = kept.deliveries.emplace_back(delivery);
    copy.first = copy.last = Delivery::none;
    each_slice(delivery, [&](const Slice& slice) { append_without(kept, copy, slice, holes[slice.text]); });
  }
  return kept;
}

}  // namespace troupe
