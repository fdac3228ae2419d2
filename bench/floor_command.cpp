#include "bench/arguments.hpp"
#include "bench/commands.hpp"
#include "bench/floor.hpp"
#include "bench/process.hpp"

#include <algorithm>
#include <sys/resource.h>

namespace troupe::bench {
namespace {

cxxopts::Options described() {
  cxxopts::Options options("troupe-bench floor",
                           "Serves IRC's fan-out and nothing else: the least that any server can cost.\n");
  options.add_options()("port", "Port to listen on, on 127.0.0.1; 0: any free one",
                        cxxopts::value<std::uint16_t>()->default_value("6667"), "N");
  // For tests of `fanout`, not for people: see fault.hpp.
  options.add_options("hidden")("fault", "", cxxopts::value<std::string>());
  return options;
}

Fault read_fault(const cxxopts::ParseResult& parsed) {
  if (parsed.count("fault") == 0) return {};
  const auto fault = Fault::parse(parsed["fault"].as<std::string>());
  if (!fault) throw UsageError("--fault is drop:N, duplicate:N or swap:N");
  return *fault;
}

}  // namespace

int floor_command(std::span<const char* const> arguments, std::ostream& out, std::ostream& err) {
  return with_arguments(described(), arguments, out, err, [&](const cxxopts::ParseResult& parsed) -> int {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    raise_file_limit(files.rlim_max);
    Floor floor(parsed["port"].as<std::uint16_t>(), read_fault(parsed));
    out << "listening on 127.0.0.1:" << floor.port() << std::endl;
    floor.run();
  });
}

}  // namespace troupe::bench
