#include "db/failover/journal.hpp"

namespace troupe::db {
namespace {

using log::Level;

std::int64_t milliseconds_in(FailoverJournal::Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

void FailoverJournal::away(const std::string& reason, Duration calm, Time now) {
  if (!std::exchange(was_away_, true)) {
    away_since_ = now;
    say(Level::error, "database away, messages go to the spool",
        {{"spool", spool_}, {"reason", reason}, {"calm_ms", milliseconds_in(calm)}});
  } else if (reason != away_reason_) {
    say(Level::warn, "database still away", {{"reason", reason}});
  }
  away_reason_ = reason;
}

void FailoverJournal::came_home(Time now) {
  const auto moved = std::exchange(moved_, 0);
  if (std::exchange(was_away_, false))
    say(Level::info, "database back, spool unloaded",
        {{"messages", moved}, {"away_ms", milliseconds_in(now - away_since_)}});
  else if (moved > 0)
    say(Level::info, "messages moved from the spool into the database", {{"messages", moved}});
}

void FailoverJournal::set_aside(const Message& message, const std::string& reason) {
  say(Level::error, "the database refuses a message for ever, it is set aside in the spool",
      {{"msgid", to_string(message.id)}, {"channel", message.channel}, {"reason", reason}});
}

void FailoverJournal::refused_in_doubt(std::size_t messages, Duration waited) {
  say(Level::warn, "messages are refused, and will be removed should they turn out to be kept",
      {{"messages", messages}, {"waited_ms", milliseconds_in(waited)}});
}

void FailoverJournal::revoked(std::size_t messages) {
  say(Level::info, "refused messages are certainly not in the database now", {{"messages", messages}});
}

void FailoverJournal::expired(std::size_t messages) {
  if (messages > 0) say(Level::info, "removed old messages", {{"messages", messages}});
}

void FailoverJournal::not_expired(const std::string& reason) {
  say(Level::warn, "old messages could not be removed", {{"reason", reason}});
}

void FailoverJournal::wrote_spool(const Failure& failure) {
  if (std::exchange(unwritable_, failure.has_value()) == failure.has_value()) return;
  if (failure)
    say(Level::error, "the spool can't be written", {{"spool", spool_}, {"reason", *failure}});
  else
    say(Level::info, "the spool can be written again", {{"spool", spool_}});
}

void FailoverJournal::read_spool(const Failure& failure) {
  if (!std::exchange(unreadable_, failure.has_value()) && failure)
    say(Level::warn, "the spool can't be read, what it holds stays there for now",
        {{"spool", spool_}, {"reason", *failure}});
}

void FailoverJournal::tidied(const Failure& failure) {
  if (std::exchange(untidy_, failure.has_value()) == failure.has_value()) return;
  if (failure)
    say(Level::warn, "what was moved can't be removed from the spool yet",
        {{"spool", spool_}, {"reason", *failure}});
  else
    say(Level::info, "what was moved is being removed from the spool", {{"spool", spool_}});
}

void FailoverJournal::unreserved(const std::string& reason) {
  say(Level::warn,
      "ids can't be reserved in the spool: if the clock goes back before the next start, and the database is "
      "away then, messages may be out of order",
      {{"spool", spool_}, {"reason", reason}});
}

void FailoverJournal::say(Level level, std::string name, std::vector<log::Field> fields) {
  lines_.push_back({level, {std::move(name), std::move(fields)}});
}

}  // namespace troupe::db
