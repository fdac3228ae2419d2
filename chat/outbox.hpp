#pragma once

#include "chat/batch.hpp"
#include "chat/line.hpp"

#include <array>
#include <optional>

namespace troupe {

/// Gathers a batch: who is to receive what, in order.
class Outbox {
 public:
  /// Where a receiver's delivery is in the batch being gathered. Kept with the receiver, so that finding it
  /// takes no search.
  struct Slot {
    std::uint64_t batch = 0;
    std::size_t index = 0;
  };

  /// A line on its way to several receivers; written once for each shape that one of them wants.
  class Shared {
   public:
    Shared(const Line& line, protocol::Time now) : line_(line), now_(now) {}

   private:
    friend class Outbox;
    const Line& line_;
    protocol::Time now_;
    std::array<std::optional<Slice>, shapes> written_;
  };

  Delivery& to(ConnectionId id, Slot& slot);
  void send(Delivery& delivery, Shared& line, Shape shape);

  /// Writes text for one receiver alone.
  Slice write(std::string_view text);
  void send(Delivery& delivery, Slice slice);

  /// Adds a message to be stored before this batch is shown, and the line that shows it. Says its place among
  /// them.
  std::size_t store(db::Message message, const Shared& shown);

  /// Makes the message at `place` stand for its sender's answer: `kept` if it is stored, else `refused`.
  void answer(std::size_t place, ConnectionId sender, Slot& slot, Slice kept, Slice refused);

  bool empty() const { return batch_.empty(); }

  /// The number of the batch that gathers.
  std::uint64_t number() const { return number_; }

  /// The batch gathered so far; the next one begins.
  Batch take();

 private:
  Batch batch_;
  std::uint64_t number_ = 1;
};

}  // namespace troupe
