#include "server/open_storage.hpp"

#include "db/address.hpp"
#include "db/home.hpp"
#include "db/old_mark.hpp"
#include "db/records.hpp"
#include "log/log.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <type_traits>
#include <utility>

namespace troupe::server {
namespace {

using db::StoreError;
using Reason = db::StoreError::Reason;
using std::chrono::milliseconds;

/// How long a database is waited for that was never reached from here, and how long one at least that was.
constexpr milliseconds longest_wait{10'000};
constexpr milliseconds shortest_wait{300};
constexpr std::size_t move_limit = 1000;

[[noreturn]] void refuse(const std::string& why) { throw StoreError(Reason::refused, why); }

/// Calls `operation`; its errors begin with the option that they are about.
template <class Operation>
std::invoke_result_t<Operation> blaming(const char* option, Operation operation) {
  try {
    return operation();
  } catch (const StoreError& error) {
    throw StoreError(error.reason(), std::string(option) + ": " + error.what());
  }
}

/// The locks on the files that the options name, by which no other server works with them.
struct Locks {
  std::shared_ptr<db::FileLock> spool;
  std::shared_ptr<db::FileLock> home;  ///< null if that is not a file
};

Locks lock_files(const Options& options) {
  const auto file = db::file_of(options.database);
  if (file == ":memory:") refuse("--database: sqlite::memory: is none that can be kept; see --database none");
  Locks locks;
  if (!file.empty()) locks.home = blaming("--database", [&] { return std::make_shared<db::FileLock>(file); });
  locks.spool = blaming("--spool", [&] { return std::make_shared<db::FileLock>(options.spool); });
  if (locks.home && locks.home->is_same_file(*locks.spool))
    refuse("--spool: " + options.spool + " is the database itself: the spool has to be another file");
  if (locks.home) blaming("--database", [&] { locks.home->take(); });
  blaming("--spool", [&] { locks.spool->take(); });
  return locks;
}

/// What was found where messages are at home.
struct Reached {
  std::unique_ptr<db::HomeLog> store;
  std::string id;
  std::optional<protocol::MessageId> newest;
};

/// What `open` returns, which is given the setup with a lifeline. Throws StoreError(unavailable) if that
/// takes longer than `limit`; then the attempt goes on by itself and does nothing any more.
template <class Open>
auto open_within(milliseconds limit, db::HomeSetup setup, Open open) {
  const auto line = setup.line = std::make_shared<db::Lifeline>();
  std::packaged_task<std::invoke_result_t<Open, db::HomeSetup>()> task(
      [open = std::move(open), setup = std::move(setup)] { return open(setup); });
  auto result = task.get_future();
  std::thread(std::move(task)).detach();
  if (result.wait_for(limit) != std::future_status::ready) {
    line->sever();
    throw StoreError(Reason::unavailable, "no answer within " + std::to_string(limit.count()) + " ms");
  }
  return result.get();
}

Reached reach(const std::string& url, const db::HomeSetup& setup, milliseconds limit) {
  return open_within(limit, setup, [url](const db::HomeSetup& how) {
    Reached reached;
    reached.store = db::open_home(url, how);
    reached.id = reached.store->id();
    reached.newest = reached.store->newest();
    return reached;
  });
}

/// The records, and what they hold.
struct ReadRecords {
  std::unique_ptr<db::Records> records;
  std::vector<db::ChannelLife> lives;
};

ReadRecords read_records(const std::string& url, const db::HomeSetup& setup, milliseconds limit) {
  return open_within(limit, setup, [url](const db::HomeSetup& how) {
    ReadRecords read;
    read.records = db::open_records(url, how);
    read.lives = read.records->lives();
    return read;
  });
}

/// A connection that was made already, for the first who takes it; closed if nobody does.
template <class Connection>
class Made {
 public:
  explicit Made(std::unique_ptr<Connection> connection) : connection_(connection.release()) {}
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;
  ~Made() { take(); }

  /// Null if it was taken before. From any thread.
  std::unique_ptr<Connection> take() { return std::unique_ptr<Connection>{connection_.exchange(nullptr)}; }

 private:
  std::atomic<Connection*> connection_;
};

/// Gives out a connection that was made already, once; then those that `open` makes.
template <class Connection, class Open>
std::function<std::unique_ptr<Connection>(std::shared_ptr<db::Lifeline>)> handing_over(
    std::unique_ptr<Connection> connection, Open open) {
  const auto first = std::make_shared<Made<Connection>>(std::move(connection));
  return [first, open = std::move(open)](std::shared_ptr<db::Lifeline> line) -> std::unique_ptr<Connection> {
    if (auto connection = first->take()) {
      connection->hold(std::move(line));
      return connection;
    }
    return open(std::move(line));
  };
}

/// Refuses to bring messages to a database that is not theirs. `size` tells how many wait in the spool.
template <class Size>
void check_home(const std::optional<db::Home>& belongs_to, const db::Home& reached, const Options& options,
                Size size) {
  if (belongs_to &&
      (belongs_to->id == reached.id || (belongs_to->id.empty() && belongs_to->address == reached.address)))
    return;
  const std::size_t count = size();
  if (count == 0) return;
  const auto whose =
      belongs_to ? belongs_to->address : "a database that an earlier release knew by another URL";
  refuse("--spool: " + options.spool + " holds " + std::to_string(count) + " messages for " + whose +
         (belongs_to && belongs_to->address == reached.address ? " as it was before" : "") +
         ", which is not the database at " + reached.address +
         ": start once with theirs, so that they move there (but for those that it refused for ever), or put "
         "the spool's files away");
}

/// Opens storage, step by step.
class Opener {
 public:
  explicit Opener(const Options& options)
      : options_(options), address_(db::address_of(options.database)), locks_(lock_files(options)) {}

  OpenedStorage open() {
    try {
      open_spool();
    } catch (const StoreError& error) {
      if (error.reason() != Reason::full) throw;
      return open_with_full_spool(error);
    }
    try {
      auto reached = blaming("--database", [&] { return reach_home(); });
      settle(reached);
      return with_home(std::move(reached));
    } catch (const StoreError& error) {
      const bool is_away = error.reason() != Reason::refused && error.reason() != Reason::rejected;
      if (!is_away || !was_reached_before()) throw;
      log::warn("starting without the database, messages go to the spool",
                {{"spool", options_.spool}, {"reason", error.what()}});
    }
    OpenedStorage opened{describe(home_->id, nullptr, {}), std::max(spool_->newest(), spool_->reserved())};
    return opened;
  }

 private:
  void open_spool() {
    const db::OldMark mark(options_.spool);
    spool_ = blaming("--spool", [&] { return db::open_spool(options_.spool, locks_.spool); });
    blaming("--spool", [&] {
      installation_ = db::spool_id(options_.spool) + "/" + locks_.spool->inode();
      home_ = spool_->home();
    });
    if (mark.exists() && !home_) take_over(mark);
  }

  /// The spool is one of an earlier release, which knew its home by a hash of the URL only.
  void take_over(const db::OldMark& mark) {
    if (mark.is_of(options_.database)) {
      spool_->dedicate({"", address_});
      home_ = spool_->home();
    } else if (spool_->newest()) {
      check_home({}, {"", address_}, options_, [&] { return db::spool_size(options_.spool); });
    }
    mark.remove();
  }

  bool was_reached_before() const { return home_ && home_->address == address_; }

  db::HomeSetup setup() const {
    db::HomeSetup setup;
    setup.installation = installation_;
    setup.lock = locks_.home;
    return setup;
  }

  milliseconds time_to_reach() const {
    return was_reached_before() ? std::max(options_.commit_timeout, shortest_wait) : longest_wait;
  }

  Reached reach_home() const {
    const auto limit = time_to_reach();
    auto how = setup();
    how.patience = limit;
    return reach(options_.database, how, limit);
  }

  /// What the records hold. That they can't be read in time is no reason not to start.
  std::optional<ReadRecords> reach_records(const std::string& id) const {
    auto how = setup();
    how.id = id;
    how.patience = time_to_reach();
    try {
      return blaming("--database", [&] { return read_records(options_.database, how, how.patience); });
    } catch (const StoreError& error) {
      if (error.reason() == Reason::refused || error.reason() == Reason::rejected) throw;
      log::warn("starting without the records", {{"reason", error.what()}});
      return {};
    }
  }

  /// Makes sure that spool and database belong together, now and later.
  void settle(const Reached& reached) {
    const db::Home home{reached.id, address_};
    check_home(home_, home, options_,
               [&] { return spool_->newest() ? db::spool_size(options_.spool) : std::size_t{0}; });
    if (home_ == home) return;
    try {
      blaming("--spool", [&] { spool_->dedicate(home); });
    } catch (const StoreError& error) {
      // It is right already, but for how the address is written.
      if (error.reason() != Reason::full || !home_ || home_->id != home.id) throw;
    }
    home_ = home;
  }

  OpenedStorage with_home(Reached reached) const {
    const auto newest = reached.newest;
    const auto spooled = spool_ ? spool_->newest() : std::nullopt;
    auto storage = describe(reached.id, std::move(reached.store), reach_records(reached.id));
    storage.at_home = spool_ && !spooled;
    return {std::move(storage), std::max(newest, spooled)};
  }

  /// What the actors open for themselves; the first writing store is `opened`, unless that is null.
  Storage describe(const std::string& id, std::unique_ptr<db::HomeLog> opened,
                   std::optional<ReadRecords> read) const {
    auto setup = this->setup();
    setup.id = id;
    setup.patience = options_.commit_timeout;
    const auto with = [setup](std::shared_ptr<db::Lifeline> line) {
      auto how = setup;
      how.line = std::move(line);
      return how;
    };
    Storage storage;
    storage.open_store = handing_over(std::move(opened), [url = options_.database, with](auto line) {
      return db::open_home(url, with(std::move(line)));
    });
    if (read) storage.lives = std::move(read->lives);
    storage.open_records = handing_over(
        read ? std::move(read->records) : nullptr,
        [url = options_.database, with](auto line) { return db::open_records(url, with(std::move(line))); });
    storage.open_reader = [url = options_.database, setup](std::shared_ptr<db::Lifeline> line) {
      auto how = setup;
      how.installation.clear();
      how.line = std::move(line);
      return db::open_home(url, how);
    };
    storage.open_spool = [file = options_.spool, lock = locks_.spool, home = db::Home{id, address_}] {
      auto spool = db::open_spool(file, lock);
      if (!spool->home()) spool->dedicate(home);  // it was made anew
      return spool;
    };
    storage.spool_name = options_.spool;
    storage.commit_timeout = options_.commit_timeout;
    storage.keep = std::chrono::days{options_.keep_days};
    return storage;
  }

  /// The spool can't even be opened for lack of space. If the database can be reached, what is in the spool
  /// moves there; the spool is opened by whoever needs it when there is space again.
  OpenedStorage open_with_full_spool(const StoreError& error) {
    const db::OldMark mark(options_.spool);
    std::optional<db::FullSpool> spool(std::in_place, options_.spool);
    home_ = spool->home();
    if (!home_ && mark.is_of(options_.database)) home_ = db::Home{"", address_};
    installation_ = spool->id() + "/" + locks_.spool->inode();
    auto reached = blaming("--database", [&] { return reach_home(); });
    check_home(home_, {reached.id, address_}, options_, [&] { return spool->size(); });
    log::error("the spool's disk is full", {{"spool", options_.spool}, {"reason", error.what()}});
    reached.newest = std::max(reached.newest, move_home(*spool, *reached.store));
    const bool is_home = !spool->has_set_aside();
    spool.reset();
    if (is_home) {
      db::clear_spool(options_.spool, *locks_.spool);
      mark.remove();
    }
    return with_home(std::move(reached));
  }

  /// Copies what is in the spool, and says which was the last one.
  std::optional<protocol::MessageId> move_home(db::FullSpool& spool, db::MessageLog& home) const {
    std::optional<protocol::MessageId> last;
    std::size_t count = 0;
    while (true) {
      const auto part = spool.oldest(move_limit, last.value_or(protocol::MessageId{}));
      if (part.empty()) break;
      blaming("--database", [&] { home.append(part); });
      last = part.back().id;
      count += part.size();
    }
    if (count > 0) log::info("spool of an earlier run unloaded", {{"messages", count}});
    return last;
  }

  const Options& options_;
  const std::string address_;
  const Locks locks_;
  std::string installation_;          ///< who writes, see db::HomeSetup
  std::unique_ptr<db::Spool> spool_;  ///< null if it can't be opened
  std::optional<db::Home> home_;      ///< that the spool belongs to
};

}  // namespace

OpenedStorage open_storage(const Options& options) { return Opener(options).open(); }

std::future<OpenedStorage> start_opening_storage(const Options& options, std::function<void()> done) {
  std::packaged_task<OpenedStorage()> task([options] { return open_storage(options); });
  auto result = task.get_future();
  std::thread([task = std::move(task), done = std::move(done)]() mutable {
    task();
    done();
  }).detach();
  return result;
}

}  // namespace troupe::server
