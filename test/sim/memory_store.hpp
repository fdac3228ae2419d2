#pragma once

#include "actors/keeper.hpp"
#include "db/spool.hpp"
#include "db/storage.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sim {

/// Keeps messages in memory, as home or as spool, and fails on demand.
class MemoryStore final : public db::Spool {
 public:
  std::vector<db::Message> kept;                       ///< in the order in which they came
  std::size_t appends = 0;                             ///< of messages asked for, whatever became of them
  std::size_t probes = 0;                              ///< appends of nothing
  std::function<bool()> fails = [] { return false; };  ///< asked before messages are kept
  bool away = false;                                   ///< whatever it is asked, it does not answer
  bool loses_answers = false;                          ///< what it is given is kept, but seems to fail
  bool forgets = false;                             ///< what it is given is not kept, and its answer is lost
  bool full = false;                                ///< it can be read, not written
  std::function<bool(const db::Message&)> rejects;  ///< messages that it will never take; may be empty
  bool is_cut = false;                              ///< the next append is kept, but its answer lost
  std::size_t reservations = 0;
  /// Told of each message that is kept, and that is removed; null for nobody.
  std::function<void(const db::Message&)> on_kept;
  std::function<void(const db::Message&)> on_removed;

  void becomes_well();
  bool has(std::string_view text) const;
  std::vector<std::string> texts() const;

  void append(std::span<const db::Message> messages) override;
  std::vector<db::Message> read(const db::Query& query) override;
  std::vector<protocol::MessageId> ids(const db::Query& query) override;
  std::vector<db::Message> oldest(std::size_t limit, const protocol::MessageId& after = {}) override;
  std::optional<protocol::MessageId> newest() override;
  std::size_t remove_before(protocol::Time time, std::size_t limit, protocol::Time now) override;
  void remove(std::span<const protocol::MessageId> ids) override;
  void set_aside(std::span<const protocol::MessageId> ids) override;
  void reserve(const protocol::MessageId& up_to) override;
  std::optional<protocol::MessageId> reserved() override;
  std::optional<db::Home> home() override;
  void dedicate(const db::Home& home) override;

 private:
  void answer() const;  ///< throws if it is away
  void write() const;   ///< throws if it is away, or full
  std::vector<db::Message> in_order() const;

  std::set<protocol::MessageId> ids_;  ///< of `kept`
  std::set<protocol::MessageId> set_aside_;
  std::optional<protocol::MessageId> reserved_;
  std::optional<db::Home> home_;
  std::set<protocol::MessageId>
      refused_;  ///< where a batch began that failed: it fails again when it is tried again
};

/// How keepers open such a store as home or as spool; without room that spool keeps nothing.
OpenStore opener_of_store(std::shared_ptr<MemoryStore> store);
OpenSpool opener_of_spool(std::shared_ptr<MemoryStore> store, bool room);

}  // namespace troupe::sim
