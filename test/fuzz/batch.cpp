// Any bytes instead of a batch that was written down: they are read or refused; what is read is written as it
// was, and safe to deliver.

#include "chat/batch_codec.hpp"
#include "chat/roster.hpp"
#include "test/fuzz/check.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace troupe;

struct Listener final : Receiver {
  std::size_t heard = 0;

  void hear(std::string_view bytes) override {
    for (const auto byte : bytes) heard += static_cast<unsigned char>(byte);  // reads all of it
  }
  void answered(const Answer& answer) override { heard += answer.commands; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto batch = decode(bytes);
  if (!batch) return 0;
  fuzz::check(decode(encode(*batch)) == batch, "a batch is read as it was written");

  std::array<Listener, 4> listeners;
  Roster roster;
  for (std::size_t i = 0; i < listeners.size(); ++i) roster.seat(ConnectionId{i + 1}, listeners[i]);
  roster.deliver(*batch, Batch::Outcome::kept);
  roster.deliver(*batch, Batch::Outcome::refused);
  for (std::size_t i = 0; i < listeners.size(); ++i) roster.vacate(ConnectionId{i + 1});
  fuzz::check(roster.size() == 0 && roster.channels() == 0, "a roster is empty when all have left");
  return 0;
}
