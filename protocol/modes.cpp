#include "protocol/modes.hpp"

#include "protocol/limits.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <algorithm>
#include <optional>

namespace troupe::protocol {

namespace {

using Sign = ModeChange::Sign;

// Whether a mode is known, and takes a parameter: the types of Modern IRC, "MODE message".
enum class Type {
  list,    // A: asks for the list without one
  key,     // B: always, though a removal is honoured without
  limit,   // C: when set
  flag,    // D: never
  prefix,  // always
  not_known,
};

Type type_of(char mode) {
  switch (mode) {
    case 'b':
      return Type::list;
    case 'k':
      return Type::key;
    case 'l':
      return Type::limit;
    case 'i':
    case 'm':
    case 'n':
    case 't':
      return Type::flag;
    case 'o':
    case 'v':
      return Type::prefix;
    default:
      return Type::not_known;
  }
}

bool takes_parameter(Type type, Sign sign) {
  return type != Type::flag && type != Type::not_known && !(type == Type::limit && sign == Sign::remove);
}

bool is_setting(Type type) { return type == Type::key || type == Type::limit || type == Type::flag; }

bool is_valid(Type type, const ModeChange& change) {
  if (type == Type::list) return !check_mask(change.parameter);
  if (change.sign == Sign::remove) return true;
  if (type == Type::key) return !check_key(change.parameter);
  if (type == Type::limit) return to_number(change.parameter).value_or(0) > 0;
  return true;
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
  explicit Reader(std::span<const std::string> arguments) : arguments_(arguments) {}

  void read(Sign sign, char mode) {
    const auto type = type_of(mode);
    if (type == Type::not_known) return add_once(request_.unknown, is_alphanumeric(mode) ? mode : '?');

    ModeChange change{sign, mode, takes_parameter(type, sign) ? next_argument() : ""};
    if (change.parameter.empty() && takes_parameter(type, sign)) {
      if (type == Type::list) {
        request_.list_bans = true;
        return;
      }
      if (type != Type::key || sign == Sign::add) return add_once(request_.missing, mode);
    }
    if (takes_parameter(type, sign) && ++with_parameter_ > limits::modes) return;
    if (!is_valid(type, change)) return request_.invalid.push_back(std::move(change));
    if (is_setting(type)) return replace(request_.changes, std::move(change));
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

ChannelModeRequest parse_channel_modes(std::string_view modes, std::span<const std::string> arguments) {
  Reader reader(arguments);
  for_each_mode(modes, [&](Sign sign, char mode) { reader.read(sign, mode); });
  return reader.take();
}

UserModeRequest parse_user_modes(std::string_view modes) {
  UserModeRequest request;
  for_each_mode(modes, [&](Sign sign, char mode) {
    if (mode == 'i')
      replace(request.changes, {sign, mode, {}});
    else
      request.unknown = true;
  });
  return request;
}

std::string render_mode_changes(std::span<const ModeChange> changes) {
  std::string modes;
  std::string parameters;
  std::optional<Sign> sign;
  for (const auto& change : changes) {
    if (sign != change.sign) modes += change.sign == Sign::add ? '+' : '-';
    sign = change.sign;
    modes += change.mode;
    const bool key_removed = change.mode == 'k' && change.sign == Sign::remove;
    const std::string_view parameter = key_removed ? "*" : std::string_view(change.parameter);
    if (parameter.empty()) continue;
    parameters += ' ';
    parameters += parameter;
  }
  return modes + parameters;
}

}  // namespace troupe::protocol
