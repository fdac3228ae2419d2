#pragma once

namespace troupe::client {

/// The program's exit status, as `--help` documents it.
enum class Status {
  ok = 0,
  lost = 1,      ///< the server could not be reached, or went away
  usage = 2,     ///< wrong options
  name = 3,      ///< the name is taken or invalid
  password = 4,  ///< the server wants another password
  refused = 5,   ///< something that was sent was refused or not delivered
  output = 6,    ///< standard output can't be written
};

}  // namespace troupe::client
