#include "test/sim/puppet.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

// What a wire does with a peer that does not take what it is sent, and what stands between a wire and its
// socket.

namespace troupe::sim {
namespace {

WireLimits hasty() {
  WireLimits limits;
  limits.closing = 500ms;
  return limits;
}

/// How long it takes until all the server's descriptors but so many are closed.
std::chrono::milliseconds time_until_closed(std::size_t open) {
  const auto begin = Clock::now();
  CHECK(becomes_true([&] { return open_descriptors() <= open; }));
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
}

/// Turns every bit over, once the client has said hello.
class Inverting final : public Transport {
 public:
  bool unwrap(std::string_view network, std::vector<char>& said, std::vector<char>& raw) override {
    for (const char c : network) {
      if (c == '!') return false;
      if (std::exchange(greeted_, true)) said.push_back(static_cast<char>(~c));
    }
    raw.insert(raw.end(), kept_.begin(), kept_.end());
    kept_.clear();
    return true;
  }
  void wrap(std::string_view bytes, std::vector<char>& raw) override {
    auto& to = greeted_ ? raw : kept_;
    std::ranges::transform(bytes, std::back_inserter(to), [](char c) { return static_cast<char>(~c); });
  }
  std::size_t kept() const override { return kept_.size(); }
  void finish(std::vector<char>& raw) override { raw.push_back('.'); }

 private:
  bool greeted_ = false;
  std::vector<char> kept_;
};

/// Lines stand between brackets; what does not is answered with its inverse.
class Bracketing final : public Framing {
 public:
  bool unframe(std::string_view said, std::vector<char>& lines, std::vector<char>& answer) override {
    for (const char c : said) {
      if (c == '[' || c == ']')
        inside_ = c == '[';
      else
        (inside_ ? lines : answer).push_back(c);
    }
    return true;
  }

 private:
  bool inside_ = false;
};

std::string inverted(std::string bytes) {
  for (char& c : bytes) c = static_cast<char>(~c);
  return bytes;
}

}  // namespace

TEST_CASE("a peer that half-closes and never reads what is pending is cut off at the deadline") {
  Server server(hasty());
  const auto before = open_descriptors();
  Peer peer(server);
  peer.sends("WW");
  REQUIRE(peer.receives(little));
  peer.ends_its_output();
  const auto time = time_until_closed(before + 1);
  CHECK(time > 400ms);
  CHECK(time < 1500ms);
  CHECK(server.ends() == std::vector{Wire::End::by_peer});
}

TEST_CASE("a peer that takes a byte now and then is cut off at the deadline all the same") {
  Server server(hasty());
  const auto before = open_descriptors();
  Peer peer(server);
  peer.sends("WWWWc");
  REQUIRE(peer.receives(1));
  const auto begin = Clock::now();
  while (open_descriptors() > before + 1 && Clock::now() - begin < patience) {
    peer.receives(1);
    ::poll(nullptr, 0, 10);
  }
  CHECK(Clock::now() - begin > 400ms);
  CHECK(Clock::now() - begin < 1500ms);
}

TEST_CASE("a peer that reads nothing of a short good-bye is let go as soon as its kernel has it") {
  Server server;
  const auto before = open_descriptors();
  Peer peer(server);
  peer.sends("wc");
  CHECK(time_until_closed(before + 1) < 1000ms);
  CHECK(peer.receives(little));
  CHECK(peer.receives_end());
}

TEST_CASE("a wire whose peer takes nothing for too long breaks off, and one that takes something does not") {
  auto limits = hasty();
  limits.stalled = 500ms;
  Server server(limits);
  const auto before = open_descriptors();
  Peer slow(server);
  Peer peer(server);
  slow.sends("WWWW");
  peer.sends("WWWW");
  REQUIRE(slow.receives(1));
  REQUIRE(peer.receives(1));
  const auto begin = Clock::now();
  while (open_descriptors() > before + 3 && Clock::now() - begin < patience) {
    slow.receives(512);
    ::poll(nullptr, 0, 10);
  }
  CHECK(Clock::now() - begin > 400ms);
  CHECK(Clock::now() - begin < 2500ms);
  CHECK(server.ends() == std::vector{Wire::End::stalled});
}

TEST_CASE("a wire with too much pending breaks off, and forgets it at once") {
  auto limits = hasty();
  limits.most_pending = 2 * a_lot;
  Server server(limits);
  const auto before = open_descriptors();
  Peer peer(server);
  peer.sends("WWWWW");
  server.sync();
  CHECK(server.ends() == std::vector{Wire::End::overflow});
  CHECK(time_until_closed(before + 1) < 1500ms);
}

TEST_CASE("a broker that asks is told when its peer has taken nearly all") {
  Server server;
  Peer peer(server);
  peer.sends("WWWT");
  CHECK(peer.receives(3 * a_lot));
  CHECK(peer.receives(little));  // which is what the puppet says then
  server.sync();
  CHECK_FALSE(peer.has_input());
}

TEST_CASE("a transport that has to read before it may write keeps what is said until then") {
  Server server({}, [] { return Wire::Layers{std::make_unique<Inverting>(), nullptr}; });
  const auto before = open_descriptors();
  Peer peer(server);
  REQUIRE(becomes_true([&] { return open_descriptors() == before + 2; }));  // the server has it as well
  server.sync();
  server.plays("w");
  server.sync();
  CHECK_FALSE(peer.has_input());
  peer.sends("h" + inverted("w"));
  CHECK(peer.receives_text(2 * little) == inverted(pattern(0, 2 * little)));
  peer.sends(inverted("wc"));
  CHECK(peer.receives_text(little + 1) == inverted(pattern(2 * little, little)) + ".");
  CHECK(peer.receives_end());
}

TEST_CASE("a transport that can make nothing of what came ends its connection") {
  Server server({}, [] { return Wire::Layers{std::make_unique<Inverting>(), nullptr}; });
  const auto before = open_descriptors();
  Peer peer(server);
  peer.sends("h" + inverted("w"));
  CHECK(peer.receives_text(little) == inverted(pattern(0, little)));
  peer.sends("!");
  CHECK(time_until_closed(before + 1) < 1000ms);
}

TEST_CASE("framing finds the lines in what is said, and answers by itself, through the transport") {
  Server server({}, [] { return Wire::Layers{nullptr, std::make_unique<Bracketing>()}; });
  Peer peer(server);
  peer.sends("a[w");
  CHECK(peer.receives_text(1 + little) == "a" + pattern(0, little));
  peer.sends("w]w[c");
  CHECK(peer.receives_text(1 + little) == "w" + pattern(little, little));
  CHECK(peer.receives_end());

  Server both({}, [] { return Wire::Layers{std::make_unique<Inverting>(), std::make_unique<Bracketing>()}; });
  Peer other(both);
  other.sends("h" + inverted("a[w]"));
  CHECK(other.receives_text(1 + little) == inverted("a" + pattern(0, little)));
}

}  // namespace troupe::sim
