#include "db/file_error.hpp"

#include <cerrno>
#include <system_error>

namespace troupe::db {

StoreError file_error(const std::string& what, int error) {
  const auto reason = error == ENOSPC || error == EDQUOT   ? StoreError::Reason::full
                      : error == EMFILE || error == ENFILE ? StoreError::Reason::unavailable
                                                           : StoreError::Reason::refused;
  return {reason, what + ": " + std::generic_category().message(error)};
}

}  // namespace troupe::db
