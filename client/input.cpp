#include "client/input.hpp"

#include "client/history.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace troupe::client {

namespace {

// What stands behind a command's name.
enum class Shape {
  nothing,        // nothing at all
  text,           // anything or nothing
  needed_text,    // anything
  one_word,       // a word
  perhaps_word,   // a word or nothing
  room_and_word,  // a room, then perhaps a word
  perhaps_room,   // perhaps a room, then anything or nothing
  word_and_text,  // a word, then anything
  perhaps_count,  // a number of messages, or nothing
};

struct Command {
  std::string_view name;
  Verb verb;
  Shape shape;
  std::string_view usage;
  std::string_view help;
};

constexpr std::array commands = {
    Command{"nick", Verb::nick, Shape::one_word, "/nick <name>", "takes another name"},
    Command{"list", Verb::list, Shape::perhaps_word, "/list [mask]", "lists the rooms"},
    Command{"msg", Verb::msg, Shape::word_and_text, "/msg <name> <text>",
            "says something to one person or room"},
    Command{"me", Verb::me, Shape::needed_text, "/me <text>", "says what you do"},
    Command{"join", Verb::join, Shape::room_and_word, "/join <room> [key]",
            "enters a room and makes it the current one"},
    Command{"part", Verb::part, Shape::perhaps_room, "/part [room] [reason]", "leaves a room"},
    Command{"topic", Verb::topic, Shape::perhaps_room, "/topic [room] [text]",
            "shows or sets a room's topic"},
    Command{"whois", Verb::whois, Shape::one_word, "/whois <name>", "tells who somebody is"},
    Command{"away", Verb::away, Shape::text, "/away [text]",
            "says that you are away, or without a text that you are back"},
    Command{"history", Verb::history, Shape::perhaps_count, "/history [N]",
            "shows N (or 50, at most 10000) older messages"},
    Command{"help", Verb::help, Shape::nothing, "/help", "shows this"},
    Command{"quit", Verb::quit, Shape::text, "/quit [reason]", "leaves, as do /exit, leave and Ctrl-D"},
    Command{"exit", Verb::quit, Shape::text, "", ""},
};

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Takes the first word off `text`, which then begins with what follows the spaces behind it.
std::string take_word(std::string_view& text) {
  text = trim(text);
  const auto end = std::min(text.find_first_of(" \t"), text.size());
  const std::string word(text.substr(0, end));
  text = trim(text.substr(end));
  return word;
}

std::string with_hash(std::string room) { return protocol::is_channel(room) ? room : "#" + room; }

// A word can be sent only if it does not begin with ':', which would make it a text (Modern IRC,
// "Parameters").
bool can_be_sent(std::string_view word) { return !word.starts_with(':'); }

// Reads what stands behind the command's name; nothing if it does not fit.
std::optional<Input> read_arguments(const Command& command, std::string_view rest) {
  Input input{command.verb, {}, {}, 0};
  switch (command.shape) {
    case Shape::nothing:
      break;
    case Shape::text:
    case Shape::needed_text:
      input.text = rest;
      return command.shape == Shape::text || !rest.empty() ? std::optional(input) : std::nullopt;
    case Shape::one_word:
    case Shape::perhaps_word:
      input.target = take_word(rest);
      if (input.target.empty() && command.shape == Shape::one_word) return std::nullopt;
      break;
    case Shape::room_and_word:
      input.target = take_word(rest);
      if (input.target.empty() || !can_be_sent(input.target)) return std::nullopt;
      input.target = with_hash(input.target);
      input.text = take_word(rest);
      if (!can_be_sent(input.text)) return std::nullopt;
      break;
    case Shape::perhaps_room:
      if (protocol::is_channel(rest)) input.target = take_word(rest);
      input.text = rest;
      return input;
    case Shape::word_and_text:
      input.target = take_word(rest);
      input.text = rest;
      if (input.text.empty() || !can_be_sent(input.target)) return std::nullopt;
      return input;
    case Shape::perhaps_count:
      input.count = rest.empty() ? History::usual : protocol::to_number(take_word(rest)).value_or(0);
      if (input.count == 0 || input.count > History::most) return std::nullopt;
      break;
  }
  if (!rest.empty() || !can_be_sent(input.target)) return std::nullopt;
  return input;
}

Result<Input, InputError> parse_command(std::string_view line) {
  std::string name = protocol::casefold(take_word(line));
  const auto* const command = std::find_if(commands.begin(), commands.end(),
                                           [&](const Command& candidate) { return candidate.name == name; });
  if (command == commands.end()) return InputError{"there is no command /" + name + "; /help lists them"};
  if (auto input = read_arguments(*command, line)) return *std::move(input);
  return InputError{"usage: " + std::string(command->usage)};
}

}  // namespace

Result<Input, InputError> parse_input(std::string_view line) {
  if (trim(line).empty()) return Input{};
  if (line.starts_with("//")) return Input{Verb::say, {}, std::string(line.substr(1))};
  if (line.starts_with('/')) return parse_command(line.substr(1));
  if (trim(line) == "leave") return Input{Verb::quit, {}, {}};
  if (trim(line) == "send") return InputError{"usage: send <message>"};
  if (line.starts_with("send ")) return Input{Verb::say, {}, std::string(line.substr(5))};
  return Input{Verb::say, {}, std::string(line)};
}

std::vector<std::string> help_lines() {
  std::vector<std::string> lines = {
      "<text>                  says it in the current room, as send <text> does; //text says /text",
      "leave                   leaves and ends the program",
  };
  for (const auto& command : commands) {
    if (command.usage.empty()) continue;
    std::string line(command.usage);
    line.resize(std::max<std::size_t>(line.size() + 1, 24), ' ');
    lines.push_back(line.append(command.help));
  }
  return lines;
}

}  // namespace troupe::client
