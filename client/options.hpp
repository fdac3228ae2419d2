#pragma once

#include "client/status.hpp"
#include "protocol/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace troupe::client {

/// What the command line and the environment say.
struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6667;
  std::string username;
  std::string room = "#lobby";
  std::string password;  ///< empty for none
};

/// The program ends before it began: with `--help`, or because of a mistake (then `text` is one line).
struct EarlyEnd {
  Status status;
  std::string text;
};

/// Looks up an environment variable.
using Environment = std::function<std::optional<std::string>(std::string_view)>;

/// Reads the arguments (the program's name first), then for each option that is missing its variable
/// TROUPE_HOST, TROUPE_PORT, TROUPE_USERNAME, TROUPE_ROOM or TROUPE_PASSWORD; an empty variable counts as
/// missing. Without a username $USER is taken if it is a valid nick, else "guest" and four digits that come
/// from `random`.
Result<Options, EarlyEnd> read_options(std::span<const char* const> arguments, const Environment& environment,
                                       const std::function<unsigned()>& random);

}  // namespace troupe::client
