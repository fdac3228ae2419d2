#include "server/options.hpp"

#include <doctest/doctest.h>

using namespace troupe;
using namespace troupe::server;
using namespace std::chrono_literals;

namespace {

using Words = std::vector<std::string>;
using Variables = Environment;

std::variant<Options, Notice> parsed(const Words& words, const Variables& variables = {}) {
  std::vector<const char*> argv{"troupe-server"};
  for (const auto& word : words) argv.push_back(word.c_str());
  return parse_options(static_cast<int>(argv.size()), argv.data(), variables);
}

Options options(const Words& words, const Variables& variables = {}) {
  return std::get<Options>(parsed(words, variables));
}

std::string notice(const Words& words) { return std::get<Notice>(parsed(words)).text; }

/// What is wrong with these options; "" if nothing is.
std::string complaint(const Words& words, const Variables& variables = {}) {
  try {
    parsed(words, variables);
    return {};
  } catch (const UsageError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("without options there are defaults for all") {
  const auto defaults = options({});
  CHECK(defaults.listen == std::vector{Endpoint{"127.0.0.1", 6667}});
  CHECK(defaults.database == "sqlite:troupe.db");
  CHECK(defaults.durability == Durability::strict);
  CHECK(defaults.network_name == "Troupe");
  CHECK(defaults.motd_file == "");
  CHECK(defaults.log_level == "info");
  CHECK(defaults.log_format == LogFormat::text);
  CHECK(defaults.rules.server_name == "troupe.local");
  CHECK(defaults.rules.password == "");
  CHECK(defaults.rules.max_connections == 10'000);
  CHECK(defaults.rules.max_per_address == 100);
  CHECK(defaults.channels_per_address == 500);
  CHECK(defaults.rules.sendq == 1'048'576);
  CHECK(defaults.rules.rate == 10);
  CHECK(defaults.rules.burst == 40);
  CHECK(defaults.rules.registration_timeout == 60s);
  CHECK(defaults.rules.ping_interval == 120s);
  CHECK(defaults.rules.ping_timeout == 60s);
}

TEST_CASE("every option can be given as a flag") {
  const auto given = options({"--listen",
                              "0.0.0.0:6668",
                              "--listen=[::1]:6669",
                              "--database",
                              "postgresql://h/d",
                              "--durability",
                              "relaxed",
                              "--server-name",
                              "irc.example",
                              "--network-name",
                              "Net",
                              "--password",
                              "sesame",
                              "--motd",
                              "motd.txt",
                              "--max-connections",
                              "5",
                              "--max-per-address",
                              "2",
                              "--max-channels-per-address",
                              "20",
                              "--sendq",
                              "100000",
                              "--rate",
                              "3:7",
                              "--registration-timeout",
                              "5s",
                              "--ping-interval",
                              "2m",
                              "--ping-timeout",
                              "500ms",
                              "--log-level",
                              "debug",
                              "--log-format",
                              "json"});
  CHECK(given.listen == std::vector{Endpoint{"0.0.0.0", 6668}, Endpoint{"::1", 6669}});
  CHECK(given.database == "postgresql://h/d");
  CHECK(given.durability == Durability::relaxed);
  CHECK(given.rules.server_name == "irc.example");
  CHECK(given.network_name == "Net");
  CHECK(given.rules.password == "sesame");
  CHECK(given.motd_file == "motd.txt");
  CHECK(given.rules.max_connections == 5);
  CHECK(given.rules.max_per_address == 2);
  CHECK(given.channels_per_address == 20);
  CHECK(given.rules.sendq == 100'000);
  CHECK(given.rules.rate == 3);
  CHECK(given.rules.burst == 7);
  CHECK(given.rules.registration_timeout == 5s);
  CHECK(given.rules.ping_interval == 120s);
  CHECK(given.rules.ping_timeout == 500ms);
  CHECK(given.log_level == "debug");
  CHECK(given.log_format == LogFormat::json);
}

TEST_CASE("every option can be given in the environment") {
  const auto given = options({}, {{"TROUPE_LISTEN", "0.0.0.0:6668,[::1]:6669"},
                                  {"TROUPE_DATABASE", "none"},
                                  {"TROUPE_SERVER_NAME", "irc.example"},
                                  {"TROUPE_NETWORK_NAME", "Net"},
                                  {"TROUPE_PASSWORD", "sesame"},
                                  {"TROUPE_MOTD", "motd.txt"},
                                  {"TROUPE_MAX_CONNECTIONS", "5"},
                                  {"TROUPE_MAX_PER_ADDRESS", "2"},
                                  {"TROUPE_SENDQ", "100000"},
                                  {"TROUPE_RATE", "3:7"},
                                  {"TROUPE_REGISTRATION_TIMEOUT", "5s"},
                                  {"TROUPE_PING_INTERVAL", "2m"},
                                  {"TROUPE_PING_TIMEOUT", "1h"},
                                  {"TROUPE_LOG_LEVEL", "off"},
                                  {"TROUPE_LOG_FORMAT", "json"}});
  CHECK(given.listen == std::vector{Endpoint{"0.0.0.0", 6668}, Endpoint{"::1", 6669}});
  CHECK(given.database == "none");
  CHECK(given.rules.server_name == "irc.example");
  CHECK(given.network_name == "Net");
  CHECK(given.rules.password == "sesame");
  CHECK(given.motd_file == "motd.txt");
  CHECK(given.rules.max_connections == 5);
  CHECK(given.rules.max_per_address == 2);
  CHECK(given.rules.sendq == 100'000);
  CHECK(given.rules.rate == 3);
  CHECK(given.rules.burst == 7);
  CHECK(given.rules.registration_timeout == 5s);
  CHECK(given.rules.ping_interval == 120s);
  CHECK(given.rules.ping_timeout == 1h);
  CHECK(given.log_level == "off");
  CHECK(given.log_format == LogFormat::json);
  CHECK(options({}, {{"TROUPE_DURABILITY", "relaxed"}}).durability == Durability::relaxed);
}

TEST_CASE("a flag wins over the environment, and that over the default") {
  const Variables variables{{"TROUPE_SENDQ", "20001"}, {"TROUPE_LISTEN", "a:1"}, {"TROUPE_RATE", "1"}};
  const auto given = options({"--sendq", "20002", "--listen", "b:2"}, variables);
  CHECK(given.rules.sendq == 20'002);
  CHECK(given.listen == std::vector{Endpoint{"b", 2}});
  CHECK(given.rules.rate == 1);
  CHECK(options({"--sendq", "1048576"}, variables).rules.sendq == 1'048'576);
}

TEST_CASE("an environment variable that is wrong does no harm if a flag says otherwise") {
  CHECK(complaint({"--sendq", "20000"}, {{"TROUPE_SENDQ", "x"}}) == "");
  CHECK(complaint({}, {{"TROUPE_SENDQ", "x"}}) == "--sendq: \"x\" is not a number");
}

TEST_CASE("0 lifts a limit") {
  const auto given =
      options({"--max-connections", "0", "--max-per-address", "0", "--sendq", "0", "--rate", "0",
               "--registration-timeout", "0", "--ping-interval", "0", "--ping-timeout", "0"});
  CHECK(given.rules.max_connections == 0);
  CHECK(given.rules.max_per_address == 0);
  CHECK(given.rules.sendq == 0);
  CHECK(given.rules.rate == 0);
  CHECK(given.rules.registration_timeout == 0s);
  CHECK(given.rules.ping_interval == 0s);
  CHECK(given.rules.ping_timeout == 0s);
}

TEST_CASE("a rate alone is its burst as well") {
  const auto given = options({"--rate", "5"});
  CHECK(given.rules.rate == 5);
  CHECK(given.rules.burst == 5);
}

TEST_CASE("without a database nothing can be durable") {
  CHECK(options({"--database", "none"}).durability == Durability::none);
  CHECK(options({"--database", "none", "--durability", "relaxed"}).durability == Durability::none);
}

TEST_CASE("a time without unit means seconds") {
  CHECK(options({"--ping-timeout", "7"}).rules.ping_timeout == 7s);
}

TEST_CASE("what is wrong is said in one line that names the option") {
  CHECK(complaint({"--listen", "host"}) == "--listen: \"host\" is not HOST:PORT, such as 127.0.0.1:6667");
  CHECK(complaint({}, {{"TROUPE_LISTEN", ""}}) == "--listen: no address given");
  CHECK(complaint({"--durability", "none"}) == "--durability: \"none\" is none of strict, relaxed");
  CHECK(complaint({"--log-format", "xml"}) == "--log-format: \"xml\" is none of text, json");
  CHECK(complaint({"--log-level", "loud"}) ==
        "--log-level: \"loud\" is none of trace, debug, info, warning, warn, error, critical, off");
  CHECK(complaint({"--max-connections", "many"}) == "--max-connections: \"many\" is not a number");
  CHECK(complaint({"--max-per-address=-1"}) == "--max-per-address: \"-1\" is not a number");
  CHECK(complaint({"--sendq", "1M"}) == "--sendq: \"1M\" is not a number");
  CHECK(complaint({"--server-name", "not good"}) ==
        "--server-name: \"not good\" is not a name (printable ASCII without spaces)");
  CHECK(complaint({"--network-name", ""}) ==
        "--network-name: \"\" is not a name (printable ASCII without spaces)");
  CHECK(complaint({"--password", std::string(257, 'x')}) == "--password: longer than 256 bytes");
  CHECK(complaint({"--database", "mysql://h/d"}) ==
        "--database: neither sqlite:FILE, nor postgresql://…, nor none");
}

TEST_CASE("a port alone is no address, lest it be open to the world by mistake") {
  CHECK(complaint({"--listen", "80"}) ==
        "--listen: \"80\" is not HOST:PORT, such as 127.0.0.1:80, or 0.0.0.0:80 for all addresses");
  CHECK(complaint({"--listen", ":6667"}) ==
        "--listen: \":6667\" is not HOST:PORT, such as 127.0.0.1:6667, or 0.0.0.0:6667 for all addresses");
  CHECK(complaint({"--listen", "::1:6667"}) ==
        "--listen: \"::1:6667\" is not HOST:PORT, such as 127.0.0.1:6667 or [::1]:6667");
  CHECK(complaint({}, {{"TROUPE_LISTEN", "127.0.0.1:1,99999"}}) ==
        "--listen: \"99999\" is not HOST:PORT, such as 127.0.0.1:6667");
}

TEST_CASE("what nobody can mean is refused, and the bound is named") {
  CHECK(complaint({"--sendq", "10"}) == "--sendq: less than 16384 bytes; 0 is for no limit");
  CHECK(complaint({"--sendq", "16383"}) != "");
  CHECK(complaint({"--sendq", "16384"}) == "");
  CHECK(complaint({"--replay", "257"}) == "--replay: more than 256");
  CHECK(complaint({"--replay", "256"}) == "");
  for (const auto time : {"0", "1ms", "9ms", "60001ms", "61s", "2m", "1h"}) {
    CAPTURE(time);
    CHECK(complaint({"--commit-timeout", time}) ==
          "--commit-timeout: \"" + std::string{time} + "\" is not from 10ms to 60s");
  }
  for (const auto time : {"10ms", "1m"}) CHECK(complaint({"--commit-timeout", time}) == "");
  for (const std::string option : {"--registration-timeout", "--ping-interval", "--ping-timeout"}) {
    CHECK(complaint({option, "99ms"}) == option + ": \"99ms\" is less than 100ms; 0 is for none");
    for (const auto time : {"100ms", "0", "24h"}) CHECK(complaint({option, time}) == "");
  }
  CHECK(complaint({"--keep-days", "36501"}) == "--keep-days: more than a hundred years");
}

TEST_CASE("--log-level warn is as good as warning") {
  CHECK(options({"--log-level", "warn"}).log_level == "warn");
  CHECK(options({"--log-level", "warning"}).log_level == "warning");
}

TEST_CASE("variables that look as if they were meant for the server are told if they are not known") {
  const Variables variables{
      {"TROUPE_SENDQ", "20000"}, {"TROUPE_SENDQUEUE", "1"}, {"TROUPE_LOG_LEVEL", "info"},
      {"TROUPE_HOST", "server"}, {"TROUPE_PORT", "1"},      {"TROUPE_USERNAME", "anna"},
      {"TROUPE_ROOM", "#tea"},   {"TROUPE_PASSWORD", "x"},  {"PATH", "/bin"},
      {"TROUPE_", ""},           {"troupe_sendq", "1"}};
  CHECK(options({"--log-level", "warn"}, variables).unknown_variables ==
        Words{"TROUPE_", "TROUPE_SENDQUEUE"});
  CHECK(options({}).unknown_variables.empty());
}

TEST_CASE("a complaint about the database does not repeat a password") {
  CHECK(complaint({"--database", "postgre://user:secret@host/db"}).find("secret") == std::string::npos);
}

TEST_CASE("a rate is RATE or RATE:BURST, and a burst of 0 would let nothing pass") {
  for (const auto rate : {"x", "", ":", "1:", ":1", "1:0", "1:2:3", "-1", "1.5"}) {
    CAPTURE(rate);
    CHECK(complaint({"--rate=" + std::string{rate}}) ==
          "--rate: \"" + std::string{rate} + "\" is not RATE or RATE:BURST, such as 10:40");
  }
}

TEST_CASE("a time is a number with a known unit") {
  for (const auto time : {"", "s", "1.5s", "-1s", "1d", "1 s", "10000001s", "99999999999999999999s"}) {
    CAPTURE(time);
    CHECK(complaint({"--ping-timeout=" + std::string{time}}) ==
          "--ping-timeout: \"" + std::string{time} + "\" is not a time such as 90s, 5m or 500ms");
  }
}

TEST_CASE("an unknown option and an argument too many are complained of in one line") {
  for (const Words& words :
       {Words{"--frobnicate"}, Words{"--frobnicate=1"}, Words{"extra"}, Words{"--sendq"}}) {
    const auto said = complaint(words);
    CAPTURE(said);
    CHECK(said != "");
    CHECK(said.find('\n') == std::string::npos);
  }
  CHECK(complaint({"extra"}) == "unexpected argument \"extra\"");
}

TEST_CASE("there are as many I/O threads as half of the cores, at most 8, unless they are given") {
  const auto by_default = options({}).io_threads;
  CHECK(by_default >= 1);
  CHECK(by_default <= 8);
  CHECK(options({"--io-threads", "3"}).io_threads == 3);
  CHECK(options({}, {{"TROUPE_IO_THREADS", "64"}}).io_threads == 64);
  CHECK(complaint({"--io-threads", "0"}) == "--io-threads: \"0\" is not from 1 to 64");
  CHECK(complaint({"--io-threads", "65"}) == "--io-threads: \"65\" is not from 1 to 64");
  CHECK(complaint({"--io-threads", "many"}) == "--io-threads: \"many\" is not a number");
}

TEST_CASE("IPv6 addresses count by 64 bits unless told otherwise") {
  CHECK(options({}).ipv6_prefix == 64);
  CHECK(options({"--ipv6-prefix", "48"}).ipv6_prefix == 48);
  CHECK(options({}, {{"TROUPE_IPV6_PREFIX", "128"}}).ipv6_prefix == 128);
  CHECK(complaint({"--ipv6-prefix", "0"}) == "--ipv6-prefix: \"0\" is not from 1 to 128");
  CHECK(complaint({"--ipv6-prefix", "129"}) == "--ipv6-prefix: \"129\" is not from 1 to 128");
}

TEST_CASE("--help shows every option and how else it can be set") {
  const auto help = notice({"--help"});
  for (const auto option : {"--listen",
                            "--database",
                            "--durability",
                            "--server-name",
                            "--network-name",
                            "--password",
                            "--motd",
                            "--max-connections",
                            "--max-per-address",
                            "--ipv6-prefix",
                            "--io-threads",
                            "--max-channels-per-address",
                            "--sendq",
                            "--rate",
                            "--registration-timeout",
                            "--ping-interval",
                            "--ping-timeout",
                            "--log-level",
                            "--log-format",
                            "--help",
                            "--version",
                            "TROUPE_",
                            "Exit status"}) {
    CAPTURE(option);
    CHECK(help.find(option) != std::string::npos);
  }
  CHECK(notice({"-h"}) == help);
}

TEST_CASE("--help and --version are answered whatever else is given or set") {
  CHECK(notice({"--help", "--rate", "x"}).size() > 100);
  CHECK(notice({"--version", "--rate", "x"}).starts_with("troupe-"));
}

TEST_CASE("an endpoint is a host and a port") {
  CHECK(parse_endpoint("127.0.0.1:6667") == Endpoint{"127.0.0.1", 6667});
  CHECK(parse_endpoint("localhost:1") == Endpoint{"localhost", 1});
  CHECK(parse_endpoint("[::1]:65535") == Endpoint{"::1", 65535});
}

TEST_CASE("an endpoint without a port that is one, or with an ambiguous host, is none") {
  for (const auto text : {"", ":", "6667", "80", "host", "host:", ":6667", "host:0", "host:65536", "host:x",
                          "host:-1", "::1", "::1:6667", "[::1]", "[::1", "[]:6667", "[::1:6667"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_endpoint(text));
  }
}
