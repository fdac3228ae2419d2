#pragma once

#include "client/event.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace troupe::client {

/// Standard input and output, as the console uses them: it waits until one is ready, and then calls. No call
/// blocks for longer than a write to standard error or to a terminal does.
class Screen {
 public:
  struct Input {
    std::vector<std::string> lines;
    bool ended = false;  ///< nothing more will come
  };

  virtual ~Screen() = default;

  /// Standard input is readable.
  virtual Input read() = 0;

  /// To be shown by the next `write`.
  virtual void show(const Event& event) = 0;

  /// What the person sees before the line that is being typed.
  virtual void prompt(const std::string& text) = 0;

  /// The bytes that wait for `write`.
  virtual std::size_t unwritten() const = 0;

  /// Standard output is writable.
  virtual void write() = 0;

  /// Why standard output can't be written any more (a full disk), and all that is to be shown is lost; empty
  /// if it can, or if it is a pipe whose reader has gone, which is the reader's choice.
  virtual std::string failure() const { return {}; }

  /// The terminal's size changed.
  virtual void resized() = 0;

  /// The person wants the program suspended; returns when it goes on.
  virtual void suspend() = 0;

  /// Leaves the terminal as it was found.
  virtual void close() = 0;
};

}  // namespace troupe::client
