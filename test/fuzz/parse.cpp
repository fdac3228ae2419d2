// Any bytes: parse must survive them, and what it accepts must come through render and parse unchanged.
//
//   cmake -G Ninja -B build/fuzz -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=RelWithDebInfo
//   -DTROUPE_FUZZ=ON ninja -C build/fuzz fuzz-parse build/fuzz/bin/fuzz-parse -max_len=8192
//   -max_total_time=60
#include "protocol/message.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe::protocol;

  const auto message = parse({reinterpret_cast<const char*>(data), size});
  if (!message) return 0;

  const auto line = render(*message);
  const auto again = parse(std::string_view(line).substr(0, line.size() - 2));
  if (!again || !(*again == *message)) std::abort();
  return 0;
}
