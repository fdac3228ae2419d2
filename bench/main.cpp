#include "bench/commands.hpp"

#include <iostream>
#include <span>
#include <string_view>

int main(int argc, char** argv) {
  using namespace troupe::bench;
  constexpr std::string_view usage =
      "usage: troupe-bench fanout|floor|store [OPTION...]\n"
      "  fanout  plays very many clients of an IRC server, and measures it\n"
      "  floor   serves IRC's fan-out and nothing else: the least that any server can cost\n"
      "  store   measures how fast a store keeps messages\n"
      "Each has a --help of its own.\n"
      "\n"
      "Exit status: 0; 1 if the server or the store failed, or lost, doubled, reordered\n"
      "or altered a message; 2 for wrong usage.\n";
  const std::span<const char* const> arguments(argv, static_cast<std::size_t>(argc));
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "fanout") return fanout_command(arguments.subspan(1), std::cout, std::cerr);
  if (command == "floor") return floor_command(arguments.subspan(1), std::cout, std::cerr);
  if (command == "store") return store_command(arguments.subspan(1), std::cout, std::cerr);
  const bool asked = command == "--help" || command == "-h" || command == "help";
  (asked ? std::cout : std::cerr) << usage;
  return asked ? 0 : 2;
}
