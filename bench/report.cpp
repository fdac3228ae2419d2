#include "bench/report.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>

namespace troupe::bench {
namespace {

using Microseconds = std::chrono::duration<double, std::micro>;

double microseconds(std::chrono::duration<double> duration) { return Microseconds{duration}.count(); }

double per(double amount, std::uint64_t count) { return count > 0 ? amount / static_cast<double>(count) : 0; }

double per_second(std::uint64_t count, std::chrono::duration<double> time) {
  return time.count() > 0 ? static_cast<double>(count) / time.count() : 0;
}

double bytes_per_connection(const Measurements& measured) {
  const auto more =
      static_cast<double>(measured.at_joined.resident) - static_cast<double>(measured.at_start.resident);
  return per(more, measured.connections);
}

std::string fixed(double number, int places) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", places, number);
  return text;
}

std::string rounded(double number) { return with_commas(static_cast<std::uint64_t>(std::llround(number))); }

std::string row(const std::string& name, const std::string& value) {
  return name + std::string(name.size() < 16 ? 16 - name.size() : 1, ' ') + value + "\n";
}

std::string time_of(std::chrono::nanoseconds time) {
  const auto count = microseconds(time);
  return count < 1000 ? fixed(count, 0) + " us" : fixed(count / 1000, 2) + " ms";
}

std::string megabytes(double bytes) { return fixed(bytes / 1e6, 1) + " MB"; }

std::string cpu_of(std::chrono::nanoseconds cpu, const FanoutOptions& options, const Measurements& measured) {
  if (options.joins_only) return fixed(per(microseconds(cpu), measured.joins), 1) + " us a join";
  return fixed(per(microseconds(cpu), measured.deliveries), 3) + " us a delivery, " +
         fixed(100 * (cpu / measured.length), 0) + " % of a core";
}

std::string found(const Violations& violations) {
  if (violations.none()) return row("checked", "nothing lost, doubled, out of order or altered");
  auto text = row("VIOLATED", with_commas(violations.lost) + " lost, " + with_commas(violations.doubled) +
                                  " doubled, " + with_commas(violations.reordered) + " out of order, " +
                                  with_commas(violations.interleaved) + " in another order than others, " +
                                  with_commas(violations.altered) + " altered");
  for (const auto& example : violations.examples) text += row("", example);
  return text;
}

std::string title(const FanoutOptions& options) {
  auto text = with_commas(options.clients) + " clients in " + with_commas(options.channels) +
              (options.channels == 1 ? " channel" : " channels");
  if (options.idle > 0) text += ", " + with_commas(options.idle) + " idle";
  if (options.deaf > 0) text += ", " + with_commas(options.deaf) + " deaf";
  if (options.chat > 0) return text + ", joining beside a chat of " + with_commas(options.chat) + "\n";
  if (options.joins_only) return text + "\n";
  return text + ", " + with_commas(options.speakers) + " speak, " + with_commas(options.window) +
         " outstanding, " + with_commas(options.bytes) + "-byte texts\n";
}

}  // namespace

std::string with_commas(std::uint64_t number) {
  auto text = std::to_string(number);
  for (auto at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string to_table(const FanoutOptions& options, const Measurements& measured) {
  auto text = title(options);
  text += row("joins", rounded(per_second(measured.joins, measured.joining)) + " /s");
  if (measured.length.count() > 0) {
    text += row("deliveries", rounded(per_second(measured.deliveries, measured.length)) + " /s, of " +
                                  rounded(per_second(measured.messages, measured.length)) +
                                  " messages/s, for " + fixed(measured.length.count(), 1) + " s");
    text += row("latency", time_of(measured.latencies.percentile(0.5)) + " p50, " +
                               time_of(measured.latencies.percentile(0.99)) + " p99, " +
                               time_of(measured.latencies.max()) + " max");
  }
  if (options.deaf > 0)
    text += row("deaf members", with_commas(measured.deaf_closed) + " of " + with_commas(options.deaf) +
                                    " closed by the server");
  if (!options.processes.empty()) text += row("server CPU", cpu_of(measured.server_cpu, options, measured));
  text += row("generator CPU", cpu_of(measured.own_cpu, options, measured));
  if (options.processes.empty()) return text + found(measured.violations);
  if (measured.own_cpu > measured.server_cpu)
    text += row("", "(more than the server's: the generator may be what limits)");
  text +=
      row("memory", megabytes(static_cast<double>(measured.at_start.resident)) + " at start, " +
                        megabytes(static_cast<double>(measured.at_joined.resident)) + " joined (" +
                        rounded(std::max(0.0, bytes_per_connection(measured))) + " bytes a connection), " +
                        megabytes(static_cast<double>(measured.at_end.peak)) + " at the peak");
  return text + found(measured.violations);
}

std::string to_json(const FanoutOptions& options, const Measurements& measured) {
  nlohmann::ordered_json json{
      {"clients", options.clients},
      {"channels", options.channels},
      {"speakers", options.speakers},
      {"window", options.window},
      {"burst", options.burst},
      {"bytes", options.bytes},
      {"idle", options.idle},
      {"chat", options.chat},
      {"seconds", measured.length.count()},
      {"joins", measured.joins},
      {"joins_per_second", per_second(measured.joins, measured.joining)},
      {"messages", measured.messages},
      {"messages_per_second", per_second(measured.messages, measured.length)},
      {"deliveries", measured.deliveries},
      {"deliveries_per_second", per_second(measured.deliveries, measured.length)},
      {"latency_us",
       {{"p50", microseconds(measured.latencies.percentile(0.5))},
        {"p99", microseconds(measured.latencies.percentile(0.99))},
        {"max", microseconds(measured.latencies.max())}}},
  };
  if (options.deaf > 0) json["deaf"] = {{"members", options.deaf}, {"closed", measured.deaf_closed}};
  const std::string unit = options.joins_only ? "join" : "delivery";
  const auto count = options.joins_only ? measured.joins : measured.deliveries;
  json["generator_cpu_us_per_" + unit] = per(microseconds(measured.own_cpu), count);
  if (!options.processes.empty()) {
    json["server_cpu_us_per_" + unit] = per(microseconds(measured.server_cpu), count);
    if (!options.joins_only)
      json["server_cpu_cores"] = std::chrono::duration<double>(measured.server_cpu) / measured.length;
    json["memory_bytes"] = {{"start", measured.at_start.resident},
                            {"joined", measured.at_joined.resident},
                            {"per_connection", bytes_per_connection(measured)},
                            {"peak", measured.at_end.peak}};
  }
  const auto& violations = measured.violations;
  json["violations"] = {{"lost", violations.lost},           {"doubled", violations.doubled},
                        {"reordered", violations.reordered}, {"interleaved", violations.interleaved},
                        {"altered", violations.altered},     {"examples", violations.examples}};
  return json.dump() + "\n";
}

}  // namespace troupe::bench
