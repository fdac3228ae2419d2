#include "server/storage.hpp"

#include "actors/reason.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <fstream>
#include <functional>

namespace troupe::server {
namespace {

/// The mark, beside the spool, of the database that the spool belongs to.
class HomeMark {
 public:
  explicit HomeMark(const Options& options)
      : file_(options.spool + ".home"), mark_(std::to_string(std::hash<std::string>{}(options.database))) {}

  bool is_set() const {
    std::string mark;
    return std::ifstream(file_) >> mark && mark == mark_;
  }

  void set() const {
    if (!is_set()) std::ofstream(file_) << mark_ << '\n';
  }

 private:
  std::string file_;
  std::string mark_;  ///< a hash: the URL may hold a password
};

}  // namespace

OpenedStorage open_storage(const Options& options) {
  OpenedStorage opened;
  auto& storage = opened.storage;
  storage.open_store = [url = options.database](std::shared_ptr<db::Lifeline> line) {
    return db::open(url, std::move(line));
  };
  storage.open_spool = [file = options.spool] { return db::open_spool(file); };
  storage.spool_name = options.spool;
  storage.commit_timeout = options.commit_timeout;
  storage.keep = std::chrono::days{options.keep_days};

  opened.newest = storage.open_spool()->newest();
  const HomeMark home(options);
  try {
    opened.newest = std::max(opened.newest, storage.open_store(nullptr)->newest());
    home.set();
  } catch (const db::StoreError& error) {
    if (error.reason() != db::StoreError::Reason::unavailable || !home.is_set()) throw;
    spdlog::warn("starting without the database, messages go to the spool={} reason={}", options.spool,
                 in_quotes(error.what()));
  }
  return opened;
}

}  // namespace troupe::server
