#include "client/options.hpp"

#include "protocol/limits.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <cxxopts.hpp>

namespace troupe::client {

namespace {

constexpr std::string_view help_after_options = R"(
Each option can also be given by the environment: TROUPE_HOST, TROUPE_PORT,
TROUPE_USERNAME, TROUPE_ROOM, TROUPE_PASSWORD. An option wins over its variable.

What to type:
  hello            says "hello" in the current room; so does: send hello
  leave            leaves and ends the program, as /quit, /exit and Ctrl-D do
  /history 100     shows the 100 messages before the oldest one shown
  /help            lists the other commands
  //text           says "/text"

Without a terminal (standard input or output is not one), commands are read from
standard input, and every line of output is one of
  <nick> text      a message in the current room
  * nick text      an action (/me)
  -nick- text      a notice
  -- text          who joins and leaves, and answers to commands
with "[#room] " or "[private] " before it if it is not of the current room.
What was sent oneself is not repeated. Errors go to standard error.
What was said earlier is printed only if /history asks for it: the oldest first,
one's own messages included, and with the time (UTC) before each of them:
  2026-01-31T23:59:59.999Z <nick> text
At the end of input it waits until the server has acknowledged every line, then
leaves: echo 'send hi' | troupe

Exit status:
  0  left in good order; everything sent was acknowledged
  1  connection refused or lost
  2  wrong usage
  3  the name is taken or invalid
  4  wrong password
  5  something was refused or not delivered, the room on starting included
  6  standard output cannot be written (that nobody reads it is no failure)
)";

EarlyEnd mistake(std::string text, Status status = Status::usage) { return {status, std::move(text)}; }

cxxopts::Options describe() {
  cxxopts::Options options("troupe",
                           "Chats over IRC: joins a room, shows what is said, and says what you type.\n");
  auto add = options.add_options();
  const auto text = [] { return cxxopts::value<std::string>(); };
  add("host", "Server to connect to (default: 127.0.0.1)", text(), "NAME");
  add("port", "Its port (default: 6667)", text(), "N");
  add("username", "Your name in the chat (default: $USER)", text(), "NAME");
  add("room", "Room to join (default: #lobby)", text(), "ROOM");
  add("password", "The server's password, if it has one", text(), "TEXT");
  add("h,help", "Show this help");
  add("version", "Show the version");
  return options;
}

const char* reason(protocol::NameError error) {
  switch (error) {
    case protocol::NameError::empty:
      return "it is empty";
    case protocol::NameError::too_long:
      return "it is too long";
    case protocol::NameError::invalid_characters:
      break;
  }
  return "it holds characters that no name may have";
}

std::string default_username(const Environment& environment, const std::function<unsigned()>& random) {
  if (const auto user = environment("USER"); user && !protocol::check_nick(*user)) return *user;
  return "guest" + std::to_string(1000 + random() % 9000);
}

// What is wrong with the password: it has to fit into one line.
std::optional<EarlyEnd> check_password(std::string_view password) {
  if (password.size() > protocol::limits::password) return mistake("the password is too long");
  if (password.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
    return mistake("the password holds a line break");
  return std::nullopt;
}

Result<Options, EarlyEnd> collect(const cxxopts::ParseResult& given, const Environment& environment,
                                  const std::function<unsigned()>& random) {
  const auto value = [&](const char* name, std::string_view variable) -> std::optional<std::string> {
    if (given.count(name) > 0) return given[name].as<std::string>();
    auto found = environment(variable);
    return found && found->empty() ? std::nullopt : found;
  };
  Options options;
  options.host = value("host", "TROUPE_HOST").value_or(options.host);
  if (options.host.empty()) return mistake("the host is empty");

  if (const auto port = value("port", "TROUPE_PORT")) {
    const auto number = protocol::to_number(*port);
    if (!number || *number == 0 || *number > 65535)
      return mistake("'" + *port + "' is no port from 1 to 65535");
    options.port = static_cast<std::uint16_t>(*number);
  }

  const auto username = value("username", "TROUPE_USERNAME");
  options.username = username ? *username : default_username(environment, random);
  if (const auto error = protocol::check_nick(options.username))
    return mistake("'" + options.username + "' cannot be a name: " + reason(*error), Status::name);

  options.room = value("room", "TROUPE_ROOM").value_or(options.room);
  if (options.room.empty()) return mistake("the room is empty");
  if (!protocol::is_channel(options.room)) options.room.insert(0, "#");
  if (const auto error = protocol::check_channel(options.room))
    return mistake("'" + options.room + "' cannot be a room: " + reason(*error));

  options.password = value("password", "TROUPE_PASSWORD").value_or("");
  if (auto error = check_password(options.password)) return *error;
  return options;
}

}  // namespace

Result<Options, EarlyEnd> read_options(std::span<const char* const> arguments, const Environment& environment,
                                       const std::function<unsigned()>& random) {
  auto description = describe();
  try {
    const auto given = description.parse(static_cast<int>(arguments.size()), arguments.data());
    if (given.count("help") > 0)
      return EarlyEnd{Status::ok, description.help() + std::string(help_after_options)};
    if (given.count("version") > 0) return EarlyEnd{Status::ok, "troupe " TROUPE_VERSION "\n"};
    if (!given.unmatched().empty()) return mistake("unexpected argument '" + given.unmatched().front() + "'");
    return collect(given, environment, random);
  } catch (const cxxopts::exceptions::exception& error) {
    return mistake(error.what());
  }
}

}  // namespace troupe::client
