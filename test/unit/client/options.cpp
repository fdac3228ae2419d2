#include "client/options.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace troupe::client;

namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

troupe::Result<Options, EarlyEnd> given(std::vector<const char*> arguments, const Variables& variables = {}) {
  arguments.insert(arguments.begin(), "troupe");
  const auto environment = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return read_options(arguments, environment, [] { return 42u; });
}

EarlyEnd refused(std::vector<const char*> arguments, const Variables& variables = {}) {
  const auto options = given(std::move(arguments), variables);
  REQUIRE_FALSE(options);
  CHECK(options.error().text.find('\n') == std::string::npos);
  return options.error();
}

}  // namespace

TEST_CASE("without options and environment there is a default for everything") {
  const auto options = given({});
  REQUIRE(options);
  CHECK(options->host == "127.0.0.1");
  CHECK(options->port == 6667);
  CHECK(options->username == "guest1042");
  CHECK(options->room == "#lobby");
  CHECK(options->password.empty());
}

TEST_CASE("the environment gives what options leave out, and options win") {
  const Variables variables = {{"TROUPE_HOST", "chat.example"},
                               {"TROUPE_PORT", "7000"},
                               {"TROUPE_USERNAME", "env"},
                               {"TROUPE_ROOM", "#env"},
                               {"TROUPE_PASSWORD", "secret"}};
  const auto environment = given({}, variables);
  REQUIRE(environment);
  CHECK(environment->host == "chat.example");
  CHECK(environment->port == 7000);
  CHECK(environment->username == "env");
  CHECK(environment->room == "#env");
  CHECK(environment->password == "secret");

  const auto both =
      given({"--host", "::1", "--port=7001", "--username", "ann", "--room", "#x", "--password="}, variables);
  REQUIRE(both);
  CHECK(both->host == "::1");
  CHECK(both->port == 7001);
  CHECK(both->username == "ann");
  CHECK(both->room == "#x");
}

TEST_CASE("an empty variable counts as missing") {
  const auto options = given({}, {{"TROUPE_PORT", ""}, {"TROUPE_ROOM", ""}, {"TROUPE_USERNAME", ""}});
  REQUIRE(options);
  CHECK(options->port == 6667);
  CHECK(options->room == "#lobby");
}

TEST_CASE("the name is that of the user if it can be one") {
  CHECK(given({}, {{"USER", "ann"}})->username == "ann");
  CHECK(given({}, {{"USER", "ann.lee"}})->username == "guest1042");
}

TEST_CASE("a room may be given without its #") { CHECK(given({"--room", "den"})->room == "#den"); }

TEST_CASE("mistakes end with one line and a documented status") {
  CHECK(refused({"--port", "0"}).status == Status::usage);
  CHECK(refused({"--port", "65536"}).text == "'65536' is no port from 1 to 65535");
  CHECK(refused({}, {{"TROUPE_PORT", "irc"}}).text == "'irc' is no port from 1 to 65535");
  CHECK(refused({"--room", "a b"}).status == Status::usage);
  CHECK(refused({"--host", ""}).status == Status::usage);
  CHECK(refused({"--room", ""}).status == Status::usage);
  CHECK(refused({"--room", ""}).text == "the room is empty");
  CHECK(refused({"--nonsense"}).status == Status::usage);
  CHECK(refused({"stray"}).text == "unexpected argument 'stray'");
  CHECK(refused({"--port"}).status == Status::usage);
  CHECK(refused({"--password", "a\nb"}).status == Status::usage);
  CHECK(refused({"--username", "a b"}).status == Status::name);
  CHECK(refused({"--username", "1ann"}).status == Status::name);
}

TEST_CASE("help and version are no mistakes") {
  const auto help = given({"--help"});
  REQUIRE_FALSE(help);
  CHECK(help.error().status == Status::ok);
  CHECK(help.error().text.find("--username") != std::string::npos);
  CHECK(help.error().text.find("Exit status") != std::string::npos);
  CHECK(given({"--version"}).error().status == Status::ok);
}
