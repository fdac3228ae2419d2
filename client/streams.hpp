#pragma once

#include "client/format.hpp"
#include "client/lines.hpp"
#include "client/screen.hpp"

#include <string>

namespace troupe::client {

/// The screen of a script: lines in, lines out, errors to standard error.
class Streams final : public Screen {
 public:
  Input read() override;
  void show(const Event& event) override;
  void prompt(const std::string&) override {}
  std::size_t unwritten() const override { return unwritten_.size(); }
  void write() override;
  std::string failure() const override;
  void resized() override {}
  void suspend() override {}
  void close() override {}

 private:
  static constexpr std::size_t longest_line = 64 * 1024;

  LineBuffer incoming_{longest_line};
  std::string unwritten_;
  int broken_ = 0;  // the errno with which standard output failed
};

}  // namespace troupe::client
