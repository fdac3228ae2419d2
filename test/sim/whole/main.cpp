// The whole chat under a seed: see docs/testing.md.
#include "test/sim/whole/run.hpp"

#include <cxxopts.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <iostream>
#include <random>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace troupe::sim;
using Clock = std::chrono::steady_clock;

constexpr std::size_t runs_to_shrink = 5000;
constexpr std::size_t last_events = 60;

struct Options {
  std::uint64_t first = 1;
  std::uint64_t last = 100;
  std::size_t steps = 2000;
  std::size_t fresh = 0;
  bool trace = false;
  bool shrinks = true;
};

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw std::invalid_argument("'" + std::string{text} + "' is no number");
  return value;
}

double seconds_since(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

std::string in_one_line(std::size_t step, std::string_view who, std::string_view what) {
  return std::to_string(step) + "\t" + std::string{who} + "\t" + std::string{what};
}

/// Whether a line of a trace is about one of these.
bool concerns(std::string_view line, const std::vector<std::string>& names) {
  const auto is_part_of_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  return std::ranges::any_of(names, [&](const std::string& name) {
    for (auto at = line.find(name); at != std::string_view::npos; at = line.find(name, at + 1)) {
      const auto end = at + name.size();
      if ((at == 0 || !is_part_of_word(line[at - 1])) && (end == line.size() || !is_part_of_word(line[end])))
        return true;
    }
    return false;
  });
}

/// Runs a script that fails once more, and prints the last of what concerns its violation.
void print_last_events(const Script& script, const Violation& violation) {
  std::deque<std::string> last;
  run(script, [&](std::size_t step, std::string_view who, std::string_view what) {
    if (who == "run" || who == "time") return;
    auto line = in_one_line(step, who, what);
    const bool of_all =
        who == "trouble" || who == "server" || who == "rest" || who == "clock" || who == "persistence";
    if (!of_all && !violation.about.empty() && !concerns(line, violation.about)) return;
    last.push_back(std::move(line));
    if (last.size() > last_events) last.pop_front();
  });
  for (const auto& line : last) std::cout << "  " << line << "\n";
}

void print(const Script& script, const Ended& ended) {
  std::cout << "seed " << script.seed << ", step " << ended.step << ": " << ended.violation->kind << ": "
            << ended.violation->what;
  for (const auto& name : ended.violation->about) std::cout << " [" << name << "]";
  std::cout << "\n  " << Plan(script.seed).describe() << "\n";
}

void report(const Script& script, const Ended& ended, bool shrinks) {
  std::cout << "\nVIOLATION ";
  print(script, ended);
  print_last_events(script, *ended.violation);
  if (!shrinks) return;
  const auto shorter = shrink(script, ended.violation->kind, runs_to_shrink);
  const auto again = run(shorter);
  std::cout << "\nthe same in " << shorter.length() << " steps and "
            << Plan(script.seed).clients - shorter.without_clients.size() << " clients: ";
  if (!again.violation) return;
  print(shorter, again);
  print_last_events(shorter, *again.violation);
}

/// True if all that was promised held.
bool simulate(std::uint64_t seed, const Options& options, std::uint64_t& happened) {
  Script script(seed);
  script.steps = options.steps;
  const auto ended = run(script);
  happened += ended.happened;
  if (ended.violation) report(script, ended, options.shrinks);
  return !ended.violation;
}

bool simulate_all(const Options& options) {
  const auto begin = Clock::now();
  auto told = begin;
  std::uint64_t happened = 0;
  const auto progress = [&](std::uint64_t seed) {
    const auto time = seconds_since(begin);
    std::cout << "seed " << seed << ": " << happened << " steps in " << time << " s, "
              << static_cast<std::uint64_t>(static_cast<double>(happened) / time) << " a second" << std::endl;
  };
  for (auto seed = options.first; seed <= options.last; ++seed) {
    if (!simulate(seed, options, happened)) return false;
    if (seconds_since(told) < 5) continue;
    told = Clock::now();
    progress(seed);
  }
  progress(options.last);
  std::random_device random;
  for (std::size_t i = 0; i < options.fresh; ++i) {
    const std::uint64_t seed = random();
    std::cout << "fresh seed " << seed << std::endl;
    if (!simulate(seed, options, happened)) return false;
  }
  return true;
}

bool trace(const Options& options) {
  Script script(options.first);
  script.steps = options.steps;
  const auto ended = run(script, [](std::size_t step, std::string_view who, std::string_view what) {
    std::cout << in_one_line(step, who, what) << "\n";
  });
  if (ended.violation) print(script, ended);
  return !ended.violation;
}

Options parse(int argc, char** argv) {
  cxxopts::Options all(
      "simulate",
      "Runs the whole chat in one thread under seeds, and checks what must hold.\n"
      "A seed's run has a number of steps, each an action that the seed draws: a client does\n"
      "something, an actor handles a message, bytes arrive, time passes, something breaks, or all\n"
      "comes to rest and is checked. The steps a second count each such event, also those at rest.\n");
  auto add = all.add_options();
  add("seeds", "which seeds to run", cxxopts::value<std::string>()->default_value("1..100"), "A..B");
  add("seed", "run this one alone", cxxopts::value<std::uint64_t>(), "S");
  add("steps", "how many each", cxxopts::value<std::size_t>()->default_value("2000"), "N");
  add("fresh", "so many random seeds besides, which are printed",
      cxxopts::value<std::size_t>()->default_value("0"), "N");
  add("trace", "print all that happens in the first one");
  add("no-shrink", "don't look for a shorter run that fails as well");
  add("help", "this");
  const auto given = all.parse(argc, argv);
  if (given.count("help") > 0) {
    std::cout << all.help();
    std::exit(0);
  }
  Options options;
  const auto seeds = given["seeds"].as<std::string>();
  const auto dots = seeds.find("..");
  options.first = number(seeds.substr(0, dots));
  options.last = dots == std::string::npos ? options.first : number(seeds.substr(dots + 2));
  if (given.count("seed") > 0) options.first = options.last = given["seed"].as<std::uint64_t>();
  options.steps = given["steps"].as<std::size_t>();
  options.fresh = given["fresh"].as<std::size_t>();
  options.trace = given.count("trace") > 0;
  options.shrinks = given.count("no-shrink") == 0;
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_level(spdlog::level::off);
  try {
    const auto options = parse(argc, argv);
    return (options.trace ? trace(options) : simulate_all(options)) ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "simulate: " << error.what() << "\n";
    return 2;
  }
}
