#include "protocol/modes.hpp"

#include "protocol/limits.hpp"

#include <algorithm>
#include <optional>

namespace troupe::protocol {

namespace {

using Sign = ModeChange::Sign;

using enum ModeType;

const ModeSyntax* find(std::span<const ModeSyntax> known, char letter) {
  const auto found = std::ranges::find(known, letter, &ModeSyntax::letter);
  return found == known.end() ? nullptr : &*found;
}

bool takes_parameter(ModeType type, Sign sign) {
  return type != flag && !(type == when_set && sign == Sign::remove);
}

bool is_setting(ModeType type) { return type == always || type == when_set || type == flag; }

bool is_valid(const ModeSyntax& mode, const ModeChange& change) {
  if (!mode.is_valid || (mode.type != list && change.sign == Sign::remove)) return true;
  return mode.is_valid(change.parameter);
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void add_once(std::vector<char>& modes, char mode) {
  if (std::ranges::find(modes, mode) == modes.end()) modes.push_back(mode);
}

void replace(std::vector<ModeChange>& changes, ModeChange change) {
  std::erase_if(changes, [&](const ModeChange& earlier) { return earlier.mode == change.mode; });
  changes.push_back(std::move(change));
}

// Reads a channel's modes one by one.
class Reader {
 public:
  Reader(std::span<const std::string> arguments, std::span<const ModeSyntax> known)
      : arguments_(arguments), known_(known) {}

  void read(Sign sign, char letter) {
    const auto* mode = find(known_, letter);
    if (!mode) return add_once(request_.unknown, is_alphanumeric(letter) ? letter : '?');

    const bool with_parameter = takes_parameter(mode->type, sign);
    ModeChange change{sign, letter, with_parameter ? next_argument() : ""};
    if (change.parameter.empty() && with_parameter) {
      if (mode->type == list) return add_once(request_.lists, letter);
      if (mode->type != always || sign == Sign::add) return add_once(request_.missing, letter);
    }
    if (with_parameter && ++with_parameter_ > limits::modes) return;
    if (!is_valid(*mode, change)) return request_.invalid.push_back(std::move(change));
    if (is_setting(mode->type)) return replace(request_.changes, std::move(change));
    request_.changes.push_back(std::move(change));
  }

  ChannelModeRequest take() { return std::move(request_); }

 private:
  std::string next_argument() {
    if (arguments_.empty()) return {};
    const auto& argument = arguments_.front();
    arguments_ = arguments_.subspan(1);
    return argument;
  }

  std::span<const std::string> arguments_;
  std::span<const ModeSyntax> known_;
  std::size_t with_parameter_ = 0;
  ChannelModeRequest request_;
};

// Calls `use` with each mode and the sign that stands before it.
template <class Use>
void for_each_mode(std::string_view modes, Use use) {
  auto sign = Sign::add;
  for (const char c : modes) {
    if (c == '+')
      sign = Sign::add;
    else if (c == '-')
      sign = Sign::remove;
    else
      use(sign, c);
  }
}

}  // namespace

ChannelModeRequest parse_channel_modes(std::string_view modes, std::span<const std::string> arguments,
                                       std::span<const ModeSyntax> known) {
  Reader reader(arguments, known);
  for_each_mode(modes, [&](Sign sign, char mode) { reader.read(sign, mode); });
  return reader.take();
}

UserModeRequest parse_user_modes(std::string_view modes, std::string_view known) {
  UserModeRequest request;
  for_each_mode(modes, [&](Sign sign, char mode) {
    if (known.find(mode) != std::string_view::npos)
      replace(request.changes, {sign, mode, {}});
    else
      request.unknown = true;
  });
  return request;
}

std::string render_mode_changes(std::span<const ModeChange> changes, std::span<const ModeSyntax> known) {
  std::string modes;
  std::string parameters;
  std::optional<Sign> sign;
  for (const auto& change : changes) {
    if (sign != change.sign) modes += change.sign == Sign::add ? '+' : '-';
    sign = change.sign;
    modes += change.mode;
    const auto* mode = find(known, change.mode);
    const bool hidden = mode && mode->type == always && change.sign == Sign::remove;
    const std::string_view parameter = hidden ? "*" : std::string_view(change.parameter);
    if (parameter.empty()) continue;
    parameters += ' ';
    parameters += parameter;
  }
  return modes + parameters;
}

}  // namespace troupe::protocol
