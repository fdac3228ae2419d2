#pragma once

#include "chat/batch.hpp"
#include "chat/line.hpp"
#include "protocol/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// The lines that answer one command, and the label that ties them to it (labeled-response). A long answer is
/// told in portions, its label and its batch go from the first one to the last.
class Response {
 public:
  /// `label` is empty if the command had none, or its sender did not negotiate labels.
  Response(std::string_view server, std::string_view label) : server_(server), label_(label) {}

  /// Adds a line, whatever comes of the command. It may still be written on until the next one is added.
  Line& add(Line line) { return insert(std::move(line), Batch::Outcome::any); }
  /// Adds a line that is only told if what the command said was kept. (Not in a portion.)
  Line& add_if_kept(Line line) { return insert(std::move(line), Batch::Outcome::kept); }
  /// Adds a line that is only told if it could not be kept. (Not in a portion.)
  Line& add_if_refused(Line line) { return insert(std::move(line), Batch::Outcome::refused); }

  /// Makes the answer a batch of this type and parameters, however many lines it has (batch).
  void become_batch(std::string type) { batch_ = std::move(type); }

  /// About how many bytes have been added that were not told yet.
  std::size_t size() const;

  /// All of the answer, or what is left of it behind portions.
  std::string when_kept(Shape shape, protocol::Time now) {
    return render(shape, now, Batch::Outcome::kept, true);
  }
  std::string when_refused(Shape shape, protocol::Time now) {
    return render(shape, now, Batch::Outcome::refused, true);
  }

  /// What has been added since the last portion; more of the answer follows.
  std::string portion(Shape shape, protocol::Time now);

 private:
  struct Entry {
    Line line;
    Batch::Outcome when;
  };

  Line& insert(Line line, Batch::Outcome when) {
    return entries_.emplace_back(Entry{std::move(line), when}).line;
  }
  std::string render(Shape shape, protocol::Time now, Batch::Outcome outcome, bool last) const;

  std::string_view server_;
  std::string label_;
  std::string batch_;
  std::vector<Entry> entries_;
  bool begun_ = false;               ///< a portion was told, so that its batch, if there is one, is open
  mutable std::size_t counted_ = 0;  ///< so many entries …
  mutable std::size_t size_ = 0;     ///< … have this size
};

/// The label of a command whose sender has these capabilities; empty if it has none.
std::string_view label_of(const protocol::Message& message, protocol::CapabilitySet capabilities);

}  // namespace troupe
