#include "actors/chat/batch.hpp"

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

/// What is left of `slice` without `holes`, which are in order and do not overlap.
void append_without(std::vector<Slice>& out, Slice slice, const std::vector<Slice>& holes) {
  auto hole = std::ranges::lower_bound(holes, slice.begin, {}, &Slice::begin);
  for (; hole != holes.end() && hole->begin < slice.end; ++hole) {
    if (slice.begin < hole->begin) out.push_back({slice.text, slice.begin, hole->begin});
    slice.begin = hole->end;
  }
  if (slice.begin < slice.end) out.push_back(slice);
}

}  // namespace

Batch Batch::without_messages() const {
  std::array<std::vector<Slice>, shapes + 1> holes;
  for (const auto& message : pending)
    for (const auto& line : message.lines) holes[line.text].push_back(line);
  for (auto& in_text : holes) std::ranges::sort(in_text, {}, &Slice::begin);

  Batch kept;
  kept.texts = texts;
  for (const auto& delivery : deliveries) {
    auto& copy =
        kept.deliveries.emplace_back(Delivery{delivery.to, {}, delivery.answered, delivery.standing});
    for (const auto& slice : delivery.slices) append_without(copy.slices, slice, holes[slice.text]);
  }
  for (const auto& message : pending)
    if (message.refusal.begin != message.refusal.end)
      kept.deliveries[message.sender].slices.push_back(message.refusal);
  return kept;
}

}  // namespace troupe
