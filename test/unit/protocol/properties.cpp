// What holds for all inputs, tried on random ones. A failure prints its seed and counterexample; RC_PARAMS
// replays it.
#include "protocol/message.hpp"
#include "protocol/message_id.hpp"
#include "protocol/modes.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"
#include "test/unit/protocol/mode_syntax.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

using namespace troupe::protocol;
namespace gen = rc::gen;

namespace {

// Copies the bytes to the end of a buffer of exactly their size, where the address sanitizer sees a read
// beyond.
template <class Use>
auto in_exact_buffer(const std::string& bytes, Use use) {
  const auto buffer = std::make_unique<char[]>(bytes.size());
  std::ranges::copy(bytes, buffer.get());
  return use(std::string_view(buffer.get(), bytes.size()));
}

std::string encode(char32_t code) {
  const auto tail = [code](int shift) { return static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xC0 | code >> 6), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xE0 | code >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | code >> 18), tail(12), tail(6), tail(0)};
}

rc::Gen<std::string> character() {
  return gen::map(
      gen::weightedOneOf<std::uint32_t>({{8, gen::inRange<std::uint32_t>(0x01, 0x80)},
                                         {2, gen::element<std::uint32_t>(' ', ':', ';', '\\', '@', '=')},
                                         {1, gen::inRange<std::uint32_t>(0x80, 0x800)},
                                         {1, gen::inRange<std::uint32_t>(0x800, 0xD800)},
                                         {1, gen::inRange<std::uint32_t>(0xE000, 0x10000)},
                                         {1, gen::inRange<std::uint32_t>(0x10000, 0x110000)}}),
      [](std::uint32_t code) { return encode(code); });
}

// Well-formed UTF-8 of at most `characters`, none of them in `without`.
rc::Gen<std::string> text(std::size_t characters, std::string without) {
  return gen::map(gen::container<std::vector<std::string>>(character()),
                  [characters, without](const std::vector<std::string>& all) {
                    std::string text;
                    for (std::size_t i = 0; i < std::min(all.size(), characters); ++i) {
                      if (without.find(all[i]) == std::string::npos) text += all[i];
                    }
                    return text;
                  });
}

rc::Gen<std::string> word(std::size_t characters, const std::string& without = "") {
  return gen::map(text(characters, "\r\n " + without),
                  [](std::string word) { return word.empty() || word[0] == ':' ? "w" + word : word; });
}

rc::Gen<std::string> command() {
  const auto letters = gen::nonEmpty(gen::container<std::string>(gen::inRange<char>('A', 'Z' + 1)));
  const auto digits = gen::container<std::string>(3, gen::inRange<char>('0', '9' + 1));
  return gen::oneOf(gen::resize(12, letters), digits);
}

rc::Gen<std::vector<Tag>> tags() {
  const auto tag = gen::build<Tag>(gen::set(&Tag::key, word(8, ";=")), gen::set(&Tag::value, text(12, "")));
  return gen::resize(6, gen::uniqueBy<std::vector<Tag>>(tag, [](const Tag& tag) { return tag.key; }));
}

// Any message that fits in a line.
rc::Gen<Message> message() {
  return gen::exec([] {
    Message message;
    message.tags = *tags();
    message.source = *gen::oneOf(gen::just(std::string()), word(15));
    message.command = *command();
    message.params = *gen::resize(4, gen::container<std::vector<std::string>>(word(15)));
    if (*gen::arbitrary<bool>()) message.params.push_back(*text(30, "\r\n"));
    return message;
  });
}

// Bytes as a hostile client sends them: noise, pieces of the grammar, or a real message with one byte
// changed.
rc::Gen<std::string> bytes() {
  const auto noise = gen::arbitrary<std::string>();
  const auto piece = gen::oneOf(
      gen::element<std::string>("@", ":", " ", ";", "=", "\\", "\r", "\n", "PING", "001", "\xC3", "é", "a"),
      character());
  const auto grammar = gen::map(gen::container<std::vector<std::string>>(piece), [](const auto& pieces) {
    std::string all;
    for (const auto& piece : pieces) all += piece;
    return all;
  });
  const auto changed = gen::exec([] {
    auto line = render(*message());
    line[*gen::inRange<std::size_t>(0, line.size())] = *gen::arbitrary<char>();
    return line;
  });
  return gen::oneOf(noise, grammar, changed);
}

std::string_view without_line_end(std::string_view line) {
  RC_ASSERT(line.ends_with("\r\n"));
  return line.substr(0, line.size() - 2);
}

// Wildcards as a definition rather than an algorithm.
bool matches_by_definition(std::string_view mask, std::string_view name) {
  if (mask.empty()) return name.empty();
  if (mask[0] == '*') {
    return matches_by_definition(mask.substr(1), name) ||
           (!name.empty() && matches_by_definition(mask, name.substr(1)));
  }
  const bool escape = mask.size() > 1 && mask[0] == '\\' && (mask[1] == '*' || mask[1] == '?');
  if (escape) mask.remove_prefix(1);
  if (name.empty() || (mask[0] != name[0] && (escape || mask[0] != '?'))) return false;
  return matches_by_definition(mask.substr(1), name.substr(1));
}

}  // namespace

TEST_CASE("a message that is rendered and parsed is the same") {
  CHECK(rc::check([] {
    const auto original = *message();
    const auto line = render(original);
    const auto again = parse(without_line_end(line));
    RC_ASSERT(static_cast<bool>(again));
    RC_ASSERT(*again == original);
  }));
}

TEST_CASE("any bytes are survived, and what is accepted is the same after rendering") {
  CHECK(rc::check([] {
    const auto line = *bytes();
    const auto message = in_exact_buffer(line, [](std::string_view exact) { return parse(exact); });
    if (!message) return;
    const auto again = parse(without_line_end(render(*message)));
    RC_ASSERT(static_cast<bool>(again));
    RC_ASSERT(*again == *message);
  }));
}

TEST_CASE("every beginning of a line is read without reading past it") {
  CHECK(rc::check([] {
    const auto line = render(*message());
    const auto length = *gen::inRange<std::size_t>(0, line.size());
    in_exact_buffer(line.substr(0, length), [](std::string_view exact) {
      is_utf8(exact);
      unescape_tag_value(exact);
      return parse(exact);
    });
  }));
}

TEST_CASE("well-formed text is UTF-8, also when it is cut") {
  CHECK(rc::check([] {
    const auto whole = *text(40, "");
    const auto length = *gen::inRange<std::size_t>(0, whole.size() + 1);
    const auto start = cut(whole, length);
    RC_ASSERT(in_exact_buffer(whole, is_utf8));
    RC_ASSERT(is_utf8(start));
    RC_ASSERT(start.size() <= length);
    RC_ASSERT(start.size() + 4 > length);
  }));
}

TEST_CASE("split parts joined again are the text") {
  CHECK(rc::check([] {
    const auto whole = *gen::container<std::string>(gen::element(',', 'a', ' '));
    std::string joined;
    for (const auto part : split(whole, ',')) joined.append(part) += ',';
    RC_ASSERT(joined == (whole.empty() ? "" : whole + ','));
  }));
}

TEST_CASE("a tag's value that is escaped and unescaped is the same, and can stand in a line") {
  CHECK(rc::check([](const std::string& value) {
    const auto escaped = escape_tag_value(value);
    RC_ASSERT(escaped.find_first_of("; \r\n") == std::string::npos);
    RC_ASSERT(unescape_tag_value(escaped) == value);
  }));
}

TEST_CASE("folding a name twice is folding it once, and keeps its length") {
  CHECK(rc::check([](const std::string& name) {
    const auto folded = casefold(name);
    RC_ASSERT(casefold(folded) == folded);
    RC_ASSERT(folded.size() == name.size());
  }));
}

TEST_CASE("masks match what the definition of wildcards says") {
  CHECK(rc::check([] {
    const auto mask = *gen::resize(12, gen::container<std::string>(gen::element('*', '?', '\\', 'a', 'b')));
    const auto name = *gen::resize(12, gen::container<std::string>(gen::element('*', '?', '\\', 'a', 'b')));
    RC_ASSERT(matches(mask, name) == matches_by_definition(mask, name));
  }));
}

TEST_CASE("completing a mask twice is completing it once") {
  CHECK(rc::check([] {
    const auto complete = complete_mask(*gen::container<std::string>(gen::element('!', '@', '*', 'a')));
    RC_ASSERT(complete_mask(complete) == complete);
  }));
}

TEST_CASE("a user name made safe stays as it is") {
  CHECK(rc::check([](const std::string& user) {
    const auto clean = clean_user(user);
    RC_ASSERT(clean_user(clean) == clean);
  }));
}

TEST_CASE("a time shown as a timestamp is read back the same") {
  CHECK(rc::check([] {
    const auto ms = *gen::inRange<std::int64_t>(-62'167'219'200'000, 253'402'300'800'000);
    const Time time{std::chrono::milliseconds{ms}};
    RC_ASSERT(parse_timestamp(to_timestamp(time)) == time);
  }));
}

TEST_CASE("ids only ever grow, whatever the clock does") {
  CHECK(rc::check([](const std::vector<std::uint64_t>& random) {
    std::size_t calls = 0;
    MessageIdGenerator ids([&] { return random.empty() ? 0 : random[calls++ % random.size()]; });
    MessageId last;
    const auto near = gen::inRange<std::int64_t>(-3, 10);
    for (const auto ms :
         *gen::container<std::vector<std::int64_t>>(gen::oneOf(near, gen::arbitrary<std::int64_t>()))) {
      const auto id = ids.next(Time{std::chrono::milliseconds{ms}});
      RC_ASSERT(id > last);
      RC_ASSERT(parse_message_id(to_string(id)) == id);
      last = id;
    }
  }));
}

TEST_CASE("mode changes that are rendered and parsed are the same") {
  CHECK(rc::check([] {
    const auto letters =
        *gen::container<std::string>(gen::element('+', '-', 'b', 'k', 'l', 'o', 'v', 'n', 't', 'x'));
    const auto arguments =
        *gen::container<std::vector<std::string>>(gen::element<std::string>("5", "7", "nick", ""));
    auto changes = parse_channel_modes(letters, arguments, test::mode_syntax).changes;
    for (auto& change : changes) {
      if (change.mode == 'k' && change.sign == ModeChange::Sign::remove) change.parameter = "*";
    }
    const auto message =
        parse(without_line_end("MODE #c " + render_mode_changes(changes, test::mode_syntax) + "\r\n"));
    RC_ASSERT(static_cast<bool>(message));
    if (changes.empty()) return;
    const auto again =
        parse_channel_modes(message->params[1], std::span(message->params).subspan(2), test::mode_syntax);
    RC_ASSERT(again == (ChannelModeRequest{changes, {}, {}, {}, {}}));
  }));
}
