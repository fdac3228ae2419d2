#include "bench/arguments.hpp"
#include "bench/commands.hpp"
#include "bench/fanout.hpp"
#include "bench/progress.hpp"
#include "bench/report.hpp"

#include <algorithm>

namespace troupe::bench {
namespace {

cxxopts::Options described() {
  cxxopts::Options options(
      "troupe-bench fanout",
      "Plays very many clients of an IRC server that talk in channels, and measures it.\n");
  const auto number = [](const char* fallback) {
    return cxxopts::value<std::size_t>()->default_value(fallback);
  };
  const auto seconds = [](const char* fallback) { return cxxopts::value<double>()->default_value(fallback); };
  options.add_options()("host", "The server's address",
                        cxxopts::value<std::string>()->default_value("127.0.0.1"), "HOST")(
      "port", "Its port", cxxopts::value<std::uint16_t>()->default_value("6667"), "N")(
      "pid", "Its process, for CPU time and memory; may be given several times: they are added up",
      cxxopts::value<std::vector<pid_t>>(), "PID")("clients", "Clients that join", number("1000"), "N")(
      "channels", "Channels that they spread over", number("1"), "K")(
      "speakers", "How many of the clients speak (default: as many as the window)", number("0"), "S")(
      "window", "Messages outstanding at once: sent, but not seen by all other members yet", number("1"),
      "W")("burst", "Messages that a speaker sends at once, as far as the window allows", number("1"), "N")(
      "bytes", "Length of a message's text", number("64"), "B")("seconds", "How long to measure",
                                                                seconds("5"), "TIME")(
      "messages", "Measure until so many messages have been seen by all, instead", number("0"), "N")(
      "warm-up", "How long to speak before measuring", seconds("1"), "TIME")(
      "idle", "Further clients that register and do nothing", number("0"), "N")(
      "deaf", "Further members of the first channel, who never read", number("0"), "N")(
      "joins-only", "Measure the joins, and the latency of a small chat that goes on meanwhile")(
      "chat", "Members of that chat, in which somebody speaks every 5 ms; 0: no chat", number("10"), "N")(
      "at-a-time", "Clients that are on their way in at once", number("500"), "N")(
      "stall", "What nobody has seen for so long is lost", seconds("10"), "TIME")(
      "json", "Print one JSON object instead of a table");
  return options;
}

FanoutOptions read_options(const cxxopts::ParseResult& parsed) {
  const auto number = [&](const char* name) { return parsed[name].as<std::size_t>(); };
  const auto seconds = [&](const char* name) {
    return std::chrono::duration<double>(parsed[name].as<double>());
  };
  FanoutOptions options;
  options.host = parsed["host"].as<std::string>();
  options.port = parsed["port"].as<std::uint16_t>();
  if (parsed.count("pid") > 0) options.processes = parsed["pid"].as<std::vector<pid_t>>();
  options.clients = number("clients");
  options.channels = number("channels");
  options.window = number("window");
  options.speakers = number("speakers");
  options.burst = number("burst");
  options.bytes = number("bytes");
  options.idle = number("idle");
  options.deaf = number("deaf");
  options.joins_only = parsed.count("joins-only") > 0;
  options.chat = options.joins_only ? number("chat") : 0;
  options.at_a_time = number("at-a-time");
  options.warm_up = seconds("warm-up");
  options.length = seconds("seconds");
  options.messages = number("messages");
  options.stall = seconds("stall");
  return options;
}

FanoutOptions checked(FanoutOptions options) {
  constexpr std::size_t longest_text = 400;  // of a line's 512 bytes, prefix and target need the rest
  if (options.bytes < Transcript::shortest_text || options.bytes > longest_text)
    throw UsageError("--bytes is from 10 to 400");
  if (options.channels == 0 || options.clients < 2 * options.channels)
    throw UsageError("each channel needs two clients");
  if (options.chat == 1) throw UsageError("a chat needs two members");
  if (options.window == 0 || options.burst == 0 || options.at_a_time == 0)
    throw UsageError("--window, --burst and --at-a-time are not 0");
  const auto silent = options.channels;  // one member of each channel only listens
  if (options.speakers == 0) options.speakers = std::min(options.window, options.clients - silent);
  if (options.speakers > options.clients - silent)
    throw UsageError("in each channel one client may not speak: --speakers is at most clients - channels");
  return options;
}

}  // namespace

int fanout_command(std::span<const char* const> arguments, std::ostream& out, std::ostream& err) {
  return with_arguments(described(), arguments, out, err, [&](const cxxopts::ParseResult& parsed) {
    const auto options = checked(read_options(parsed));
    const auto measured = [&] {
      Progress progress;
      return Fanout(options, progress).run();
    }();
    out << (parsed.count("json") > 0 ? to_json(options, measured) : to_table(options, measured));
    return measured.violations.none() ? 0 : 1;
  });
}

}  // namespace troupe::bench
