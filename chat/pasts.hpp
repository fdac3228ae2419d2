#pragma once

#include "chat/past.hpp"

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>

namespace troupe {

/// The pasts of all channels. Together they take no more than so many bytes of memory, but for what somebody
/// just waits for: what has not been used for longest leaves first.
class Pasts {
 public:
  struct Bounds {
    Recent::Bounds each;
    std::size_t bytes = 64 * 1024 * 1024;  ///< of all messages in memory, see db::size_of
  };

  explicit Pasts(const Bounds& bounds) : bounds_(bounds) {}

  // By the channel's casefolded name. A past stays where it is until it is erased.

  /// Makes one if there is none; `stand_alone` if it is to have no store.
  Past& of(const std::string& channel, bool stand_alone);
  Past* find(std::string_view channel);
  void erase(std::string_view channel);

  /// The channel's messages are being used, or have changed: of all they leave memory last. Those of others
  /// may leave now, and if they alone are too many, they do as well. Nothing if there is no such past.
  void use(std::string_view channel);

  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    Past past;
    std::size_t bytes = 0;  ///< as counted in all; 0: not in `used_`
    std::list<Entry*>::iterator place{};
  };

  void count(Entry& entry);
  void make_room();

  Bounds bounds_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::list<Entry*> used_;  ///< those with messages in memory, the latest one first
  std::size_t bytes_ = 0;
};

}  // namespace troupe
