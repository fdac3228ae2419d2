#pragma once

#include <optional>
#include <string>

namespace troupe::db {

/// The file ".home" that the first release put beside a spool, to know again the database that it belongs to:
/// it holds a hash of the URL, password included. A spool says that in itself now, and the file is taken over
/// once.
class OldMark {
 public:
  /// Looks for the mark beside this file.
  explicit OldMark(const std::string& file);

  /// Whether anything has the mark's name: then the file beside it was a spool.
  bool has_name() const { return has_name_; }
  /// Whether it is a mark: a regular file, never what a symbolic link leads to.
  bool exists() const { return mark_.has_value(); }
  /// Whether it is that of the database with this URL.
  bool is_of(const std::string& url) const;

  /// It has been taken over.
  void remove() const;

 private:
  std::string file_;
  bool has_name_ = false;
  std::optional<std::string> mark_;
};

}  // namespace troupe::db
