#include "server/options.hpp"

#include "chat/recent.hpp"
#include "db/address.hpp"
#include "protocol/limits.hpp"
#include "protocol/text.hpp"
#include "server/version.hpp"

#include <cxxopts.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <set>
#include <thread>

namespace troupe::server {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

/// A client's own line with all its tags, and the lines that it may cause at once, have to fit.
constexpr std::size_t least_sendq = 16 * 1024;
/// Nobody types faster, and a slow network takes that long.
constexpr milliseconds shortest_timeout = 100ms;
/// A commit on a slow disk takes longer than the one; nobody waits longer than the other to see a message.
constexpr milliseconds shortest_commit_timeout = 10ms;
constexpr milliseconds longest_commit_timeout = 60s;
/// More than these have not been measured; each costs four descriptors and a thread.
constexpr std::size_t most_io_threads = 64;
constexpr std::size_t most_default_io_threads = 8;

cxxopts::Options described() {
  const auto text = [](const char* fallback) {
    return cxxopts::value<std::string>()->default_value(fallback);
  };
  cxxopts::Options options("troupe-server", "Troupe: a chat server where every connection is an actor.\n");
  auto server = options.add_options("Server");
  server("listen",
         "Address to listen on; may be given several times (in the environment: separated by commas)",
         cxxopts::value<std::vector<std::string>>()->default_value("127.0.0.1:6667"), "HOST:PORT");
  server("server-name", "Name of this server, as clients see it", text("troupe.local"), "NAME");
  server("network-name", "Name of the network, without spaces", text("Troupe"), "NAME");
  server("password", "Password that clients must give (PASS); better set as TROUPE_PASSWORD", text(""),
         "WORD");
  server("io-threads",
         "Threads for the clients' sockets, at most 64; by default half of the cores, 8 at most", text(""),
         "N");
  server("motd", "File with the message of the day", text(""), "FILE");
  auto storage = options.add_options("Storage");
  storage("database", "sqlite:FILE, postgresql://USER:PASSWORD@HOST/NAME, or none", text("sqlite:troupe.db"),
          "URL");
  storage("durability", "strict: a message is shown once it is stored; relaxed: it is stored behind that",
          text("strict"), "MODE");
  storage("commit-timeout",
          "How long a commit may take before the spool takes the database's place, 10ms to 60s",
          text("500ms"), "TIME");
  storage("spool", "File that messages go to while the database is away", text("troupe-spool.db"), "FILE");
  storage("keep-days", "Days after which messages are removed; 0: never", text("0"), "N");
  storage("replay", "Messages shown to those who join and can't ask for history, at most 256", text("10"),
          "N");
  auto limit = options.add_options("Limits (0 lifts one)");
  limit("max-connections", "Connections in all", text("10000"), "N");
  limit("max-per-address", "Connections from one address", text("100"), "N");
  limit("ipv6-prefix", "Leading bits in which IPv6 addresses agree that count as one, 1 to 128", text("64"),
        "BITS");
  limit("max-channels-per-address", "Channels at once that were made from one address", text("500"), "N");
  limit("sendq", "Bytes that may wait for a client that does not read, at least 16384", text("1048576"),
        "BYTES");
  limit("rate", "Commands a second of one client, and how many at once", text("10:40"), "RATE[:BURST]");
  limit("registration-timeout", "Time to register", text("60s"), "TIME");
  limit("ping-interval", "Silence before a client is asked whether it is there", text("120s"), "TIME");
  limit("ping-timeout", "Time to answer that", text("60s"), "TIME");
  auto log = options.add_options("Log");
  log("log-level", "trace, debug, info, warning (or warn), error, critical, or off", text("info"), "LEVEL");
  log("log-format", "text or json", text("text"), "FORMAT");
  auto other = options.add_options("Other");
  other("h,help", "Show this and exit");
  other("version", "Show the version and exit");
  return options;
}

constexpr const char* epilogue =
    "\nTIME is a number with ms, s, m or h; a bare number means seconds.\n"
    "Every option can be set in the environment as well: --max-connections as\n"
    "TROUPE_MAX_CONNECTIONS, and so on; a flag wins.\n"
    "\nExit status: 0 after SIGTERM or SIGINT, 1 if the environment is in the way\n"
    "(address in use, database unreachable), 2 for wrong usage.\n";

std::string variable_of(std::string name) {
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return c == '-' ? '_' : std::toupper(c); });
  return "TROUPE_" + name;
}

/// Looks options up: on the command line, in the environment, among the defaults.
class Lookup {
 public:
  Lookup(const cxxopts::ParseResult& parsed, const Environment& environment)
      : parsed_(parsed), environment_(environment) {}

  std::vector<std::string> all(const std::string& name) const {
    if (const auto set = set_outside(name)) {
      std::vector<std::string> parts;
      for (auto part : protocol::split(*set, ',')) parts.emplace_back(part);
      return parts;
    }
    return parsed_[name].as<std::vector<std::string>>();
  }

  std::string text(const std::string& name) const {
    return set_outside(name).value_or(parsed_[name].as<std::string>());
  }

  std::size_t number(const std::string& name) const {
    const auto value = text(name);
    const auto number = protocol::to_number(value);
    if (!number) throw UsageError("--" + name + ": \"" + value + "\" is not a number");
    return *number;
  }

  /// 0, or a time of at least `shortest`.
  milliseconds timeout(const std::string& name) const {
    const auto value = time(name);
    if (value.count() > 0 && value < shortest_timeout)
      throw UsageError("--" + name + ": \"" + text(name) + "\" is less than 100ms; 0 is for none");
    return value;
  }

  milliseconds time(const std::string& name) const {
    const auto value = text(name);
    const auto digits = std::min(value.find_first_not_of("0123456789"), value.size());
    const auto number = protocol::to_number(std::string_view{value}.substr(0, digits));
    const auto unit = value.substr(digits);
    constexpr std::size_t longest = 10'000'000;
    if (number && *number <= longest) {
      const auto n = static_cast<std::int64_t>(*number);
      if (unit == "ms") return milliseconds{n};
      if (unit.empty() || unit == "s") return std::chrono::seconds{n};
      if (unit == "m") return std::chrono::minutes{n};
      if (unit == "h") return std::chrono::hours{n};
    }
    throw UsageError("--" + name + ": \"" + value + "\" is not a time such as 90s, 5m or 500ms");
  }

  /// The variables that are those of no option that was looked up, nor of the client.
  std::vector<std::string> unknown_variables() const {
    constexpr std::array clients{"TROUPE_HOST", "TROUPE_PORT", "TROUPE_USERNAME", "TROUPE_ROOM"};
    std::vector<std::string> unknown;
    for (const auto& [name, value] : environment_)
      if (name.starts_with("TROUPE_") && !known_.contains(name) && std::ranges::count(clients, name) == 0)
        unknown.push_back(name);
    return unknown;
  }

  /// One of the words given, by its place among them.
  std::size_t word(const std::string& name, const std::vector<std::string_view>& words) const {
    const auto value = text(name);
    const auto found = std::ranges::find(words, value);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    std::string known;
    for (auto one : words) known.append(known.empty() ? "" : ", ").append(one);
    throw UsageError("--" + name + ": \"" + value + "\" is none of " + known);
  }

 private:
  std::optional<std::string> set_outside(const std::string& name) const {
    const auto variable = variable_of(name);
    known_.insert(variable);
    const auto found = environment_.find(variable);
    if (parsed_.count(name) > 0 || found == environment_.end()) return {};
    return found->second;
  }

  const cxxopts::ParseResult& parsed_;
  const Environment& environment_;
  mutable std::set<std::string> known_;  ///< the variables of all options that were looked up
};

/// A name that can stand as a parameter of a line.
std::string checked_name(const Lookup& lookup, const std::string& option) {
  auto name = lookup.text(option);
  const bool printable = std::ranges::all_of(name, [](unsigned char c) { return c > ' ' && c < 127; });
  if (name.empty() || name.size() > protocol::limits::host || name.front() == ':' || !printable)
    throw UsageError("--" + option + ": \"" + name + "\" is not a name (printable ASCII without spaces)");
  return name;
}

void read_rate(const Lookup& lookup, Rules& rules) {
  const auto value = lookup.text("rate");
  const auto colon = value.find(':');
  const auto rate = protocol::to_number(value.substr(0, colon));
  const auto burst = colon == std::string::npos ? rate : protocol::to_number(value.substr(colon + 1));
  if (!rate || !burst || (*rate > 0 && *burst == 0))
    throw UsageError("--rate: \"" + value + "\" is not RATE or RATE:BURST, such as 10:40");
  rules.rate = static_cast<double>(*rate);
  rules.burst = *burst;
}

std::string checked_database(const Lookup& lookup) {
  auto url = lookup.text("database");
  // Not repeated, as it may hold a password.
  if (url != "none" && !db::names_database(url))
    throw UsageError("--database: neither sqlite:FILE, nor postgresql://…, nor none");
  return url;
}

/// What somebody may have meant by an address that is none.
std::string hint_for(const std::string& address) {
  const auto port = address.starts_with(':') ? address.substr(1) : address;
  if (const auto number = protocol::to_number(port); number && *number > 0 && *number <= 65535)
    return ", such as 127.0.0.1:" + port + ", or 0.0.0.0:" + port + " for all addresses";
  if (std::ranges::count(address, ':') > 1) return ", such as 127.0.0.1:6667 or [::1]:6667";
  return ", such as 127.0.0.1:6667";
}

/// Half of the cores: the other half is for the room, the database and the kernel.
std::size_t default_io_threads() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, most_default_io_threads);
}

std::size_t checked_io_threads(const Lookup& lookup) {
  if (lookup.text("io-threads").empty()) return default_io_threads();
  const auto threads = lookup.number("io-threads");
  if (threads < 1 || threads > most_io_threads)
    throw UsageError("--io-threads: \"" + lookup.text("io-threads") + "\" is not from 1 to " +
                     std::to_string(most_io_threads));
  return threads;
}

Options read(const Lookup& lookup) {
  Options options;
  for (const auto& address : lookup.all("listen")) {
    const auto endpoint = parse_endpoint(address);
    if (!endpoint) throw UsageError("--listen: \"" + address + "\" is not HOST:PORT" + hint_for(address));
    options.listen.push_back(*endpoint);
  }
  if (options.listen.empty()) throw UsageError("--listen: no address given");
  options.database = checked_database(lookup);
  options.spool = lookup.text("spool");
  if (options.spool.empty()) throw UsageError("--spool: no file given");
  options.commit_timeout = lookup.time("commit-timeout");
  if (options.commit_timeout < shortest_commit_timeout || options.commit_timeout > longest_commit_timeout)
    throw UsageError("--commit-timeout: \"" + lookup.text("commit-timeout") + "\" is not from 10ms to 60s");
  options.keep_days = lookup.number("keep-days");
  if (options.keep_days > 36'500) throw UsageError("--keep-days: more than a hundred years");
  options.replay = lookup.number("replay");
  if (options.replay > Recent::capacity)
    throw UsageError("--replay: more than " + std::to_string(Recent::capacity));
  options.durability = static_cast<Durability>(lookup.word("durability", {"strict", "relaxed"}));
  if (options.database == "none") options.durability = Durability::none;
  options.network_name = checked_name(lookup, "network-name");
  options.motd_file = lookup.text("motd");
  options.io_threads = checked_io_threads(lookup);
  options.log_level = lookup.text("log-level");
  lookup.word("log-level", {"trace", "debug", "info", "warning", "warn", "error", "critical", "off"});
  options.log_format = static_cast<LogFormat>(lookup.word("log-format", {"text", "json"}));

  auto& rules = options.rules;
  rules.server_name = checked_name(lookup, "server-name");
  rules.password = lookup.text("password");
  if (rules.password.size() > protocol::limits::password)
    throw UsageError("--password: longer than " + std::to_string(protocol::limits::password) + " bytes");
  rules.max_connections = lookup.number("max-connections");
  rules.max_per_address = lookup.number("max-per-address");
  const auto prefix = lookup.number("ipv6-prefix");
  if (prefix < 1 || prefix > 128)
    throw UsageError("--ipv6-prefix: \"" + lookup.text("ipv6-prefix") + "\" is not from 1 to 128");
  options.ipv6_prefix = rules.ipv6_prefix = static_cast<unsigned>(prefix);
  options.channels_per_address = lookup.number("max-channels-per-address");
  rules.sendq = lookup.number("sendq");
  if (rules.sendq > 0 && rules.sendq < least_sendq)
    throw UsageError("--sendq: less than " + std::to_string(least_sendq) + " bytes; 0 is for no limit");
  read_rate(lookup, rules);
  rules.registration_timeout = lookup.timeout("registration-timeout");
  rules.ping_interval = lookup.timeout("ping-interval");
  rules.ping_timeout = lookup.timeout("ping-timeout");
  options.unknown_variables = lookup.unknown_variables();
  return options;
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return {};
  auto host = text.substr(0, colon);
  const auto port = protocol::to_number(text.substr(colon + 1));
  if (!port || *port == 0 || *port > 65535 || host.empty()) return {};
  if (host.front() == '[') {
    if (!host.ends_with(']') || host.size() < 3) return {};
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return {};
  }
  return Endpoint{std::string{host}, static_cast<std::uint16_t>(*port)};
}

std::variant<Options, Notice> parse_options(int argc, const char* const* argv,
                                            const Environment& environment) {
  auto described_options = described();
  try {
    const auto parsed = described_options.parse(argc, argv);
    if (!parsed.unmatched().empty())
      throw UsageError("unexpected argument \"" + parsed.unmatched().front() + "\"");
    if (parsed.count("help")) return Notice{described_options.help() + epilogue};
    if (parsed.count("version")) return Notice{std::string{version} + "\n"};
    return read(Lookup(parsed, environment));
  } catch (const UsageError&) {
    throw;
  } catch (const std::exception& error) {  // cxxopts' own exceptions have other names in each of its versions
    throw UsageError(error.what());
  }
}

}  // namespace troupe::server
