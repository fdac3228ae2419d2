#pragma once

#include "client/format.hpp"
#include "client/screen.hpp"

#include <string>

namespace troupe::client {

/// The screen of a person: a line being edited at the bottom (GNU readline), and what happens above it. There
/// can be one at a time, because readline has only one state.
class Prompt final : public Screen {
 public:
  explicit Prompt(Style style);
  ~Prompt() override;
  Prompt(const Prompt&) = delete;
  Prompt& operator=(const Prompt&) = delete;

  Input read() override;
  void show(const Event& event) override;
  void prompt(const std::string& text) override;
  std::size_t unwritten() const override { return unwritten_.size(); }
  void write() override;
  void resized() override;
  void suspend() override;
  void close() override;

 private:
  Style style_;
  std::string prompt_;
  std::string unwritten_;
  bool open_ = true;
};

}  // namespace troupe::client
