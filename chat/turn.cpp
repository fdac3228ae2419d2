#include "chat/turn.hpp"

namespace troupe {

void Turn::reply(protocol::Numeric code, std::string_view text) { response.add(numeric(code).text(text)); }

void Turn::reply(protocol::Numeric code, std::string_view about, std::string_view text) {
  response.add(numeric(code).echo(about).text(text));
}

void Turn::fail(std::string_view code, std::string_view subcommand, std::string_view about,
                std::string_view text) {
  Line line(server, "FAIL");
  line.param(message.command).param(code).echo(subcommand);
  if (!about.empty()) line.echo(about);
  response.add(line.text(text));
}

}  // namespace troupe
