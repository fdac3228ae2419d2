#pragma once

#include <chrono>
#include <string>

namespace troupe::db {

/// A file that this process has for itself among all that ask this way (flock(2)), by whichever of its names.
/// The kernel lets go of it when the process ends, however it does.
///
/// To be destroyed after every SQLite connection to the file: closing any descriptor of a file drops the
/// locks that SQLite has on it.
class FileLock {
 public:
  /// Opens the file, made if it is missing, readable for its owner only. It is not locked yet. Throws
  /// StoreError.
  explicit FileLock(const std::string& file);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  /// Locks it. A process that was killed a moment ago may still be ending: it is given so long. Throws
  /// StoreError(refused) if another process has it.
  void take(std::chrono::milliseconds patience = std::chrono::milliseconds{500});

  /// Whether both are one file, under whatever names.
  bool is_same_file(const FileLock& other) const;

  /// What tells this file from a copy of it.
  std::string inode() const;

  /// Empties the file.
  void truncate();

 private:
  [[noreturn]] void fail(const char* what, int error) const;

  std::string file_;
  int descriptor_;
};

}  // namespace troupe::db
