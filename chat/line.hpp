#pragma once

#include "chat/shape.hpp"
#include "db/message.hpp"
#include "protocol/message_id.hpp"
#include "protocol/numerics.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// A duration as numerics tell it; 0 if it is negative because the clock was set back.
std::size_t whole_seconds(protocol::Time::duration duration);

/// A line that the server is about to send, and the tags that go with it.
class Line {
 public:
  /// ":source COMMAND"
  Line(std::string_view source, std::string_view command);

  /// ":server 433 target", for a numeric reply.
  Line(std::string_view server, protocol::Numeric numeric, std::string_view target);

  /// Adds a parameter, which must not be empty, hold a space, or begin with ':'.
  Line& param(std::string_view value);
  Line& param(std::size_t value);

  /// Adds a time, in seconds since 1970.
  Line& param(protocol::Time time);

  /// Adds a parameter that repeats what a client wrote: "*" if that can't stand there, or is longer than
  /// `limits::echo`, so that it names nothing.
  Line& echo(std::string_view value);

  /// Adds the last parameter, whatever it holds.
  Line& text(std::string_view value);

  /// How long `text` may be.
  std::size_t width() const;
  /// True if the line is not too long to be sent.
  bool fits() const;

  /// A message's id, and the time that it bears instead of that at which the line is written.
  Line& id(const protocol::MessageId& id, protocol::Time time);
  Line& client_tags(std::string_view rendered);

  /// The line without tags and line end.
  std::string_view base() const { return base_; }

  /// About how many bytes it takes when it is written, with its tags.
  std::size_t size() const { return base_.size() + client_tags_.size() + (id_ ? 128 : 64); }

  /// Appends the line with CR LF and the tags that `shape` allows; `first` is a tag of the receiver's own
  /// ("label=…", "batch=…") or empty. Nobody should write a line that does not fit: were there one, it is
  /// cut, and ends with "…".
  void write(std::string& out, Shape shape, protocol::Time now, std::string_view first = {}) const;

 private:
  std::string base_;
  std::optional<protocol::MessageId> id_;
  protocol::Time time_;  ///< the message's, if there is an id
  std::string client_tags_;
};

/// A message of a channel's past as it is shown again; `channel` as its members write it. What can't stand in
/// a line, and so was put into the store by somebody else, is not repeated.
Line line_of(const db::Message& message, std::string_view channel);

}  // namespace troupe
