#pragma once

#include "protocol/message_id.hpp"

#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// How far those who were in a channel before saw its messages, so that who comes back is shown only what is
/// new. Kept in memory alone, and of so many absences at most: those from longest ago are forgotten, and
/// their people shown the whole replay again.
class LastSeen {
 public:
  explicit LastSeen(std::size_t capacity) : capacity_(capacity) {}

  /// Who is meant: somebody who takes the same nick from the same address is taken for the same person.
  struct Who {
    std::string_view channel;  ///< casefolded
    std::string_view nick;     ///< casefolded
    std::string_view host;
  };

  /// It saw everything up to `id`.
  void note(const Who& who, const protocol::MessageId& id);
  std::optional<protocol::MessageId> find(const Who& who) const;

  std::size_t size() const { return places_.size(); }

 private:
  struct Entry {
    std::string key;
    protocol::MessageId id;
  };

  std::size_t capacity_;
  std::list<Entry> entries_;                                       ///< the latest one first
  std::map<std::string_view, std::list<Entry>::iterator> places_;  ///< by the entry's key
};

}  // namespace troupe
