#include "net/wire.hpp"

#include <utility>

namespace troupe {
namespace {

/// What is read and thrown away at the end, so that unread input does not turn the end into a reset, which
/// could overtake our last words.
constexpr std::uint32_t most_thrown_away = 64 * 1024;

std::string_view view(const std::vector<char>& bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace

Wire::Wire(caf::io::connection_handle handle, std::shared_ptr<WireLoop> loop, Layers layers)
    : scribe(handle), loop_(std::move(loop)), layers_(std::move(layers)) {}

// -- out

void Wire::say(std::string_view bytes) {
  if (state_ != State::open || bytes.empty()) return;
  const auto limit = loop_->limits().most_pending;
  if (layers_.transport) {
    auto& raw = loop_->out;
    raw.clear();
    layers_.transport->wrap(bytes, raw);
    put(view(raw));
    if (limit > 0 && backlog() > limit) break_off(End::overflow);
  } else {
    put(bytes);
  }
}

/// Sends these, behind what is pending.
void Wire::put(std::string_view bytes) {
  if (pending_.empty()) bytes.remove_prefix(send(bytes));
  if (bytes.empty()) return;
  const auto limit = loop_->limits().most_pending;
  if (state_ == State::open && limit > 0 && pending() + bytes.size() > limit) return break_off(End::overflow);
  if (pending_.empty()) {
    if (state_ == State::open) since_ = loop_->now();
    want_output(true);
    loop_->watch(*this);
  }
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
}

void Wire::writable() {
  const auto size = send(view(pending_).substr(taken_));
  if (size == 0) return;
  taken_ += size;
  if (state_ == State::open) since_ = loop_->now();
  if (taken_ == pending_.size()) {
    forget_pending();
    if (state_ == State::closing) end_output();
  } else if (taken_ >= pending_.size() / 2) {
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
  if (telling_ && state_ == State::open && backlog() <= nearly_nothing) {
    telling_ = false;
    data_transferred(&loop_->loop(), size, backlog());
  }
}

void Wire::forget_pending() {
  if (pending_.empty()) return;
  std::vector<char>{}.swap(pending_);
  taken_ = 0;
  want_output(false);
  if (state_ == State::open) loop_->forget(*this);
}

/// The broker may be in the middle of its own turn, or somebody else is: it hears of this in the next one.
void Wire::break_off(End why) {
  forget_pending();
  state_ = State::broken_off;
  end_ = why;
  want_input(false);
  loop_->loop().post([self = WirePtr{this}] {
    if (self->state_ == State::broken_off) self->consume(&self->loop_->loop(), nullptr, 0);
  });
}

// -- in

void Wire::add_to_loop() {
  if (state_ == State::open && end_ == End::none) want_input(true);
}

void Wire::received(std::size_t size) {
  auto& in = loop_->in;
  in.resize(size);
  if (state_ != State::open) {
    thrown_away_ += static_cast<std::uint32_t>(size);
    if (thrown_away_ >= most_thrown_away) want_input(false);
    return;
  }
  if (layers_.transport || layers_.framing) {
    std::vector<char> answer;
    if (!understand(answer)) return failed();
    put(view(answer));
    if (in.empty() || state_ != State::open) return;
  }
  if (!consume(&loop_->loop(), in.data(), in.size())) want_input(false);
}

/// Makes of what was read what was said in it.
bool Wire::understand(std::vector<char>& answer) {
  auto& in = loop_->in;
  auto& raw = loop_->raw;
  if (layers_.transport) {
    raw.clear();
    raw.swap(in);
    if (!layers_.transport->unwrap(view(raw), in, answer)) return false;
  }
  if (!layers_.framing) return true;
  std::vector<char> framed;
  raw.clear();
  raw.swap(in);
  if (!layers_.framing->unframe(view(raw), in, framed)) return false;
  if (layers_.transport)
    layers_.transport->wrap(view(framed), answer);
  else
    answer.insert(answer.end(), framed.begin(), framed.end());
  return true;
}

void Wire::input_ended() {
  want_input(false);
  if (state_ == State::closing && pending_.empty() && settled()) return done();
  if (state_ != State::open) return;
  end_ = End::by_peer;
  consume(&loop_->loop(), nullptr, 0);
}

// -- the end

bool Wire::close() {
  if (state_ == State::closing || state_ == State::closed) return state_ == State::closed;
  if (state_ == State::open && layers_.transport) {
    auto& raw = loop_->out;
    raw.clear();
    layers_.transport->finish(raw);
    put(view(raw));
  }
  state_ = State::closing;
  since_ = loop_->now();
  if (pending_.empty()) {
    end_output();
    if (settled()) {
      state_ = State::closed;
      want_input(false);
      loop_->forget(*this);
      return true;
    }
  }
  if (end_ != End::by_peer) want_input(true);
  loop_->watch(*this);
  return false;
}

void Wire::graceful_shutdown() {
  close();
  detach(&loop_->loop(), false);
}

void Wire::look(Instant now) {
  const auto& limits = loop_->limits();
  switch (state_) {
    case State::open:
      if (limits.stalled.count() > 0 && now - since_ >= limits.stalled) break_off(End::stalled);
      return;
    case State::closing:
      if (pending_.empty() && settled()) return done();
      if (now - since_ < limits.closing) return;
      cut_off();
      return done();
    case State::broken_off:
    case State::closed:
      return;
  }
}

void Wire::done() {
  const WirePtr self{this};
  if (std::exchange(state_, State::closed) == State::closed) return;
  forget_pending();
  want_input(false);
  loop_->forget(*this);
  detach(&loop_->loop(), true);
}

}  // namespace troupe
