#pragma once

#include "server/options.hpp"

#include <optional>
#include <string>

namespace troupe::server {

/// The file ".home" that the first release put beside a spool, to know again the database that it belongs to:
/// it holds a hash of the URL, password included. A spool says that in itself now, and the file is taken over
/// once. Only a regular file counts, never what a symbolic link leads to.
class OldMark {
 public:
  explicit OldMark(const Options& options);

  /// Whether there is one, and whether it is that of the database in the options.
  bool exists() const { return mark_.has_value(); }
  bool is_of_database() const;

  /// It has been taken over.
  void remove() const;

 private:
  std::string file_;
  std::string database_;
  std::optional<std::string> mark_;
};

}  // namespace troupe::server
