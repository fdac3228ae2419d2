#include "bench/arguments.hpp"
#include "bench/commands.hpp"
#include "bench/histogram.hpp"
#include "bench/progress.hpp"
#include "bench/report.hpp"
#include "db/message_log.hpp"
#include "protocol/message_id.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <span>
#include <vector>

namespace troupe::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct StoreOptions {
  std::string database;
  std::size_t batch = 0;
  std::size_t messages = 0;
  std::size_t channels = 0;
  std::size_t bytes = 0;
  bool keep = false;
};

struct StoreMeasurements {
  std::chrono::duration<double> length{};
  Histogram commits;
};

cxxopts::Options described() {
  cxxopts::Options options(
      "troupe-bench store",
      "Measures how fast a store keeps messages: in batches, each durable before the next.\n");
  const auto number = [](const char* fallback) {
    return cxxopts::value<std::size_t>()->default_value(fallback);
  };
  options.add_options()("database", "sqlite:FILE or postgresql://…", cxxopts::value<std::string>(), "URL")(
      "batch", "Messages in a batch", number("500"), "N")("messages", "Messages in all", number("200000"),
                                                          "N")(
      "channels", "Channels that they are of", number("10"), "N")("bytes", "Length of a text", number("64"),
                                                                  "N")(
      "keep", "Leave the messages in the store; otherwise they are removed again")(
      "json", "Print one JSON object instead of a table");
  return options;
}

StoreOptions read_options(const cxxopts::ParseResult& parsed) {
  if (parsed.count("database") == 0) throw UsageError("--database is missing");
  const auto number = [&](const char* name) { return parsed[name].as<std::size_t>(); };
  StoreOptions options{.database = parsed["database"].as<std::string>(),
                       .batch = number("batch"),
                       .messages = number("messages"),
                       .channels = number("channels"),
                       .bytes = number("bytes"),
                       .keep = parsed.count("keep") > 0};
  if (options.batch == 0 || options.channels == 0 || options.messages < options.batch)
    throw UsageError("--batch and --channels are not 0, and --messages is one batch at least");
  return options;
}

/// Makes messages as a busy server does: channels and senders take turns.
class Author {
 public:
  explicit Author(const StoreOptions& options)
      : options_(options),
        ids_([random = std::mt19937_64(std::random_device{}())]() mutable { return random(); }) {}

  /// Gives the messages of a batch new ids and senders.
  void write(std::span<db::Message> batch) {
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    for (auto& message : batch) {
      const auto sender = std::to_string(++count_ % 1000);
      message.id = ids_.next(now);
      message.time = now;
      message.channel = "#bench" + std::to_string(count_ % options_.channels);
      message.nick = message.user = "b" + sender;
      message.host = "localhost";
      message.text.assign(options_.bytes, static_cast<char>('a' + count_ % 26));
    }
  }

 private:
  const StoreOptions& options_;
  protocol::MessageIdGenerator ids_;
  std::size_t count_ = 0;
};

void remove(db::MessageLog& store, std::span<const protocol::MessageId> ids) {
  constexpr std::size_t at_once = 10'000;
  for (; !ids.empty(); ids = ids.subspan(std::min(ids.size(), at_once)))
    store.remove(ids.first(std::min(ids.size(), at_once)));
}

StoreMeasurements measure(const StoreOptions& options) {
  Progress progress;
  Author author(options);
  const auto store = db::open(options.database);
  StoreMeasurements measured;
  std::vector<protocol::MessageId> kept;
  kept.reserve(options.batch + options.messages);
  const auto append = [&](std::span<db::Message> batch) {
    author.write(batch);
    for (const auto& message : batch) kept.push_back(message.id);
    const auto begin = Clock::now();
    store->append(batch);
    return Clock::now() - begin;
  };
  std::vector<db::Message> messages(options.batch);
  append(messages);  // is not counted: it prepares statements
  for (std::size_t done = 0; done < options.messages; done += options.batch) {
    const auto taken = append(std::span(messages).first(std::min(options.batch, options.messages - done)));
    measured.commits.add(taken);
    measured.length += taken;
    if (progress.due()) progress.show("stored " + with_commas(done) + " of " + with_commas(options.messages));
  }
  if (!options.keep) remove(*store, kept);
  return measured;
}

double milliseconds(Histogram::Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

void print(std::ostream& out, const StoreOptions& options, const StoreMeasurements& measured) {
  out.setf(std::ios::fixed);
  out.precision(2);
  out << with_commas(options.messages) << " messages of " << options.bytes << " bytes, " << options.batch
      << " a batch, in " << options.channels << " channels\n"
      << "messages        "
      << with_commas(
             static_cast<std::uint64_t>(static_cast<double>(options.messages) / measured.length.count()))
      << " /s\n"
      << "commit          " << milliseconds(measured.commits.percentile(0.5)) << " ms p50, "
      << milliseconds(measured.commits.percentile(0.99)) << " ms p99, "
      << milliseconds(measured.commits.max()) << " ms max\n";
}

void print_json(std::ostream& out, const StoreOptions& options, const StoreMeasurements& measured) {
  const nlohmann::ordered_json json{
      {"messages", options.messages},
      {"batch", options.batch},
      {"channels", options.channels},
      {"bytes", options.bytes},
      {"seconds", measured.length.count()},
      {"messages_per_second", static_cast<double>(options.messages) / measured.length.count()},
      {"commit_ms",
       {{"p50", milliseconds(measured.commits.percentile(0.5))},
        {"p99", milliseconds(measured.commits.percentile(0.99))},
        {"max", milliseconds(measured.commits.max())}}}};
  out << json.dump() << '\n';
}

}  // namespace

int store_command(std::span<const char* const> arguments, std::ostream& out, std::ostream& err) {
  return with_arguments(described(), arguments, out, err, [&](const cxxopts::ParseResult& parsed) {
    const auto options = read_options(parsed);
    const auto measured = measure(options);
    parsed.count("json") > 0 ? print_json(out, options, measured) : print(out, options, measured);
    return 0;
  });
}

}  // namespace troupe::bench
