// What the command line and the environment say, to server and client: whatever it is, it is understood or
// refused with a word, what is understood is within its bounds, and no address that is shown holds a
// password.
//
// A script's steps are:
//   a ARGUMENT 0xFF             an argument of the command line
//   v NAME 0xFF VALUE 0xFF      a variable of the environment, TROUPE_ before its name
//   u PASSWORD 0xFF REST 0xFF   a database's address with this password, and what stands behind the host
#include "client/options.hpp"

#include "chat/recent.hpp"
#include "db/address.hpp"
#include "db/error.hpp"
#include "db/postgres_url.hpp"
#include "protocol/limits.hpp"
#include "protocol/names.hpp"
#include "server/options.hpp"
#include "test/fuzz/check.hpp"
#include "test/fuzz/script.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace troupe;
using fuzz::check;

void read_as_server(const std::vector<const char*>& arguments, const server::Environment& environment) {
  try {
    const auto result =
        server::parse_options(static_cast<int>(arguments.size()), arguments.data(), environment);
    const auto* options = std::get_if<server::Options>(&result);
    if (!options) return;
    check(!options->listen.empty(), "a server listens somewhere");
    for (const auto& endpoint : options->listen)
      check(endpoint.port != 0 && !endpoint.host.empty(), "an endpoint is complete");
    check(options->commit_timeout.count() >= 10 && options->commit_timeout.count() <= 60'000,
          "a commit's time is bounded");
    check(options->replay <= Recent::capacity, "the replay is in memory");
    check(!options->rules.server_name.empty() && options->rules.server_name.size() <= protocol::limits::host,
          "a server's name fits where a host does");
    check(options->rules.burst > 0 || options->rules.rate <= 0, "a rate lets something pass");
    check(options->rules.sendq == 0 || options->rules.sendq >= 16 * 1024, "a line fits into the send queue");
    check(options->rules.registration_timeout.count() >= 0, "no time is negative");
  } catch (const server::UsageError& error) {
    check(*error.what() != '\0', "a mistake is told");
  }
}

void read_as_client(const std::vector<const char*>& arguments, const server::Environment& environment) {
  const auto variable = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = environment.find(std::string{name});
    return found == environment.end() ? std::nullopt : std::optional{found->second};
  };
  const auto options = client::read_options(arguments, variable, [] { return 7u; });
  if (!options) return check(!options.error().text.empty(), "a mistake is told");
  check(!options->host.empty() && options->port != 0, "there is a place to connect to");
  check(!protocol::check_nick(options->username), "a name is a nick");
  check(!protocol::check_channel(options->room), "a room is a channel");
}

void show_address(std::string_view password, std::string_view rest) {
  constexpr std::string_view secret = "5eCr3t";
  const auto url = std::string{"postgresql://troupe:"}
                       .append(password.substr(0, password.size() / 2))
                       .append(secret)
                       .append(password.substr(password.size() / 2))
                       .append("@host/troupe")
                       .append(rest);
  check(db::address_of(url).find(secret) == std::string::npos, "an address that is shown has no password",
        url);
  try {
    const auto parameters = url.substr(std::min(url.find('?'), url.size() - 1) + 1);
    check(db::connection_url(url).ends_with(parameters), "the user's parameters stand, and last", url);
  } catch (const db::StoreError& error) {
    const std::string_view told = error.what();
    check(told.find(secret) == std::string_view::npos, "no error tells the password", told);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  std::vector<std::string> given;
  server::Environment environment;
  while (!script.ended()) {
    switch (script.byte()) {
      case 'a':
        given.emplace_back(script.until()).push_back('\0');
        break;
      case 'v': {
        const auto name = "TROUPE_" + std::string{script.until()};
        environment[name] = script.until();
        break;
      }
      case 'u': {
        const auto password = script.until();
        show_address(password, script.until());
        break;
      }
    }
  }
  std::vector<const char*> arguments{"troupe"};
  for (const auto& argument : given) arguments.push_back(argument.c_str());
  read_as_server(arguments, environment);
  read_as_client(arguments, environment);
  return 0;
}
