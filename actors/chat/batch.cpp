#include "actors/chat/batch.hpp"

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

/// What is left of `slice` with `holes` in it, which are in order and do not overlap.
void append_without(std::vector<Slice>& out, Slice slice, const std::vector<Hole>& holes) {
  auto hole = std::ranges::lower_bound(holes, slice.begin, {}, &Hole::begin);
  for (; hole != holes.end() && (hole->begin() < slice.end || hole->out == slice); ++hole) {
    if (slice.begin < hole->begin()) out.push_back({slice.text, slice.begin, hole->begin()});
    if (hole->in.begin != hole->in.end) out.push_back(hole->in);
    slice.begin = hole->out.end;
  }
  if (slice.begin < slice.end) out.push_back(slice);
}

}  // namespace

Batch Batch::without_messages() const {
  std::array<std::vector<Hole>, shapes + 1> holes;
  for (const auto& message : pending) {
    for (const auto& line : message.lines) holes[line.text].push_back({line, {}});
    if (message.refusal.begin != message.refusal.end)
      holes[message.answer.text].push_back({message.answer, message.refusal});
  }
  for (auto& in_text : holes) std::ranges::sort(in_text, {}, &Hole::begin);

  Batch kept;
  kept.texts = texts;
  for (const auto& delivery : deliveries) {
    auto& copy =
        kept.deliveries.emplace_back(Delivery{delivery.to, {}, delivery.answered, delivery.standing});
    for (const auto& slice : delivery.slices) append_without(copy.slices, slice, holes[slice.text]);
  }
  return kept;
}

}  // namespace troupe
