#pragma once

#include "actors/records.hpp"
#include "db/records.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace troupe::sim {

/// What is in the records, kept in memory; it fails on demand.
struct MemoryRecords {
  std::map<std::string, db::ChannelLife> lives;
  bool away = false;
  std::size_t attempts = 0;  ///< to read or to keep, whatever became of them
};

/// How a keeper opens them.
OpenRecords opener_of_records(std::shared_ptr<MemoryRecords> records);

}  // namespace troupe::sim
