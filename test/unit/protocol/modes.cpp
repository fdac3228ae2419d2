#include "protocol/modes.hpp"

#include "protocol/limits.hpp"
#include "test/unit/protocol/mode_syntax.hpp"

#include <doctest/doctest.h>

using namespace troupe::protocol;
using Sign = ModeChange::Sign;
using Changes = std::vector<ModeChange>;
using Letters = std::vector<char>;

namespace {

ChannelModeRequest channel_modes(std::string_view modes, std::vector<std::string> arguments = {}) {
  return parse_channel_modes(modes, arguments, test::mode_syntax);
}

ModeChange add(char mode, std::string parameter = "") { return {Sign::add, mode, std::move(parameter)}; }
ModeChange remove(char mode, std::string parameter = "") {
  return {Sign::remove, mode, std::move(parameter)};
}

}  // namespace

TEST_CASE("flags are set and removed without parameters") {
  const auto request = channel_modes("+nt-mi", {"unused"});
  CHECK(request == ChannelModeRequest{{add('n'), add('t'), remove('m'), remove('i')}, {}, {}, {}, {}});
}

TEST_CASE("a mode without a sign before it is added") {
  CHECK(channel_modes("n-t").changes == Changes{add('n'), remove('t')});
}

TEST_CASE("no modes ask for nothing") {
  CHECK(channel_modes("") == ChannelModeRequest{});
  CHECK(channel_modes("+-+") == ChannelModeRequest{});
}

TEST_CASE("modes with parameters take them in order") {
  CHECK(channel_modes("+ov-o+lk", {"alice", "bob", "carol", "5", "key"}).changes ==
        Changes{add('o', "alice"), add('v', "bob"), remove('o', "carol"), add('l', "5"), add('k', "key")});
}

TEST_CASE("a removed limit takes no parameter, a removed key does") {
  CHECK(channel_modes("-lko", {"key", "alice"}).changes ==
        Changes{remove('l'), remove('k', "key"), remove('o', "alice")});
}

TEST_CASE("a key is removed also without a parameter") {
  CHECK(channel_modes("-k").changes == Changes{remove('k')});
  CHECK(channel_modes("-k", {"not a key"}).changes == Changes{remove('k', "not a key")});
}

TEST_CASE("a ban with a mask is a change, without one it asks for the list") {
  const auto request = channel_modes("+b-b+b", {"bad!*@*", "good!*@*"});
  CHECK(request.changes == Changes{add('b', "bad!*@*"), remove('b', "good!*@*")});
  CHECK(request.lists == Letters{'b'});
  CHECK(channel_modes("b").lists == Letters{'b'});
  CHECK(channel_modes("-b").lists == Letters{'b'});
  CHECK(channel_modes("b", {"mask"}).lists.empty());
}

TEST_CASE("a mode that lacks its parameter is named once") {
  const auto request = channel_modes("+okolv-v");
  CHECK(request.missing == Letters{'o', 'k', 'l', 'v'});
  CHECK(request.changes.empty());
}

TEST_CASE("an empty parameter is none") {
  CHECK(channel_modes("+k", {""}).missing == Letters{'k'});
  CHECK(channel_modes("+b", {""}).lists == Letters{'b'});
}

TEST_CASE("an unknown mode is named once, and the others are read") {
  const auto request = channel_modes("+nXtX-X");
  CHECK(request.unknown == Letters{'X'});
  CHECK(request.changes == Changes{add('n'), add('t')});
}

TEST_CASE("what no reply could show stands as '?' among the unknown") {
  CHECK(channel_modes("+: é\t9").unknown == Letters{'?', '9'});
}

TEST_CASE("a limit that is not a number above 0 is invalid") {
  for (const auto limit : {"0", "-1", "many", "5x", "99999999999999999999999"}) {
    CAPTURE(limit);
    const auto request = channel_modes("+l", {limit});
    CHECK(request.changes.empty());
    CHECK(request.invalid == Changes{add('l', limit)});
  }
}

TEST_CASE("a key or mask that no line could carry is invalid") {
  CHECK(channel_modes("+k", {"a b"}).invalid == Changes{add('k', "a b")});
  CHECK(channel_modes("+b", {"a b"}).invalid == Changes{add('b', "a b")});
  CHECK(channel_modes("-b", {":a"}).invalid == Changes{remove('b', ":a")});
}

TEST_CASE("of a setting changed twice the last change stands") {
  CHECK(channel_modes("+n-n+n").changes == Changes{add('n')});
  CHECK(channel_modes("+tl-t-l", {"5"}).changes == Changes{remove('t'), remove('l')});
  CHECK(channel_modes("+k-k+k", {"a", "a", "b"}).changes == Changes{add('k', "b")});
  CHECK(channel_modes("+o-o", {"alice", "alice"}).changes ==
        Changes{add('o', "alice"), remove('o', "alice")});
}

TEST_CASE("changes with a parameter beyond the limit are dropped, others are not") {
  const std::string modes = "+" + std::string(limits::modes + 2, 'v') + "n";
  const auto request = channel_modes(modes, std::vector<std::string>(limits::modes + 2, "alice"));
  CHECK(request.changes.size() == limits::modes + 1);
  CHECK(request.changes.back() == add('n'));
  CHECK(request.missing.empty());
}

TEST_CASE("a key removed without a parameter counts towards the limit, since others see it with one") {
  const auto modes = "+" + std::string(limits::modes, 'v') + "-k";
  CHECK(channel_modes(modes, std::vector<std::string>(limits::modes, "alice")).changes.size() ==
        limits::modes);
}

TEST_CASE("a user's mode i is read, another one is unknown") {
  CHECK(parse_user_modes("+i", "i") == UserModeRequest{{add('i')}, false});
  CHECK(parse_user_modes("-i+i-i", "i") == UserModeRequest{{remove('i')}, false});
  CHECK(parse_user_modes("+wio", "i") == UserModeRequest{{add('i')}, true});
  CHECK(parse_user_modes("", "i") == UserModeRequest{});
}

TEST_CASE("changes are rendered with one sign for each run, and the parameters after them") {
  CHECK(render_mode_changes(Changes{add('o', "alice"), remove('v', "bob")}, test::mode_syntax) ==
        "+o-v alice bob");
  CHECK(render_mode_changes(Changes{add('n'), add('o', "alice"), add('t')}, test::mode_syntax) ==
        "+not alice");
  CHECK(render_mode_changes(Changes{remove('l'), add('i'), remove('m')}, test::mode_syntax) == "-l+i-m");
  CHECK(render_mode_changes({}, test::mode_syntax) == "");
}

TEST_CASE("a removed key is rendered with a parameter, never with the key") {
  CHECK(render_mode_changes(Changes{remove('k'), remove('o', "alice")}, test::mode_syntax) == "-ko * alice");
  CHECK(render_mode_changes(Changes{remove('k', "secret")}, test::mode_syntax) == "-k *");
}
