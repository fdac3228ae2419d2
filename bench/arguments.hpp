#pragma once

#include <cxxopts.hpp>

#include <exception>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>

namespace troupe::bench {

/// The program was called wrongly; `what()` says how.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Parses the arguments by `options` and, unless help was asked for, runs `command` with the result. What it
/// throws is written to `err` and becomes the exit status.
template <class Command>
int with_arguments(cxxopts::Options options, std::span<const char* const> arguments, std::ostream& out,
                   std::ostream& err, Command command) {
  try {
    options.add_options()("h,help", "Show this and exit");
    const auto parsed = options.parse(static_cast<int>(arguments.size()), arguments.data());
    if (parsed.count("help") > 0) {
      out << options.help({""});
      return 0;
    }
    if (!parsed.unmatched().empty()) throw UsageError("unexpected argument: " + parsed.unmatched().front());
    return command(parsed);
  } catch (const UsageError& error) {
    err << options.program() << ": " << error.what() << '\n';
    return 2;
  } catch (const cxxopts::exceptions::exception& error) {
    err << options.program() << ": " << error.what() << '\n';
    return 2;
  } catch (const std::exception& error) {
    err << options.program() << ": " << error.what() << '\n';
    return 1;
  }
}

}  // namespace troupe::bench
