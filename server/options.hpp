#pragma once

#include "actors/room.hpp"
#include "chat/rules.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::server {

/// Where to listen: an address and a port, "host:port" or "[::1]:6667".
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const Endpoint&) const = default;
};

std::optional<Endpoint> parse_endpoint(std::string_view text);

enum class LogFormat { text, json };

/// All that a server can be told from outside.
struct Options {
  std::vector<Endpoint> listen;
  std::string database;
  Durability durability = Durability::strict;
  std::string spool;  ///< the file that takes the database's place while it is away
  std::chrono::milliseconds commit_timeout{500};
  std::size_t keep_days = 0;
  std::size_t channels_per_address = 500;
  std::size_t replay = 10;
  std::string network_name;
  std::string motd_file;  ///< empty: none
  std::string log_level;
  LogFormat log_format = LogFormat::text;
  Rules rules;
  unsigned ipv6_prefix = 64;   ///< leading bits by which IPv6 addresses are told apart
  std::size_t io_threads = 1;  ///< event loops that clients are on
  /// Variables of the environment that look as if they were meant for Troupe, and mean nothing to it.
  std::vector<std::string> unknown_variables;
};

/// What the program was asked to say instead of serving (`--help`, `--version`).
struct Notice {
  std::string text;
};

/// The program was called wrongly; `what()` says how, in one line.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The environment's variables, by name.
using Environment = std::map<std::string, std::string>;

/// Reads the options: a flag wins over its environment variable (`--max-connections` over
/// TROUPE_MAX_CONNECTIONS), and that over the default. Throws UsageError.
std::variant<Options, Notice> parse_options(int argc, const char* const* argv,
                                            const Environment& environment);

}  // namespace troupe::server
