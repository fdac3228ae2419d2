#pragma once

#include "test/sim/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

// What tests of storage need: two people who talk, and what became of what they said.
namespace troupe::sim {

using namespace std::chrono_literals;

struct Texts : std::vector<std::string> {
  using std::vector<std::string>::vector;
  Texts(const std::vector<std::string>& texts) : vector(texts) {}
};

inline std::ostream& operator<<(std::ostream& out, const Texts& texts) {
  out << texts.size() << " texts:";
  for (const auto& text : texts) out << " '" << text << "'";
  return out;
}

/// The texts of the channel's messages among these lines, in order.
inline Texts texts(const Lines& lines) {
  Texts found;
  constexpr std::string_view command = " PRIVMSG #c :";
  for (const auto& line : lines.with(command))
    found.push_back(line.substr(line.find(command) + command.size()));
  return found;
}

/// "prefix 0" to "prefix n-1".
inline Texts numbered(const std::string& prefix, int count) {
  Texts texts;
  for (int i = 0; i < count; ++i) texts.push_back(prefix + " " + std::to_string(i));
  return texts;
}

inline void says(Client& client, const Texts& texts) {
  for (const auto& text : texts) client.sends("PRIVMSG #c :" + text);
}

inline bool in_order_of_ids(const MemoryStore& store) {
  return std::ranges::is_sorted(store.kept, std::ranges::less{}, &troupe::db::Message::id);
}

inline Texts sorted(Texts texts) {
  std::ranges::sort(texts);
  return texts;
}

/// The texts in the order of their ids, which is the order of history.
inline Texts history(MemoryStore& store) {
  Texts texts;
  for (const auto& message : store.oldest(store.kept.size())) texts.push_back(message.text);
  return texts;
}

/// Requires that whatever this client is shown of the channel is in the store or the spool by then.
inline void is_shown_what_is_kept(Sim& sim, Client& client) {
  client.peer().on_arrival = [&sim](std::string_view bytes) {
    constexpr std::string_view command = " PRIVMSG #c :";
    for (auto at = bytes.find(command); at != std::string_view::npos; at = bytes.find(command, at + 1)) {
      const auto begin = at + command.size();
      const auto text = bytes.substr(begin, bytes.find('\r', begin) - begin);
      REQUIRE((sim.store().has(text) || sim.spool().has(text)));
    }
  };
}

/// Alice and Bob are in #c, there is a spool, and a commit may take half a second.
struct Pair {
  explicit Pair(Setup setup = {}) : sim(with_spool(std::move(setup))) {
    is_shown_what_is_kept(sim, bob);
    alice.received();
  }

  static Setup with_spool(Setup setup) {
    setup.spool = true;
    setup.commit_timeout = 500ms;
    return setup;
  }

  /// Alice says this, and whatever can happen without time happens.
  void alice_says(const Texts& texts) {
    says(alice, texts);
    sim.run();
  }

  /// The store is back with all but the last steps of persistence's return: it is about to be given the last
  /// of the spool, and its keeper does nothing more.
  void is_almost_home() {
    sim.store().away = true;
    alice_says({"spooled"});
    sim.store().away = false;
    sim.hold_store();
    sim.pass(300ms);
    alice_says({"meanwhile"});
    REQUIRE(sim.spool().texts() == Texts{"spooled", "meanwhile"});
    sim.release_store();
    while (sim.store().kept.empty()) sim.run_some(1);
    sim.hold_store();
    sim.run();
    REQUIRE(sim.store().texts() == Texts{"spooled"});
    REQUIRE(texts(bob.received()) == Texts{"spooled", "meanwhile"});
  }

  /// All is in the store, once, in order, and Bob has been shown it in that order.
  void all_is_home(const Texts& expected) {
    REQUIRE(sim.spool().kept.empty());
    REQUIRE(history(sim.store()) == expected);
  }

  Sim sim;
  Client& alice = sim.member("alice", "#c");
  Client& bob = sim.member("bob", "#c");
};

}  // namespace troupe::sim
