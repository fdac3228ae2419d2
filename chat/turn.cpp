#include "chat/turn.hpp"

namespace troupe {
namespace {

/// What a client sent comes back as a parameter only if it can be one.
std::string_view fitting(std::string_view word) {
  const bool fits = !word.empty() && word.front() != ':' && word.find(' ') == std::string_view::npos;
  return fits ? word : "*";
}

}  // namespace

void Turn::reply(protocol::Numeric code, std::string_view text) { response.add(numeric(code).text(text)); }

void Turn::reply(protocol::Numeric code, std::string_view about, std::string_view text) {
  response.add(numeric(code).param(fitting(about)).text(text));
}

void Turn::fail(std::string_view code, std::string_view subcommand, std::string_view about,
                std::string_view text) {
  Line line(server, "FAIL");
  line.param(message.command).param(code).param(fitting(subcommand));
  if (!about.empty()) line.param(fitting(about));
  response.add(line.text(text));
}

}  // namespace troupe
