#include "client/session.hpp"

#include "client/clean.hpp"

#include <algorithm>
#include <utility>

namespace troupe::client {

namespace {

using namespace std::chrono_literals;

constexpr auto registration_time = 30s;  // for the server to let us in
constexpr auto silence = 60s;            // before we ask for a sign of life, and again before we give up
constexpr auto farewell_time = 3s;       // for the server to close after QUIT
constexpr auto patience = 5s;            // of a person who leaves, for the last answers
constexpr auto first_pause = 1s;         // before connecting again; doubles each time
constexpr auto longest_pause = 30s;

Conversation::Settings first_settings(const Options& options, Manner manner) {
  return {options.username, options.password, {{options.room, {}}}, manner == Manner::terminal};
}

}  // namespace

Session::Session(Options options, Manner manner)
    : options_(std::move(options)), manner_(manner), conversation_(first_settings(options_, manner)) {}

Step Session::start(Clock::time_point now) {
  dial(now);
  return take();
}

Step Session::connected(Clock::time_point now) {
  if (phase_ == Phase::dialling) {
    phase_ = Phase::talking;
    since_ = now;
    pinged_ = false;
    absorb(conversation_.open());
  }
  return take();
}

Step Session::received(Clock::time_point now, const std::vector<std::string>& lines) {
  if (phase_ != Phase::talking && phase_ != Phase::quitting) return take();
  const bool was_registered = conversation_.registered();
  for (const auto& line : lines) absorb(conversation_.receive(line));
  if (phase_ == Phase::talking) {
    if (conversation_.registered()) {
      since_ = now;
      pinged_ = false;
    }
    if (!was_registered && conversation_.registered()) {
      was_registered_ = true;
      pause_ = 0s;
    }
    review(now);
  }
  return take();
}

Step Session::lost(Clock::time_point now, std::string_view reason) {
  const auto& error = conversation_.last_error();
  const std::string why = error ? "the server says: " + *error : std::string(reason);
  switch (phase_) {
    case Phase::dialling:
      if (was_registered_)
        try_again(now, "cannot connect to " + address() + ": " + why);
      else
        end(Status::lost, "cannot connect to " + address() + ": " + why);
      break;
    case Phase::talking:
      report_loss();
      if (was_registered_ && manner_ == Manner::terminal)
        try_again(now, "connection lost: " + why);
      else
        end_lost(why);
      break;
    case Phase::quitting:
      end(final_status(), {});
      break;
    case Phase::closing:
      phase_ = Phase::pausing;
      break;
    case Phase::pausing:
    case Phase::over:
      break;
  }
  return take();
}

Step Session::typed(Clock::time_point now, std::string_view line) {
  if (finishing_) return take();
  const auto input = parse_input(line);
  if (!input) {
    ++failures_;
    say(EventKind::error, input.error().text);
  } else if (input->verb == Verb::quit) {
    finish(now, input->text);
  } else if (input->verb == Verb::help) {
    for (auto& help : help_lines()) say(EventKind::info, std::move(help));
  } else if (input->verb != Verb::nothing) {
    if (phase_ == Phase::talking || !was_registered_) {
      absorb(conversation_.submit(*input));
    } else {
      ++failures_;
      say(EventKind::error, "there is no connection, so this was not sent: " + std::string(line));
    }
  }
  review(now);
  return take();
}

Step Session::input_ended(Clock::time_point now) {
  finish(now, {});
  review(now);
  return take();
}

Step Session::interrupted(Clock::time_point now) {
  if (phase_ == Phase::talking && conversation_.registered())
    quit(now);
  else
    end(final_status(), {});
  return take();
}

Step Session::expired(Clock::time_point now) {
  if (const auto due = deadline(); !due || now < *due) return take();
  if (finishing_ && manner_ == Manner::terminal && phase_ == Phase::talking &&
      now >= finishing_since_ + patience) {
    quit(now);
    return take();
  }
  switch (phase_) {
    case Phase::talking:
      if (conversation_.registered() && !pinged_) {
        pinged_ = true;
        absorb(conversation_.ping());
      } else {
        const std::string why = "the server does not answer";
        report_loss();
        step_.disconnect = true;
        if (was_registered_ && manner_ == Manner::terminal) {
          try_again(now, "connection lost: " + why);
          phase_ = Phase::closing;
        } else {
          end_lost(why);
        }
      }
      break;
    case Phase::quitting:
      end(final_status(), {});
      break;
    case Phase::pausing:
      dial(now);
      break;
    case Phase::dialling:
    case Phase::closing:
    case Phase::over:
      break;
  }
  return take();
}

std::optional<Clock::time_point> Session::deadline() const {
  auto due = phase_deadline();
  if (finishing_ && manner_ == Manner::terminal && phase_ == Phase::talking)
    due = std::min(due.value_or(Clock::time_point::max()), finishing_since_ + patience);
  return due;
}

std::optional<Clock::time_point> Session::phase_deadline() const {
  switch (phase_) {
    case Phase::talking:
      if (!conversation_.registered()) return since_ + registration_time;
      return since_ + (pinged_ ? 2 * silence : silence);
    case Phase::quitting:
      return since_ + farewell_time;
    case Phase::pausing:
      return since_ + pause_;
    case Phase::dialling:  // whoever connects keeps the time
    case Phase::closing:
    case Phase::over:
      break;
  }
  return std::nullopt;
}

std::string Session::prompt() const {
  if (phase_ != Phase::talking && phase_ != Phase::quitting) return "[no connection] ";
  if (conversation_.current_room().empty()) return "[no room] ";
  return "[" + printable(conversation_.current_room()) + "] ";
}

void Session::absorb(Output output) {
  for (const auto& line : output.lines) step_.bytes += line;
  for (auto& event : output.events) {
    const bool noise = event.kind == EventKind::server || (event.own && !event.past);
    if (manner_ == Manner::terminal || !noise) step_.events.push_back(std::move(event));
  }
}

// Draws the consequences from what the conversation has become.
void Session::review(Clock::time_point now) {
  if (phase_ != Phase::talking) return;
  if (const auto& refusal = conversation_.refusal()) {
    step_.disconnect = true;
    if (!was_registered_ || refusal->status == Status::password) return end(refusal->status, refusal->text);
    try_again(now, refusal->text);
    phase_ = Phase::closing;
    return;
  }
  const bool refused = manner_ == Manner::script && conversation_.refused_room();
  if (refused || (finishing_ && conversation_.idle())) quit(now);
}

void Session::dial(Clock::time_point now) {
  phase_ = Phase::dialling;
  since_ = now;
  step_.connect = true;
}

// Begins the pause before the next attempt, and the conversation that it will lead to: under the same name,
// and in the same rooms.
void Session::try_again(Clock::time_point now, const std::string& why) {
  if (finishing_) return end(final_status(), {});
  pause_ = pause_ == 0s ? first_pause : std::min<std::chrono::seconds>(2 * pause_, longest_pause);
  say(EventKind::error, why + "; trying again in " + std::to_string(pause_.count()) + " s");
  Conversation::Settings settings{conversation_.nick(), options_.password, conversation_.rooms(),
                                  manner_ == Manner::terminal};
  conversation_ = Conversation(std::move(settings), std::move(conversation_).history());
  phase_ = Phase::pausing;
  since_ = now;
}

void Session::finish(Clock::time_point now, std::string reason) {
  finishing_ = true;
  finishing_since_ = now;
  quit_reason_ = std::move(reason);
  const bool hopeless =
      phase_ == Phase::pausing || phase_ == Phase::closing || (phase_ == Phase::dialling && was_registered_);
  const bool impatient = manner_ == Manner::terminal && !conversation_.registered();
  if (hopeless || impatient) end(final_status(), {});
}

void Session::quit(Clock::time_point now) {
  absorb(conversation_.quit(quit_reason_));
  phase_ = Phase::quitting;
  since_ = now;
  finishing_ = true;
}

void Session::end(Status status, std::string complaint) {
  if (phase_ == Phase::over) return;
  absorb(conversation_.end());
  phase_ = Phase::over;
  finishing_ = true;
  step_.disconnect = true;
  step_.end = Ending{status, std::move(complaint)};
}

void Session::say(EventKind kind, std::string text) {
  step_.events.push_back({kind, std::move(text), {}, {}, false, std::nullopt});
}

// What came too early, and what the person ought to say again; for a script the latter is in the complaint.
void Session::report_loss() {
  absorb(conversation_.lost());
  if (manner_ == Manner::script) return;
  for (const auto& text : conversation_.unsettled_texts())
    say(EventKind::error, "perhaps not delivered: " + text);
}

void Session::end_lost(const std::string& why) {
  const auto texts = conversation_.unsettled_texts().size();
  std::string complaint = "connection to " + address() + " lost: " + why;
  if (texts > 0)
    complaint += " (" + std::to_string(texts) + (texts == 1 ? " line" : " lines") + " not acknowledged)";
  end(Status::lost, std::move(complaint));
}

std::string Session::address() const { return options_.host + " port " + std::to_string(options_.port); }

Status Session::final_status() const {
  if (manner_ == Manner::terminal) return Status::ok;
  return failures_ + conversation_.failures() + conversation_.backlog() > 0 ? Status::refused : Status::ok;
}

Step Session::take() { return std::exchange(step_, {}); }

}  // namespace troupe::client
