#pragma once

#include <iosfwd>
#include <span>

namespace troupe::bench {

// The program's subcommands. Each takes its arguments, the subcommand's name first, and returns the exit
// status: 0, 1 if the server or the store failed or broke a promise (`out` or `err` says how), 2 for wrong
// usage.

int fanout_command(std::span<const char* const> arguments, std::ostream& out, std::ostream& err);
int floor_command(std::span<const char* const> arguments, std::ostream& out, std::ostream& err);
int store_command(std::span<const char* const> arguments, std::ostream& out, std::ostream& err);

}  // namespace troupe::bench
