#include "chat/registration.hpp"

#include "chat/command_table.hpp"

namespace troupe {

void carry_out(Registering& client, const protocol::Message& message, Response& response) {
  using protocol::Numeric;
  const auto numeric = [&](Numeric code) {
    return Line(client.rules.server_name, code, client.known_nick());
  };
  const auto* command = find_command(message.command);
  if (!command || !command->registers)
    response.add(numeric(Numeric::err_notregistered).text("You have not registered"));
  else if (message.params.size() < command->least_params)
    response.add(numeric(Numeric::err_needmoreparams).param(message.command).text("Not enough parameters"));
  else
    command->registers(client, message, response);
}

}  // namespace troupe
