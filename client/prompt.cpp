#include "client/prompt.hpp"

#include "protocol/text.hpp"

#include <readline/history.h>
#include <readline/readline.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <signal.h>
#include <string_view>

namespace troupe::client {

namespace {

constexpr int longest_history = 1000;  // lines

// Readline calls plain functions, and gives them nothing by which they could find a Prompt. They need none:
// what a typed line has to go through is readline's own history, where Prompt::read() finds it. So the
// program has no static pointer, and no state besides the one that readline has anyway.

// A line is complete; nullptr at the end of input, which rl_eof_found tells as well.
void keep_line(char* line) {
  if (line != nullptr && *line != '\0') add_history(line);
  std::free(line);
}

// What Return does: accepts the line and takes it off the screen, where it is going to appear as a message.
int accept_line(int, int) {
  rl_clear_visible_line();
  rl_done = 1;
  RL_SETSTATE(RL_STATE_DONE);
  return 0;
}

char* complete_nothing(const char*, int) { return nullptr; }

void configure() {
  rl_readline_name = "troupe";
  rl_catch_signals = 0;  // they come by a descriptor: see console.hpp
  rl_catch_sigwinch = 0;
  rl_change_environment = 0;  // other threads may be reading it
  rl_completion_entry_function = complete_nothing;
  rl_initialize();
  for (const Keymap map : {emacs_standard_keymap, vi_insertion_keymap, vi_movement_keymap}) {
    rl_bind_key_in_map('\r', accept_line, map);
    rl_bind_key_in_map('\n', accept_line, map);
  }
}

// Takes the newest line out of the history if it repeats the one before, and the oldest if there are too
// many.
void tidy_history() {
  const auto* const newest = history_get(history_base + history_length - 1);
  const auto* const before = history_get(history_base + history_length - 2);
  const bool repeated = newest != nullptr && before != nullptr &&
                        std::string_view(newest->line) == std::string_view(before->line);
  if (repeated)
    free_history_entry(remove_history(history_length - 1));
  else if (history_length > longest_history)
    free_history_entry(remove_history(0));
}

}  // namespace

Prompt::Prompt(Style style) : style_(std::move(style)) {
  configure();
  rl_callback_handler_install("", keep_line);
}

Prompt::~Prompt() { close(); }

Screen::Input Prompt::read() {
  const int lines_before = history_length;
  rl_callback_read_char();
  Input input;
  input.ended = rl_eof_found != 0;
  rl_eof_found = 0;  // else readline ends a line for it once more when it is closed
  if (history_length > lines_before) {
    // A pasted text can hold several lines.
    for (const auto line : protocol::split(history_get(history_base + history_length - 1)->line, '\n'))
      input.lines.emplace_back(line);
    tidy_history();
  }
  return input;
}

void Prompt::show(const Event& event) {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  unwritten_ += format(event, style_, now) + "\n";
}

void Prompt::prompt(const std::string& text) {
  if (!open_ || text == prompt_) return;
  prompt_ = text;
  rl_clear_visible_line();
  rl_set_prompt(prompt_.c_str());
  rl_on_new_line();
  rl_redisplay();
}

void Prompt::write() {
  if (open_) rl_clear_visible_line();
  std::fwrite(unwritten_.data(), 1, unwritten_.size(), rl_outstream);
  unwritten_.clear();
  if (open_) {
    rl_on_new_line();
    rl_redisplay();
  }
  std::fflush(rl_outstream);
}

void Prompt::resized() { rl_resize_terminal(); }

void Prompt::suspend() {
  rl_clear_visible_line();
  std::fflush(rl_outstream);
  rl_deprep_terminal();
  raise(SIGSTOP);  // to this thread: it has stopped when this returns, which kill() does not promise
  rl_prep_terminal(1);
  rl_resize_terminal();
  rl_on_new_line();
  rl_redisplay();
}

void Prompt::close() {
  if (!open_) return;
  open_ = false;
  rl_clear_visible_line();
  rl_callback_handler_remove();
  if (!unwritten_.empty()) write();
  std::fflush(rl_outstream);
}

}  // namespace troupe::client
