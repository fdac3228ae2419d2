#pragma once

#include <stdexcept>
#include <string>

namespace troupe::db {

/// Why a store could not do what it was asked.
class StoreError : public std::runtime_error {
 public:
  enum class Reason {
    unavailable,  ///< it does not answer or can't do it now: worth another try later. Nothing of an append
                  ///< was kept
    lost,         ///< its answer was lost: worth another try, but whether an append was kept is not known
    full,         ///< no room on its disk; nothing of an append was kept
    rejected,     ///< it will never take these very messages; others it may
    refused,      ///< it will never do anything: a wrong password, a schema newer than the program, a broken
                  ///< file, another database than it should be
  };

  StoreError(Reason reason, const std::string& what) : std::runtime_error(what), reason_(reason) {}
  Reason reason() const noexcept { return reason_; }

 private:
  Reason reason_;
};

}  // namespace troupe::db
