#include "test/sim/memory_store.hpp"

#include <algorithm>
#include <utility>

namespace troupe::sim {

namespace {

/// One connection of several to a store in memory.
class Connection final : public db::Spool {
 public:
  explicit Connection(std::shared_ptr<MemoryStore> store) : store_(std::move(store)) {}

  void append(std::span<const db::Message> messages) override { store_->append(messages); }
  std::vector<db::Message> read(const db::Query& query) override { return store_->read(query); }
  std::vector<protocol::MessageId> ids(const db::Query& query) override { return store_->ids(query); }
  std::vector<db::Message> oldest(std::size_t limit, const protocol::MessageId& after) override {
    return store_->oldest(limit, after);
  }
  std::optional<protocol::MessageId> newest() override { return store_->newest(); }
  std::size_t remove_before(protocol::Time time, std::size_t limit, protocol::Time now) override {
    return store_->remove_before(time, limit, now);
  }
  void remove(std::span<const protocol::MessageId> ids) override { store_->remove(ids); }
  void set_aside(std::span<const protocol::MessageId> ids) override { store_->set_aside(ids); }
  void reserve(const protocol::MessageId& up_to) override { store_->reserve(up_to); }
  std::optional<protocol::MessageId> reserved() override { return store_->reserved(); }
  std::optional<db::Home> home() override { return store_->home(); }
  void dedicate(const db::Home& home) override { store_->dedicate(home); }

 private:
  std::shared_ptr<MemoryStore> store_;
};

/// A spool without room: what the store can't keep is kept by nobody.
class FullSpool final : public db::Spool {
 public:
  void append(std::span<const db::Message>) override { fail(); }
  std::vector<db::Message> read(const db::Query&) override { return {}; }
  std::vector<protocol::MessageId> ids(const db::Query&) override { return {}; }
  std::vector<db::Message> oldest(std::size_t, const protocol::MessageId&) override { return {}; }
  std::optional<protocol::MessageId> newest() override { return {}; }
  std::size_t remove_before(protocol::Time, std::size_t, protocol::Time) override { return 0; }
  void remove(std::span<const protocol::MessageId>) override {}
  void set_aside(std::span<const protocol::MessageId>) override { fail(); }
  void reserve(const protocol::MessageId&) override { fail(); }
  std::optional<protocol::MessageId> reserved() override { return {}; }
  std::optional<db::Home> home() override { return {}; }
  void dedicate(const db::Home&) override { fail(); }

 private:
  [[noreturn]] static void fail() { throw db::StoreError(db::StoreError::Reason::full, "the spool is full"); }
};

}  // namespace

void MemoryStore::becomes_well() {
  away = loses_answers = forgets = full = is_cut = false;
  fails = [] { return false; };
  refused_.clear();
}

bool MemoryStore::has(std::string_view text) const {
  return std::ranges::find(kept, text, &db::Message::text) != kept.end();
}

std::vector<std::string> MemoryStore::texts() const {
  std::vector<std::string> texts;
  for (const auto& message : kept) texts.push_back(message.text);
  return texts;
}

void MemoryStore::answer() const {
  if (away) throw db::StoreError(db::StoreError::Reason::unavailable, "the store is away");
}

std::vector<db::Message> MemoryStore::in_order() const {
  answer();
  auto all = kept;
  std::ranges::sort(all, {}, &db::Message::id);
  return all;
}

void MemoryStore::write() const {
  answer();
  if (full) throw db::StoreError(db::StoreError::Reason::full, "the store is full");
}

void MemoryStore::append(std::span<const db::Message> messages) {
  ++(messages.empty() ? probes : appends);
  write();
  if (!messages.empty() && (refused_.contains(messages.front().id) || fails())) {
    refused_.insert(messages.front().id);
    throw db::StoreError(db::StoreError::Reason::unavailable, "the store is away");
  }
  if (rejects && std::ranges::any_of(messages, rejects))
    throw db::StoreError(db::StoreError::Reason::rejected, "the store never takes this");
  if (!forgets)
    for (const auto& message : messages)
      if (ids_.insert(message.id).second) {
        kept.push_back(message);
        if (on_kept) on_kept(message);
      }
  if (loses_answers || forgets || std::exchange(is_cut, false))
    throw db::StoreError(db::StoreError::Reason::lost, "the connection is lost");
}

std::vector<db::Message> MemoryStore::read(const db::Query& query) {
  answer();
  std::vector<db::Message> found;
  std::ranges::copy_if(kept, std::back_inserter(found), [&](const db::Message& message) {
    return message.channel == query.channel && (!query.after || message.id > *query.after) &&
           (!query.before || message.id < *query.before);
  });
  std::ranges::sort(found, {}, &db::Message::id);
  db::cut(query, found);
  return found;
}

std::vector<protocol::MessageId> MemoryStore::ids(const db::Query& query) {
  auto all = query;
  all.bytes = std::numeric_limits<std::size_t>::max();
  std::vector<protocol::MessageId> ids;
  std::ranges::transform(read(all), std::back_inserter(ids), &db::Message::id);
  return ids;
}

std::vector<db::Message> MemoryStore::oldest(std::size_t limit, const protocol::MessageId& after) {
  auto found = in_order();
  std::erase_if(found, [&](const db::Message& message) {
    return message.id <= after || set_aside_.contains(message.id);
  });
  found.resize(std::min(found.size(), limit));
  return found;
}

std::optional<protocol::MessageId> MemoryStore::newest() {
  answer();
  return ids_.empty() ? std::nullopt : std::optional{*ids_.rbegin()};
}

std::size_t MemoryStore::remove_before(protocol::Time time, std::size_t limit, protocol::Time now) {
  auto oldest = in_order();
  std::erase_if(oldest, [&](const db::Message& message) { return message.time > now; });
  oldest.resize(std::min(oldest.size(), limit));
  std::erase_if(oldest, [&](const db::Message& message) { return message.time >= time; });
  std::vector<protocol::MessageId> ids;
  std::ranges::transform(oldest, std::back_inserter(ids), &db::Message::id);
  remove(ids);
  return ids.size();
}

void MemoryStore::remove(std::span<const protocol::MessageId> ids) {
  write();
  const std::set<protocol::MessageId> gone(ids.begin(), ids.end());
  const auto last = std::stable_partition(
      kept.begin(), kept.end(), [&](const db::Message& message) { return !gone.contains(message.id); });
  const std::vector<db::Message> removed(last, kept.end());
  kept.erase(last, kept.end());
  for (const auto& id : gone) ids_.erase(id);
  if (on_removed) std::ranges::for_each(removed, on_removed);
}

void MemoryStore::set_aside(std::span<const protocol::MessageId> ids) {
  write();
  set_aside_.insert(ids.begin(), ids.end());
}

void MemoryStore::reserve(const protocol::MessageId& up_to) {
  write();
  ++reservations;
  reserved_ = std::max(reserved_, std::optional{up_to});
}

std::optional<protocol::MessageId> MemoryStore::reserved() {
  answer();
  return reserved_;
}

std::optional<db::Home> MemoryStore::home() {
  answer();
  return home_;
}

void MemoryStore::dedicate(const db::Home& home) {
  answer();
  home_ = home;
}

OpenStore opener_of_store(std::shared_ptr<MemoryStore> store) {
  return [store] { return std::make_unique<Connection>(store); };
}

OpenSpool opener_of_spool(std::shared_ptr<MemoryStore> store, bool room) {
  return [store, room]() -> std::unique_ptr<db::Spool> {
    if (room) return std::make_unique<Connection>(store);
    return std::make_unique<FullSpool>();
  };
}

}  // namespace troupe::sim
