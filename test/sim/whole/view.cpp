// How a session's views of channels fit into what happened there.
#include "protocol/names.hpp"
#include "test/sim/whole/session.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe::sim {

void Session::happened(std::size_t channel, Event event) {
  auto& view = views_[channel];
  const bool ends =
      (event.kind == Event::Kind::part && event.who == number_) ||
      (event.kind == Event::Kind::kick && protocol::casefold(event.text) == protocol::casefold(nick_));
  if (event.kind == Event::Kind::message) {
    const auto id = model_.saying(event.message).id;
    if (view.last < id) view.last = id;
  }
  // Nothing is known of the channel's order, or of the place of this one in it.
  if (model_.order(channel).rooted && !view.lost) {
    view.queue.push_back(std::move(event));
    match(channel);
  }
  if (ends) leaves(channel);
}

void Session::leaves(std::size_t channel) {
  auto& view = views_[channel];
  view.inside = view.lost = view.named = view.synced = false;
  view.queue.clear();
  view.nicks.clear();
}

/// Finds the places of what was seen, as far as they are known.
void Session::match(std::size_t channel) {
  auto& view = views_[channel];
  auto& order = model_.order(channel);
  while (!view.queue.empty()) {
    const auto& event = view.queue.front();
    if (!view.synced) {
      if (!match_join(channel)) return;
      continue;
    }
    if (event.kind == Event::Kind::message && model_.saying(event.message).id <= view.mark) {
      match_replay(channel, event.message);
    } else if (view.place == order.events.size()) {
      // Who does not hear itself does not know what it has said before this.
      if (!capabilities_.echo) return;
      model_.append(channel, event);
      ++view.place;
    } else if (order.events[view.place] == event) {
      ++view.place;
    } else if (const auto& next = order.events[view.place];
               !capabilities_.echo && next.kind == Event::Kind::message && next.who == number_) {
      ++view.place;
      continue;
    } else {
      return model_.fail("one order",
                         session_name(number_) + " sees " + event.describe() + " in " + order.name +
                             ", others have seen " + next.describe(),
                         {session_name(number_), order.name, session_name(event.who), session_name(next.who),
                          message_name(event.message), message_name(next.message)});
    }
    if (model_.violation()) return;
    view.queue.pop_front();
  }
}

/// Its own join is the first thing that it sees.
bool Session::match_join(std::size_t channel) {
  auto& view = views_[channel];
  auto& order = model_.order(channel);
  const auto place = order.join_of(number_, view.join);
  if (!place) return false;
  view.place = *place + 1;
  view.synced = true;
  view.mark = order.base;
  for (auto i = *place; i-- > 0;)
    if (order.events[i].kind == Event::Kind::message) {
      view.mark = model_.saying(order.events[i].message).id;
      break;
    }
  if (order.truth.find(number_) && !order.join_of(number_, view.join + 1)) view.life = order.truth.life;
  view.queue.pop_front();
  return true;
}

void Session::match_replay(std::size_t channel, std::uint32_t message) {
  auto& view = views_[channel];
  const auto id = model_.saying(message).id;
  auto names = about(channel);
  names.push_back(message_name(message));
  if (!capabilities_.time || capabilities_.history)
    return model_.fail("from before joining", "it is shown what was said before, and may have no replay",
                       names);
  if (id <= view.replayed) return model_.fail("replay", "out of order, or twice", names);
  view.replayed = id;
  check_readable(channel, message);
}

/// What was said in a life of the channel that was closed is for those who were there.
void Session::check_readable(std::size_t channel, std::uint32_t message) {
  const auto& view = views_[channel];
  const auto& said = model_.saying(message);
  if (!view.life || !said.life || *said.life >= *view.life) return;
  const auto& lives = model_.order(channel).truth.lives;
  for (auto life = *said.life; life < *view.life; ++life)
    if (lives[life].is_private()) {
      auto names = about(channel);
      names.push_back(message_name(message));
      return model_.fail("private past", "it is shown what was said in a closed life of the channel", names);
    }
}

/// What the room says of who is there, between two things that happened, is what these came to.
void Session::check_names(std::size_t channel) {
  if (!is_up_to_date(channel)) return;
  auto told = names_;
  std::vector<std::string> true_names;
  for (const auto& member : model_.order(channel).truth.members) {
    const std::string op = member.op ? "@" : "";
    const std::string voice = member.voice && (capabilities_.echo || !member.op) ? "+" : "";
    true_names.push_back(op + voice + member.nick);
  }
  std::ranges::sort(told);
  std::ranges::sort(true_names);
  if (told == true_names) return;
  std::string difference;
  for (const auto& name : told) difference += " " + name;
  difference += " /";
  for (const auto& name : true_names) difference += " " + name;
  model_.fail("names", "NAMES says, and what happened comes to:" + difference, about(channel));
}

/// It has seen all that anybody has of the channel.
bool Session::is_up_to_date(std::size_t channel) {
  const auto& view = views_[channel];
  const auto& order = model_.order(channel);
  return order.rooted && view.inside && view.synced && !view.lost && view.queue.empty() &&
         view.place == order.events.size();
}

/// An answer out of the past has no gap, and lacks nothing of what its reader has seen.
void Session::check_history() {
  if (questions_.empty()) return;
  const auto question = questions_.front();
  questions_.pop_front();
  const auto channel = question.channel;
  const auto& view = views_[channel];
  auto names = about(channel);
  const auto fail = [&](const std::string& what) { model_.fail("history", what, names); };
  const auto& all = model_.history(channel);
  if (history_.size() > question.limit) fail("more than was asked for");
  const auto last = history_.empty() ? protocol::MessageId{} : model_.saying(history_.back()).id;
  // What nobody was shown when it was said may have been refused in doubt: then it is removed some time.
  const auto in_doubt = [&](std::uint32_t number) { return !model_.saying(number).seen; };
  std::erase_if(history_, in_doubt);
  for (std::size_t i = 0; i < history_.size(); ++i) {
    names = about(channel);
    names.push_back(message_name(history_[i]));
    const auto place = all.find(model_.saying(history_[i]).id);
    if (place == all.end()) return fail("a message that is not kept");
    auto before = place;
    while (before != all.begin() && in_doubt(std::prev(before)->second)) --before;
    if (i > 0 && (before == all.begin() || std::prev(before)->second != history_[i - 1]))
      return fail("out of order, or a gap before it");
    check_readable(channel, history_[i]);
  }
  if (!history_.empty() && !question.inside && view.memberships == question.memberships)
    return fail("it is told to somebody who is not there");
  if (!view.inside || view.memberships != question.memberships) return;
  if (view.changes == question.changes && last < question.last)
    return fail("it ends before what its reader has seen");
  if (view.place != question.place || !is_up_to_date(channel)) return;
  if (!model_.order(channel).truth.may_read_past(number_)) fail("it is told to somebody who is banned");
}

/// A newcomer that was shown anything of the past was shown all of it from there on.
void Session::check_replay(std::size_t channel) {
  const auto& view = views_[channel];
  if (!view.fresh || view.in_vain || view.replayed == protocol::MessageId{}) return;
  const auto is_of_bans = [](const Event& event) {
    return event.kind == Event::Kind::mode && event.text.find('b') != std::string::npos;
  };
  // Who is banned meanwhile is shown no more of it.
  if (std::ranges::any_of(model_.order(channel).events, is_of_bans)) return;
  const auto& all = model_.history(channel);
  for (auto at = all.upper_bound(view.replayed); at != all.end() && at->first <= view.mark; ++at)
    if (!model_.saying(at->second).refused)
      return model_.fail("replay", "it ends before the newcomer has joined",
                         {session_name(number_), model_.order(channel).name, message_name(at->second)});
}

void Session::check_at_rest() {
  if (!asked_.empty())
    model_.fail("labels", "label " + std::to_string(asked_.front().label) + " has no answer",
                {session_name(number_)});
  for (std::size_t i = 0; i < views_.size(); ++i) {
    auto& view = views_[i];
    const auto& order = model_.order(i);
    if (!order.rooted || !view.inside || view.lost) continue;
    match(i);
    if (!view.synced) continue;
    const auto hears = [&](const Event& event) {
      return capabilities_.echo || event.kind != Event::Kind::message || event.who != number_;
    };
    for (; view.place < order.events.size(); ++view.place)
      if (hears(order.events[view.place]))
        return model_.fail("missed", order.events[view.place].describe() + " was seen by others", about(i));
    check_replay(i);
  }
}

/// All has come to rest: everybody has seen everything, and goes on from here.
void Session::begin_again() {
  for (std::size_t i = 0; i < views_.size(); ++i) {
    auto& view = views_[i];
    view.joins = 0;
    view.place = 0;
    view.queue.clear();
    view.lost = view.fresh = false;
    view.synced = view.inside;
    if (!view.inside) continue;
    view.mark = {};
    view.life = model_.order(i).truth.life;
  }
}

}  // namespace troupe::sim
