#pragma once

#include "chat/line.hpp"
#include "protocol/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// The lines that answer one command, and the label that ties them to it (labeled-response).
class Response {
 public:
  /// `label` is empty if the command had none, or its sender did not negotiate labels.
  Response(std::string_view server, std::string_view label) : server_(server), label_(label) {}

  /// Adds a line, whatever comes of the command.
  Line& add(Line line) { return insert(std::move(line), Outcome::any); }
  /// Adds a line that is only told if what the command said was kept.
  Line& add_if_kept(Line line) { return insert(std::move(line), Outcome::kept); }
  /// Adds a line that is only told if it could not be kept.
  Line& add_if_refused(Line line) { return insert(std::move(line), Outcome::refused); }

  /// Makes the answer a batch of this type and parameters, however many lines it has (batch).
  void become_batch(std::string type) { batch_ = std::move(type); }

  std::string when_kept(Shape shape, protocol::Time now) const {
    return render(shape, now, Outcome::refused);
  }
  std::string when_refused(Shape shape, protocol::Time now) const {
    return render(shape, now, Outcome::kept);
  }

 private:
  enum class Outcome { any, kept, refused };
  struct Entry {
    Line line;
    Outcome outcome;
  };

  Line& insert(Line line, Outcome outcome) {
    return entries_.emplace_back(Entry{std::move(line), outcome}).line;
  }
  std::string render(Shape shape, protocol::Time now, Outcome left_out) const;

  std::string_view server_;
  std::string_view label_;
  std::string batch_;
  std::vector<Entry> entries_;
};

/// The label of a command whose sender has these capabilities; empty if it has none.
std::string_view label_of(const protocol::Message& message, protocol::CapabilitySet capabilities);

}  // namespace troupe
