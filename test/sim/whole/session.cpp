#include "test/sim/whole/session.hpp"

#include "protocol/names.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace troupe::sim {
namespace {

std::string_view tag(std::string_view tags, std::string_view key) {
  for (std::size_t at = 0; at < tags.size();) {
    const auto end = std::min(tags.find(';', at), tags.size());
    const auto one = tags.substr(at, end - at);
    if (one.starts_with(key) && one.size() > key.size() && one[key.size()] == '=')
      return one.substr(key.size() + 1);
    at = end + 1;
  }
  return {};
}

constexpr std::string_view not_stored = "could not be stored";

}  // namespace

Heard::Heard(std::string_view line) {
  const auto word = [&] {
    const auto end = std::min(line.find(' '), line.size());
    const auto found = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return found;
  };
  if (line.starts_with('@')) {
    const auto tags = word().substr(1);
    label = tag(tags, "label");
    batch = tag(tags, "batch");
  }
  if (line.starts_with(':')) {
    const auto whole = word().substr(1);
    source = whole.substr(0, whole.find('!'));
    if (source.size() < whole.size()) {
      const auto user = whole.substr(source.size() + 1);
      std::uint32_t number = 0;
      if (user.starts_with('u') &&
          std::from_chars(user.data() + 1, user.data() + user.size(), number).ec == std::errc{})
        session = number;
    }
  }
  command = word();
  while (!line.empty()) {
    if (line.front() == ':') {
      params.push_back(line.substr(1));
      return;
    }
    params.push_back(word());
  }
}

std::string Session::Capabilities::names() const {
  std::string names = "batch";
  if (echo) names += " echo-message multi-prefix";
  if (labels) names += " labeled-response";
  if (history) names += " draft/chathistory";
  if (time || history) names += " server-time";
  if (tags) names += " message-tags";
  if (extras) names += " away-notify setname invite-notify standard-replies";
  return names;
}

Session::Session(Model& model, std::uint32_t number, Capabilities capabilities, std::shared_ptr<Peer> peer,
                 Tell tell)
    : model_(model),
      number_(number),
      capabilities_(capabilities),
      peer_(std::move(peer)),
      tell_(std::move(tell)),
      views_(model.channels()) {
  peer_->on_arrival = [this](std::string_view bytes) {
    peer_->arrived.clear();
    hear(bytes);
  };
}

// -- what it does

void Session::sends(const std::string& line) {
  if (tell_) tell_(*this, ">", line);
  peer_->unread.append(line).append("\r\n");
}

void Session::asks(const std::string& line, std::optional<std::uint32_t> message, bool notice) {
  if (!capabilities_.labels) return sends(line);
  asked_.push_back({++last_label_, message, notice});
  sends("@label=" + std::to_string(last_label_) + " " + line);
}

void Session::registers(const std::string& nick) {
  wants_nick_ = false;
  nick_ = nick;
  sends("NICK " + nick);
}

void Session::speaks(std::size_t channel, std::string_view filler, bool notice) {
  notice = notice && capabilities_.labels;
  const auto number = model_.says(number_, channel);
  auto line = (notice ? "NOTICE " : "PRIVMSG ") + model_.order(channel).name + " :" + message_name(number);
  if (!filler.empty()) line.append(" ").append(filler);
  asks(line, number, notice);
}

void Session::whispers(const std::string& nick) {
  asks("PRIVMSG " + nick + " :" + message_name(model_.says(number_, {})));
}

void Session::asks_history(std::size_t channel, std::size_t limit) {
  const auto& view = views_[channel];
  questions_.push_back({channel, limit, view.inside, view.memberships, view.changes, view.place, view.last});
  asks("CHATHISTORY LATEST " + model_.order(channel).name + " * " + std::to_string(limit));
}

void Session::pings(const std::string& word) {
  if (std::exchange(last_ping_, word) != word) asks("PING " + word);
}

void Session::falls_silent() {
  silent_ = true;
  peer_->on_arrival = nullptr;
  peer_->unread.clear();
  peer_->reads = false;
}

Session::~Session() { peer_->on_arrival = nullptr; }

void Session::View::begin() {
  const auto before = *this;
  *this = {};
  inside = fresh = true;
  memberships = before.memberships + 1;
  join = before.joins;
  joins = before.joins + 1;
}

void Session::vanishes() {
  vanished_ = true;
  peer_->on_arrival = nullptr;
  peer_->unread.clear();
  peer_->ended = peer_->left = true;
}

// -- what it hears

void Session::hear(std::string_view bytes) {
  rest_.append(bytes);
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = rest_.find("\r\n", begin)) != std::string::npos; begin = end + 2)
    hear_line(std::string_view{rest_}.substr(begin, end - begin));
  rest_.erase(0, begin);
}

void Session::hear_line(std::string_view text) {
  if (tell_) tell_(*this, "<", text);
  const Heard line(text);
  if (!line.label.empty()) hear_label(line);
  const auto command = line.command;
  if (command == "PRIVMSG" || command == "NOTICE") return hear_speech(line);
  if (command == "BATCH") return hear_batch(line);
  if (command == "PING") return sends("PONG :" + std::string{line.param(0)});
  if (command == "PONG") {
    last_pong_ = line.param(1);
    return;
  }
  if (command == "FAIL" && line.param(0) == "CHATHISTORY" && !questions_.empty()) questions_.pop_front();
  if (command.size() == 3 && command[0] >= '0' && command[0] <= '9') return hear_numeric(line);
  if (command == "QUIT" || command == "NICK") return hear_of_person(line);
  if (!line.param(0).starts_with('#') || command == "INVITE") return;
  if (command == "JOIN" || command == "PART" || command == "KICK" || command == "MODE" || command == "TOPIC")
    hear_move(line);
}

/// Every labelled command gets one labelled answer, in the order of the commands.
void Session::hear_label(const Heard& line) {
  const auto about = [&] { return std::vector{session_name(number_)}; };
  const std::string label{line.label};
  if (asked_.empty() || std::to_string(asked_.front().label) != label)
    return model_.fail("labels",
                       "an answer has label " + label + ", next is " +
                           (asked_.empty() ? "none" : std::to_string(asked_.front().label)),
                       about());
  const auto asked = asked_.front();
  asked_.pop_front();
  if (!asked.message) return;
  const bool echo = line.command == "PRIVMSG" || line.command == "NOTICE";
  if (line.params.size() > 0 && line.params.back().find(not_stored) != std::string_view::npos)
    model_.refused(*asked.message);
  else if ((echo || (line.command == "ACK" && !asked.notice)) && model_.saying(*asked.message).kept == 0)
    model_.fail("answered and not kept", "the answer to a message comes before it is kept",
                {session_name(number_), message_name(*asked.message)});
}

void Session::hear_batch(const Heard& line) {
  if (line.param(0).starts_with('+')) {
    batch_ = line.param(1);
    history_.clear();
    return;
  }
  if (batch_ == "chathistory") check_history();
  batch_.clear();
}

void Session::hear_numeric(const Heard& line) {
  if (line.command == "001") {
    registered_ = true;
    nick_ = line.param(0);
  } else if (line.command == "433" && !registered_) {
    wants_nick_ = true;
  } else if (line.command == "353" || line.command == "366") {
    hear_names(line);
  } else if (line.command == "322") {
    hear_of_channel(line.param(1), "LIST");
  } else if (line.command == "319") {
    const auto list = line.param(2);
    for (std::size_t at = list.find('#'); at < list.size(); at = list.find('#', at + 1))
      hear_of_channel(list.substr(at, list.find(' ', at) - at), "WHOIS");
  } else if (line.command == "324") {
    last_modes_ = line.param(2);
    last_bans_.clear();
  } else if (line.command == "367") {
    last_bans_.emplace_back(line.param(2));
  }
}

void Session::hear_of_channel(std::string_view name, std::string_view by) {
  if (const auto channel = model_.channel(name); channel && !views_[*channel].inside)
    model_.told_outside(*channel, number_, by);
}

void Session::hear_names(const Heard& line) {
  if (line.command == "353") {
    ++names_lines_;
    const auto names = line.param(3);
    hear_of_channel(line.param(2), "NAMES");
    for (std::size_t at = 0; at < names.size();) {
      const auto end = std::min(names.find(' ', at), names.size());
      names_.emplace_back(names.substr(at, end - at));
      at = end + 1;
    }
    return;
  }
  if (const auto channel = model_.channel(line.param(1)); channel && views_[*channel].inside) {
    auto& view = views_[*channel];
    if (!view.named)
      for (const auto& name : names_) view.nicks.insert(name.substr(name.find_first_not_of("@+")));
    view.named = true;
    if (names_lines_ == 1) check_names(*channel);
  }
  last_names_ = std::exchange(names_, {});
  names_lines_ = 0;
}

void Session::hear_speech(const Heard& line) {
  const auto number = model_.find(line.param(1));
  if (!line.session) {  // the server's own
    for (std::size_t i = 0; i < views_.size(); ++i)
      if (line.param(1).find(" of " + model_.order(i).name + " are not") != std::string_view::npos)
        views_[i].in_vain = true;
    return;
  }
  if (!number) return model_.fail("never said", std::string{line.param(1)}, {session_name(number_)});
  const auto& said = model_.saying(*number);
  const bool echo = said.from == number_;
  const std::vector<std::string> names = {session_name(number_), message_name(*number)};
  const bool to_channel = line.param(0).starts_with('#');
  const bool right = to_channel == said.channel.has_value() &&
                     (!to_channel || model_.order(*said.channel).name == line.param(0));
  if (said.from != *line.session || !right)
    return model_.fail("said otherwise", "it is shown as said by another, or elsewhere", names);
  const bool in_history = batch_ == "chathistory" && !line.batch.empty();
  if (in_history) {
    model_.found(*number, number_);
    return history_.push_back(*number);
  }
  model_.shown(*number, number_);
  if (!said.channel) {
    if (!echo && line.param(0) != nick_)
      model_.fail("read by others", "it was said to " + std::string{line.param(0)}, names);
    return;
  }
  if (views_[*said.channel].inside)
    happened(*said.channel, {Event::Kind::message, said.from, *number, {}});
  else if (!echo)
    model_.fail("read from outside", "it is not in " + model_.order(*said.channel).name, names);
}

void Session::hear_move(const Heard& line) {
  const auto channel = model_.channel(line.param(0));
  if (!channel || !line.session) return;
  auto& view = views_[*channel];
  const bool mine = *line.session == number_;
  const bool joins = line.command == "JOIN";
  if (joins ? mine == view.inside : !view.inside)
    return model_.fail("seen from outside", std::string{line.command}, about(*channel));
  if (joins) {
    if (mine) view.begin();
    view.nicks.emplace(line.source);
    return happened(*channel, {Event::Kind::join, *line.session, 0, std::string{line.source}});
  }
  if (line.command == "PART") {
    view.nicks.erase(std::string{line.source});
    return happened(*channel, {Event::Kind::part, *line.session, 0, {}});
  }
  if (line.command == "KICK") {
    const std::string whom{line.param(1)};
    view.nicks.erase(whom);
    return happened(*channel, {Event::Kind::kick, *line.session, 0, whom});
  }
  ++view.changes;
  std::string text{line.param(1)};
  for (std::size_t i = 2; i < line.params.size(); ++i) text.append(" ").append(line.params[i]);
  happened(*channel,
           {line.command == "MODE" ? Event::Kind::mode : Event::Kind::topic, *line.session, 0, text});
}

void Session::hear_of_person(const Heard& line) {
  if (!line.session) return;
  const std::string nick{line.source};
  const bool quits = line.command == "QUIT";
  const std::string next{line.param(0)};
  if (!quits && *line.session == number_) nick_ = next;
  bool shared = *line.session == number_;
  for (std::size_t i = 0; i < views_.size(); ++i) {
    auto& view = views_[i];
    if (!view.inside) continue;
    ++view.changes;
    if (view.nicks.erase(nick) == 0) {
      if (!view.named) shared = view.lost = true;  // it may be there
      continue;
    }
    shared = true;
    if (!quits) view.nicks.insert(next);
    happened(i,
             {quits ? Event::Kind::quit : Event::Kind::nick, *line.session, 0, quits ? std::string{} : next});
  }
  if (!shared)
    model_.fail("seen from outside", std::string{line.command} + " of somebody it shares no channel with",
                {session_name(number_), session_name(*line.session)});
}

std::vector<std::string> Session::about(std::size_t channel) const {
  return {session_name(number_), model_.order(channel).name};
}

}  // namespace troupe::sim
