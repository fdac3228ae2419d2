// CAP, NICK, PASS, PING and USER of clients that register.
#include "chat/cap.hpp"
#include "chat/commands/commands.hpp"
#include "protocol/limits.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <utility>

namespace troupe::registering {

namespace limits = protocol::limits;
using protocol::Message;
using protocol::Numeric;

namespace {

/// Compares without telling by its duration where they differ.
bool same_secret(std::string_view a, std::string_view b) {
  unsigned difference = a.size() != b.size();
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |=
        static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b.empty() ? 0 : b[i % b.size()]);
  return difference == 0;
}

Line numeric(const Registering& client, Numeric code) {
  return {client.rules.server_name, code, client.known_nick()};
}

}  // namespace

void cap(Registering& client, const Message& message, Response& response) {
  const auto subcommand = protocol::upper(message.params[0]);
  if (subcommand == "LS" || subcommand == "REQ") client.negotiating = true;
  if (subcommand == "END") client.negotiating = false;
  answer_cap(message, client.rules.server_name, client.known_nick(), client.who.negotiated, response);
}

void nick(Registering& client, const Message& message, Response& response) {
  const auto wanted = message.params.empty() ? std::string{} : message.params[0];
  if (wanted.empty()) {
    response.add(numeric(client, Numeric::err_nonicknamegiven).text("No nickname given"));
  } else if (protocol::check_nick(wanted)) {
    response.add(numeric(client, Numeric::err_erroneusnickname).echo(wanted).text("Erroneous nickname"));
  } else {
    client.who.nick = wanted;
  }
}

void pass(Registering& client, const Message& message, Response&) {
  client.password_given = same_secret(message.params[0], client.rules.password);
}

void ping(Registering& client, const Message& message, Response& response) {
  if (message.params.empty()) {
    response.add(numeric(client, Numeric::err_noorigin).text("No origin specified"));
    return;
  }
  auto pong = Line(client.rules.server_name, "PONG").param(client.rules.server_name).text(message.params[0]);
  if (!pong.fits()) pong = numeric(client, Numeric::err_inputtoolong).text("That is too long to be repeated");
  response.add(std::move(pong));
}

void user(Registering& client, const Message& message, Response& response) {
  if (message.params[0].empty()) {
    response.add(numeric(client, Numeric::err_needmoreparams).param("USER").text("Not enough parameters"));
    return;
  }
  client.who.user = protocol::clean_user(message.params[0]);
  if (client.who.user.empty()) client.who.user = "user";
  client.who.realname = protocol::cut(message.params[3], limits::realname);
}

void nothing(Registering&, const Message&, Response&) {}

}  // namespace troupe::registering
