#include "chat/session.hpp"

#include "chat/cap.hpp"
#include "chat/command_table.hpp"
#include "protocol/limits.hpp"
#include "protocol/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace troupe {

namespace limits = protocol::limits;
using protocol::Numeric;

namespace {

/// The longest line that can be one: "@tags message CR LF".
constexpr std::size_t longest = limits::client_tags + 2 + limits::line;

/// How long a client that is to go may take for the answers to what it said before.
constexpr std::chrono::seconds last_words{3};

/// A browser's request: what follows may be what some page made it send.
bool is_http(const protocol::Message& message) {
  constexpr std::array methods{"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                               "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  return std::ranges::count(methods, message.command) > 0 ||
         (message.params.size() == 2 && message.params[1].starts_with("HTTP/"));
}

}  // namespace

Session::Session(const Rules& rules, std::string host, Instant now, double missing)
    : rules_(rules),
      registering_(new Registering{rules, {}}),
      rate_(rules.rate, static_cast<double>(rules.burst), now, missing),
      heard_(now) {
  registering_->who.host = std::move(host);
}

void Session::receive(std::string_view bytes, Instant now) {
  if (ending_) return;
  if (phase_ == Phase::registered) heard_ = now;
  pinged_ = false;
  input_.append(bytes);
  work(now);
  if (delayed_ && input_.size() > rules_.backlog) close("Excess Flood", now);
}

void Session::answered(std::size_t commands, Standing standing, Instant now) {
  if (ended()) return;
  for (commands = std::min(commands, unanswered_.size()); commands > 0; --commands) {
    unanswered_bytes_ -= unanswered_.front();
    unanswered_.erase(unanswered_.begin());
  }
  if (unanswered_.empty()) std::vector<std::uint32_t>{}.swap(unanswered_);
  if (standing == Standing::entered) {
    phase_ = Phase::registered;
    registering_.reset();
    heard_ = now;
  } else if (standing == Standing::refused) {
    phase_ = Phase::registering;
    registering_->who.nick.clear();
  }
  work(now);
}

void Session::tick(Instant now) {
  if (ended()) return;
  if (const auto at = due(); at && now >= *at) work(now);
  // A client that is not being read can't answer a PING.
  if (!has_credit()) heard_ = now;
  const auto silence = now - heard_;
  if (phase_ != Phase::registered) {
    if (rules_.registration_timeout.count() && silence >= rules_.registration_timeout)
      close("Registration timeout", now);
  } else if (rules_.ping_interval.count()) {
    if (pinged_ && rules_.ping_timeout.count() && silence >= rules_.ping_interval + rules_.ping_timeout) {
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(silence).count();
      close(Ending{"Ping timeout: " + std::to_string(seconds) + " seconds",
                   std::chrono::ceil<std::chrono::milliseconds>(silence)},
            now);
    } else if (!pinged_ && silence >= rules_.ping_interval) {
      pinged_ = true;
      output_.append("PING :").append(rules_.server_name).append("\r\n");
    }
  }
}

void Session::close(std::string reason, Instant now) { close(Ending{std::move(reason)}, now); }

void Session::close(Ending ending, Instant now) {
  if (ending_) return;
  ending_ = std::make_unique<Ending>(std::move(ending));
  work(now);
}

void Session::abandon(std::string reason, std::optional<std::chrono::milliseconds> silent) {
  if (ended()) return;
  end(std::move(reason), {});
  ending_->silence = silent;
}

bool Session::wants_input() const {
  return !ending_ && !hushed_ && has_credit() && phase_ != Phase::entering;
}

/// Carries out the lines at hand, as far as limits and answers outstanding allow.
void Session::work(Instant now) {
  delayed_.reset();
  std::string_view rest{input_};
  while (!ending_ && !hushed_ && next_line(rest, now)) {
  }
  if (ending_ && !ended()) {
    if (!ending_->gives_up_at) ending_->gives_up_at = now + last_words;
    if (unanswered_.empty() || now >= *ending_->gives_up_at) end(ending_->reason, ending_->reason);
  }
  input_.erase(0, ended() ? input_.size() : input_.size() - rest.size());
  if (input_.empty()) std::string{}.swap(input_);
}

/// Carries out the first line of `rest`; false if there is none, or it has to wait.
bool Session::next_line(std::string_view& rest, Instant now) {
  if (phase_ == Phase::entering || !has_credit()) return false;
  const auto end_of_line = rest.find('\n');
  auto line = rest.substr(0, end_of_line);
  const bool whole = end_of_line != std::string_view::npos;
  if (!whole && line.size() <= longest) return false;
  if (!rate_.ready(now)) {
    delayed_ = rate_.next();
    return false;
  }
  rest.remove_prefix(whole ? end_of_line + 1 : rest.size());
  const bool skipped = std::exchange(skipping_, !whole);
  if (line.ends_with('\r')) line.remove_suffix(1);
  const auto input = protocol::parse(line);
  rate_.charge(static_cast<double>(registered() ? cost_of(input, line.size()) : cost_of(line.size())));
  // One answer for all of a line that never ends.
  if (!skipped) handle(input, line.size());
  return whole;
}

void Session::handle(const Input& input, std::size_t size) {
  if (!input && input.error() == protocol::ParseError::empty) return;

  if (input && input->command == "QUIT") return quit(*input);
  if (input && input->command == "PONG" && !input->tag("label")) return;
  if (phase_ == Phase::registered) {
    await_answer(size);
    commands_.emplace_back(input);
    return;
  }
  if (input && is_http(*input)) return end("HTTP", "This is not a web server");
  const auto capabilities = registering_->who.negotiated.capabilities;
  Response response(rules_.server_name, input ? label_of(*input, capabilities) : std::string_view{});
  if (input)
    carry_out(*registering_, *input, response);
  else
    answer_unparsable(input.error(), rules_.server_name, registering_->known_nick(), capabilities, response);
  output_.append(response.when_kept(Shape::plain, {}));
  try_to_enter();
}

void Session::try_to_enter() {
  if (ended() || !registering_->complete()) return;
  if (!rules_.password.empty() && !registering_->password_given) {
    Line(rules_.server_name, Numeric::err_passwdmismatch, registering_->known_nick())
        .text("Password incorrect")
        .write(output_, Shape::plain, {});
    password_refused_ = true;
    return end("Password incorrect", "Password incorrect");
  }
  phase_ = Phase::entering;
  await_answer(0);
  commands_.emplace_back(registering_->who);
}

/// The room is to answer a command of so many bytes.
void Session::await_answer(std::size_t bytes) {
  unanswered_.push_back(static_cast<std::uint32_t>(bytes));
  unanswered_bytes_ += bytes;
}

bool Session::has_credit() const {
  return unanswered_.size() < rules_.credit && unanswered_bytes_ < rules_.credit_bytes;
}

void Session::quit(const protocol::Message& message) {
  const auto reason =
      message.params.empty() ? std::string_view{} : protocol::cut(message.params[0], limits::reason);
  ending_ = std::make_unique<Ending>(Ending{reason.empty() ? "Quit" : "Quit: " + std::string{reason}});
}

void Session::end(std::string reason, std::string_view told) {
  if (ended()) return;
  if (!told.empty()) output_.append("ERROR :").append(told).append("\r\n");
  phase_ = Phase::ended;
  if (!ending_) ending_ = std::make_unique<Ending>();
  ending_->reason = std::move(reason);
}

}  // namespace troupe
