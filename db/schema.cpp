#include "db/schema.hpp"

#include "db/store.hpp"

#include <cstddef>
#include <string>

namespace troupe::db {

std::span<const Migration> pending(std::span<const Migration> migrations, long version) {
  const auto known = static_cast<long>(migrations.size());
  if (version > known) {
    throw StoreError(StoreError::Reason::refused, "the database's schema has version " +
                                                      std::to_string(version) + ", this program knows " +
                                                      std::to_string(known) + ": a newer Troupe made it");
  }
  if (version < 0) {
    throw StoreError(StoreError::Reason::refused,
                     "the database's schema has version " + std::to_string(version) + ", which never was");
  }
  return migrations.subspan(static_cast<std::size_t>(version));
}

}  // namespace troupe::db
