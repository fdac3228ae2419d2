#pragma once

#include "db/lifeline.hpp"
#include "db/records.hpp"
#include "db/spool.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// Where and how messages are kept.
struct Storage {
  /// Make a connection each: to the database's messages, to write to them, as the only one that does, or to
  /// read only; to its records; and to the local file that takes its place while it is away. A store's
  /// connection is cut when its lifeline is. Called on the thread that uses the connection.
  std::function<std::unique_ptr<db::MessageLog>(std::shared_ptr<db::Lifeline>)> open_store;
  std::function<std::unique_ptr<db::MessageLog>(std::shared_ptr<db::Lifeline>)> open_reader;
  std::function<std::unique_ptr<db::Records>(std::shared_ptr<db::Lifeline>)> open_records;
  std::function<std::unique_ptr<db::Spool>()> open_spool;

  /// What the records hold of channels' lives; nothing if they could not be read at the start.
  std::optional<std::vector<db::ChannelLife>> lives;
  bool at_home = false;                           ///< the store was just reached, and the spool is empty
  std::string spool_name;                         ///< as the log names it
  std::chrono::milliseconds commit_timeout{500};  ///< how long a commit may take before the spool takes over
  std::chrono::hours keep{0};                     ///< how long messages are kept; 0: for ever
};

}  // namespace troupe
