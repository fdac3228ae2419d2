// Any bytes: parse survives them, and what it accepts comes through render and parse unchanged.
#include "protocol/message.hpp"
#include "protocol/names.hpp"
#include "test/fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;

  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto message = protocol::parse(bytes);
  if (!message) return 0;

  const auto line = protocol::render(*message);
  const auto again = protocol::parse(std::string_view(line).substr(0, line.size() - 2));
  fuzz::check(again && *again == *message, "a message comes through render and parse unchanged", line);
  return 0;
}
