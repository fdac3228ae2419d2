#pragma once

#include "db/error.hpp"
#include "db/message.hpp"
#include "log/log.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::db {

/// What the operator is told of a failover: each change once, however often it is reported.
class FailoverJournal {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  /// `spool` is what the spool is called.
  FailoverJournal(std::string spool, Time now) : spool_(std::move(spool)), away_since_(now) {}

  /// The lines since the last call.
  std::vector<log::Line> take() { return std::exchange(lines_, {}); }

  // -- home

  /// Messages go to the spool from now on, or go there still; `calm` is how long the store will have to be
  /// well.
  void away(const std::string& reason, Duration calm, Time now);
  void moved(std::size_t messages) {
    moved_ += messages;
    moved_in_all_ += messages;
  }
  std::size_t moved_in_all() const { return moved_in_all_; }
  void came_home(Time now);
  void set_aside(const Message& message, const std::string& reason);
  void refused_in_doubt(std::size_t messages, Duration waited);
  void revoked(std::size_t messages);
  void expired(std::size_t messages);
  void not_expired(const std::string& reason);

  // -- the spool; what is empty went well

  using Failure = std::optional<std::string>;
  void wrote_spool(const Failure& failure);
  void read_spool(const Failure& failure);
  void tidied(const Failure& failure);
  void unreserved(const std::string& reason);

 private:
  void say(log::Level level, std::string name, std::vector<log::Field> fields);

  std::string spool_;
  std::vector<log::Line> lines_;
  bool was_away_ = false;
  std::string away_reason_;
  Time away_since_;
  std::size_t moved_ = 0;  ///< since it was home
  std::size_t moved_in_all_ = 0;
  bool unwritable_ = false;
  bool unreadable_ = false;
  bool untidy_ = false;
};

}  // namespace troupe::db
