#include "test/sim/whole/order.hpp"

#include "protocol/names.hpp"

#include <algorithm>

namespace troupe::sim {
namespace {

bool same_nick(std::string_view a, std::string_view b) {
  return protocol::casefold(a) == protocol::casefold(b);
}

/// Whether `nick!user@host` is one that a mask with stars means. Nothing but stars and literals is used.
bool matches(std::string_view mask, std::string_view text) {
  if (mask.empty()) return text.empty();
  if (mask.front() == '*') {
    for (std::size_t i = 0; i <= text.size(); ++i)
      if (matches(mask.substr(1), text.substr(i))) return true;
    return false;
  }
  return !text.empty() && mask.front() == text.front() && matches(mask.substr(1), text.substr(1));
}

}  // namespace

std::string Event::describe() const {
  const auto by = " by u" + std::to_string(who);
  switch (kind) {
    case Kind::message:
      return "message m" + std::to_string(message) + by;
    case Kind::join:
      return "JOIN as " + text + by;
    case Kind::part:
      return "PART" + by;
    case Kind::kick:
      return "KICK " + text + by;
    case Kind::quit:
      return "QUIT" + by;
    case Kind::nick:
      return "NICK " + text + by;
    case Kind::mode:
      return "MODE " + text + by;
    case Kind::topic:
      return "TOPIC " + text + by;
  }
  return {};
}

Truth::Member* Truth::find(std::uint32_t session) {
  const auto found = std::ranges::find(members, session, &Member::session);
  return found == members.end() ? nullptr : &*found;
}

Truth::Member* Truth::find(std::string_view nick) {
  const auto found =
      std::ranges::find_if(members, [&](const Member& member) { return same_nick(member.nick, nick); });
  return found == members.end() ? nullptr : &*found;
}

bool Truth::bans_member(const Member& member) const {
  if (bans.empty()) return false;
  const auto who =
      protocol::casefold(member.nick + "!u" + std::to_string(member.session) + "@" + member.host);
  return std::ranges::any_of(bans, [&](const auto& mask) { return matches(protocol::casefold(mask), who); });
}

bool Truth::may_read_past(std::uint32_t session) {
  const auto* member = find(session);
  return member && (member->op || member->voice || !bans_member(*member));
}

void Truth::begin_life() {
  ++life;
  lives.emplace_back();
  members.clear();
  flags = {'n', 't'};
  bans.clear();
  limit = 0;
}

std::string Truth::apply(const Event& event, const std::string& host, bool invited) {
  auto* who = find(event.who);
  const auto remove = [&](std::uint32_t session) {
    std::erase_if(members, [&](const Member& member) { return member.session == session; });
    if (members.empty()) begin_life();
  };
  switch (event.kind) {
    case Event::Kind::message:
      if (who && !who->op && !who->voice && (flags.contains('m') || bans_member(*who)))
        return "somebody speaks who may not";
      if (!who && (flags.contains('n') || flags.contains('m'))) return "somebody speaks who is not there";
      lives[life].spoken = true;
      return {};
    case Event::Kind::join: {
      if (who) return "somebody joins who is there already";
      if (find(event.text)) return "somebody joins under a nick that another member has";
      const Member newcomer{event.who, event.text, host, members.empty(), false};
      if (!members.empty() && !invited) {
        if (flags.contains('i')) return "somebody joins a channel that is for the invited";
        if (bans_member(newcomer)) return "somebody joins who is banned";
        if (limit > 0 && members.size() >= limit) return "somebody joins a channel that is full";
      }
      members.push_back(newcomer);
      return {};
    }
    case Event::Kind::part:
    case Event::Kind::quit:
      if (!who) return "somebody leaves who is not there";
      remove(event.who);
      return {};
    case Event::Kind::kick: {
      const auto* whom = find(event.text);
      if (!who || !who->op) return "somebody kicks who is no operator";
      if (!whom) return "somebody is kicked who is not there";
      remove(whom->session);
      return {};
    }
    case Event::Kind::nick: {
      const auto* other = find(event.text);
      if (!who) return "somebody changes nick who is not there";
      if (!who->op && !who->voice && bans_member(*who)) return "somebody changes nick who is banned";
      if (other && other != who) return "somebody takes a nick that another member has";
      who->nick = event.text;
      return {};
    }
    case Event::Kind::mode:
      if (!who || !who->op) return "somebody changes modes who is no operator";
      return apply_modes(event.text);
    case Event::Kind::topic:
      if (!who || (flags.contains('t') && !who->op)) return "somebody sets a topic who may not";
      return {};
  }
  return {};
}

/// "+o-v nick other"
std::string Truth::apply_modes(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  bool add = true;
  std::size_t next = 1;
  for (const char letter : words[0]) {
    if (letter == '+' || letter == '-') {
      add = letter == '+';
      continue;
    }
    const bool takes =
        letter == 'o' || letter == 'v' || letter == 'b' || letter == 'k' || (letter == 'l' && add);
    const auto parameter = takes && next < words.size() ? words[next++] : std::string{};
    if (letter == 'o' || letter == 'v') {
      auto* whom = find(parameter);
      if (!whom) return "somebody's rank changes who is not there";
      (letter == 'o' ? whom->op : whom->voice) = add;
    } else if (letter == 'b') {
      if (add)
        bans.insert(parameter);
      else
        bans.erase(parameter);
    } else if (letter == 'l') {
      limit = add ? static_cast<std::size_t>(std::stoul(parameter)) : 0;
    } else if (add) {
      flags.insert(letter);
    } else {
      flags.erase(letter);
    }
  }
  if (!bans.empty() || flags.contains('i') || flags.contains('k') || flags.contains('s'))
    lives[life].closed = true;
  return {};
}

bool Order::was_secret() const {
  const auto is_of_secrecy = [](const Event& event) {
    return event.kind == Event::Kind::mode && event.text.find('s') != std::string::npos;
  };
  return rooted && life == truth.life && truth.flags.contains('s') &&
         std::ranges::none_of(events, is_of_secrecy);
}

std::optional<std::size_t> Order::join_of(std::uint32_t session, std::size_t which) const {
  for (const auto& [who, place] : joins)
    if (who == session && which-- == 0) return place;
  return {};
}

}  // namespace troupe::sim
