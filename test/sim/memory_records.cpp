#include "test/sim/memory_records.hpp"

#include <utility>

namespace troupe::sim {
namespace {

class Connection final : public db::Records {
 public:
  explicit Connection(std::shared_ptr<MemoryRecords> records) : records_(std::move(records)) {}

  std::vector<db::ChannelLife> lives() override {
    answer();
    std::vector<db::ChannelLife> lives;
    for (const auto& [channel, life] : records_->lives) lives.push_back(life);
    return lives;
  }

  void keep(std::span<const db::ChannelLife> lives) override {
    answer();
    for (const auto& life : lives) {
      if (life.is_plain())
        records_->lives.erase(life.channel);
      else
        records_->lives[life.channel] = life;
    }
  }

  void hold(std::shared_ptr<db::Lifeline>) override {}

 private:
  void answer() const {
    ++records_->attempts;
    if (records_->away) throw db::StoreError(db::StoreError::Reason::unavailable, "the records are away");
  }

  std::shared_ptr<MemoryRecords> records_;
};

}  // namespace

OpenRecords opener_of_records(std::shared_ptr<MemoryRecords> records) {
  return [records] { return std::make_unique<Connection>(records); };
}

}  // namespace troupe::sim
