#include "test/unit/chat/session_fixture.hpp"

#include <doctest/doctest.h>

namespace troupe::test {
namespace {

Rules configured(const SessionFixture::Config& configure) {
  Rules rules;
  rules.server_name = "irc.test";
  configure(rules);
  return rules;
}

std::string word_for(protocol::ParseError error) {
  switch (error) {
    // clang-format off
    case protocol::ParseError::empty:         return "(empty)";
    case protocol::ParseError::too_long:      return "(too long)";
    case protocol::ParseError::tags_too_long: return "(tags too long)";
    case protocol::ParseError::invalid_utf8:  return "(invalid UTF-8)";
    case protocol::ParseError::malformed:     return "(malformed)";
      // clang-format on
  }
  return "(?)";
}

std::string shown(const Session::ToRoom& command) {
  if (const auto* who = std::get_if<Registration>(&command))
    return "(enter) " + who->nick + " " + who->user + " " + who->host + " :" + who->realname;
  const auto& input = std::get<Input>(command);
  if (!input) return word_for(input.error());
  const auto line = protocol::render(*input);
  return line.substr(0, line.size() - 2);
}

}  // namespace

SessionFixture::SessionFixture(const Config& configure)
    : rules(configured(configure)), session(rules, "host", now) {}

void SessionFixture::sends(const Lines& lines) {
  std::string bytes;
  for (const auto& line : lines) bytes += line + "\r\n";
  session.receive(bytes, now);
}

void SessionFixture::sends_bytes(std::string_view bytes) { session.receive(bytes, now); }

void SessionFixture::registers(std::string_view nick) {
  const std::string name{nick};
  sends("NICK " + name, "USER " + name + " 0 * :" + name);
  REQUIRE(asks() == Lines{"(enter) " + name + " " + name + " host :" + name});
  is_answered(1, Standing::entered);
  REQUIRE(session.registered());
}

Lines SessionFixture::gets() { return lines_of(session.take_output()); }

Lines SessionFixture::asks() {
  Lines lines;
  for (const auto& command : session.take_commands()) lines.push_back(shown(command));
  return lines;
}

void SessionFixture::is_answered(std::size_t commands, Standing standing) {
  session.answered(commands, standing, now);
}

void SessionFixture::waits(std::chrono::milliseconds time) {
  now += time;
  session.tick(now);
}

}  // namespace troupe::test
