#include "actors/reason.hpp"

#include <spdlog/fmt/fmt.h>

namespace troupe {

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters as well.
    const bool c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[++i]));
    else if (byte < 0x20 || byte == 0x7F)
      out += fmt::format("\\x{:02x}", byte);
    else if (byte == '"' || byte == '\\')
      out.append("\\").append(1, text[i]);
    else
      out += text[i];
  }
  return out += '"';
}

std::string reason_of(const caf::error& error, caf::actor_system& system) {
  const auto& context = error.context();
  return context.match_elements<std::string>() ? context.get_as<std::string>(0) : system.render(error);
}

}  // namespace troupe
