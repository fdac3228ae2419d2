#pragma once

#include "protocol/message_id.hpp"

#include <optional>
#include <string>

namespace troupe::db {

/// An id, or a border between ids, in a small file of its own, which is written over in place: that takes no
/// space, so that it can be done on a full disk as well.
class IdMark {
 public:
  /// Opens the file, made if it is missing, readable for its owner only; a symbolic link is not followed.
  /// Throws StoreError.
  explicit IdMark(const std::string& file);
  IdMark(const IdMark&) = delete;
  IdMark& operator=(const IdMark&) = delete;
  ~IdMark();

  /// What was written last; nothing if there was nothing.
  std::optional<protocol::MessageId> read() const;

  /// Writes an id; it is durable when this returns. Throws StoreError.
  void write(const protocol::MessageId& id);

 private:
  [[noreturn]] void fail(const char* what, int error) const;

  std::string file_;
  int descriptor_;
};

}  // namespace troupe::db
