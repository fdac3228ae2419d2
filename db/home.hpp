#pragma once

#include "db/file_lock.hpp"
#include "db/lifeline.hpp"
#include "db/message_log.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace troupe::db {

/// The database where messages are meant to be: their home. (A spool is where they wait for it.)
class HomeLog : public MessageLog {
 public:
  /// What the database says of itself: the same whenever it is opened, also by another address or after a
  /// move; that of no other database, except a copy.
  virtual std::string id() = 0;

  /// From now on this lifeline counts.
  virtual void hold(std::shared_ptr<Lifeline> line) = 0;
};

/// How a home is opened.
struct HomeSetup {
  std::shared_ptr<Lifeline> line = nullptr;  ///< null: nobody cuts it

  /// The database that it has to be: another one under its address is refused. Empty: whichever it is.
  std::string id = {};

  /// Whoever gives a name here writes, and alone: a second writer of another name is refused, an old
  /// connection of the same name is ended first, so that nothing it was asked to do can happen any more. A
  /// name stands for one server that can't run twice at a time. Empty: no such care. For PostgreSQL only: a
  /// file is held by a FileLock.
  std::string installation = {};

  /// Kept as long as the store lives; null for none. For a SQLite file.
  std::shared_ptr<FileLock> lock = nullptr;

  /// How long another one's lock on a file is waited for.
  std::chrono::milliseconds patience{5000};
};

/// The home that `url` names, see `open`.
std::unique_ptr<HomeLog> open_home(const std::string& url, HomeSetup setup);

}  // namespace troupe::db
