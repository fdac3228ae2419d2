#include "chat/line.hpp"

#include "protocol/limits.hpp"
#include "protocol/text.hpp"

namespace troupe {

namespace {

/// Of a line without its tags and CR LF.
constexpr auto most = protocol::limits::line - 2;
constexpr std::string_view ellipsis = "…";

// What a store gives may have been written into it by others: then nothing of it may end a line or a word.

bool fits_line(std::string_view text) {
  return text.find_first_of(std::string_view{"\0\r\n", 3}) == std::string_view::npos &&
         protocol::is_utf8(text);
}

bool fits_word(std::string_view text) { return protocol::is_word(text) && fits_line(text); }

bool fits_tags(std::string_view tags) {
  return tags.empty() || (tags.size() <= protocol::limits::client_tags && fits_word(tags));
}

}  // namespace

std::size_t whole_seconds(protocol::Time::duration duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  return seconds > 0 ? static_cast<std::size_t>(seconds) : 0;
}

Line::Line(std::string_view source, std::string_view command) {
  base_.reserve(128);
  base_.append(":").append(source).append(" ").append(command);
}

Line::Line(std::string_view server, protocol::Numeric numeric, std::string_view target)
    : Line(server, protocol::to_string(numeric)) {
  param(target);
}

Line& Line::param(std::string_view value) {
  base_.append(" ").append(value);
  return *this;
}

Line& Line::param(std::size_t value) { return param(std::to_string(value)); }

Line& Line::param(protocol::Time time) { return param(whole_seconds(time.time_since_epoch())); }

Line& Line::echo(std::string_view value) {
  return param(protocol::is_word(value) && value.size() <= protocol::limits::echo ? value : "*");
}

std::size_t Line::width() const {
  const auto used = base_.size() + 2;
  return used < most ? most - used : 0;
}

bool Line::fits() const { return base_.size() <= most; }

Line& Line::text(std::string_view value) {
  base_.append(" :").append(value);
  return *this;
}

Line& Line::id(const protocol::MessageId& id, protocol::Time time) {
  id_ = id;
  time_ = time;
  return *this;
}

Line& Line::client_tags(std::string_view rendered) {
  client_tags_ = rendered;
  return *this;
}

void Line::write(std::string& out, Shape shape, protocol::Time now, std::string_view first) const {
  auto separator = '@';
  auto tag = [&](std::string_view key, std::string_view value) {
    out += separator;
    out.append(key).append(value);
    separator = ';';
  };
  const auto bits = static_cast<unsigned>(shape);
  if (!first.empty()) tag("", first);
  if (bits & 2u) tag("time=", protocol::to_timestamp(id_ ? time_ : now));
  if ((bits & 1u) && id_) tag("msgid=", to_string(*id_));
  if ((bits & 1u) && !client_tags_.empty()) tag("", client_tags_);
  if (separator == ';') out += ' ';
  if (fits())
    out.append(base_);
  else
    out.append(protocol::cut(base_, most - ellipsis.size())).append(ellipsis);
  out.append("\r\n");
}

Line line_of(const db::Message& message, std::string_view channel) {
  const auto source = message.nick + "!" + message.user + "@" + message.host;
  const bool shows = fits_word(source) && source.size() <= protocol::limits::mask;
  return Line(shows ? source : "*!*@*", message.kind == db::Kind::notice ? "NOTICE" : "PRIVMSG")
      .param(channel)
      .text(fits_line(message.text) ? message.text : "(unreadable)")
      .id(message.id, message.time)
      .client_tags(fits_tags(message.client_tags) ? message.client_tags : "");
}

}  // namespace troupe
