// All channels' pasts together are bounded.
#include "chat/pasts.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace troupe;

namespace {

db::Message message(unsigned number, const std::string& channel) {
  db::Message message;
  message.id.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  message.id.bytes[15] = static_cast<std::uint8_t>(number);
  message.channel = channel;
  return message;
}

const auto size = db::size_of(message(1, "#a"));

void keep(Pasts& pasts, const std::string& channel, unsigned number) {
  auto& past = pasts.of(channel, false);
  past.kept(message(number, channel));
  pasts.use(channel);
}

std::size_t held(Pasts& pasts, const std::string& channel) { return pasts.find(channel)->recent().size(); }

}  // namespace

TEST_CASE("what has not been used for longest leaves memory first") {
  Pasts pasts({{}, 4 * size});
  for (const auto* channel : {"#a", "#b", "#c", "#d"}) keep(pasts, channel, 1);
  CHECK(pasts.bytes() == 4 * size);
  pasts.use("#a");
  keep(pasts, "#e", 1);
  CHECK(held(pasts, "#b") == 0);
  for (const auto* channel : {"#a", "#c", "#d", "#e"}) CHECK(held(pasts, channel) == 1);
  keep(pasts, "#c", 2);
  keep(pasts, "#c", 3);
  CHECK(held(pasts, "#d") == 0);
  CHECK(held(pasts, "#a") == 0);
  CHECK(held(pasts, "#c") == 3);
  CHECK(pasts.bytes() == 4 * size);
  CHECK(pasts.size() == 5);
}

TEST_CASE("a channel that is too large by itself leaves as well") {
  Pasts pasts({{}, 2 * size});
  for (unsigned i = 1; i <= 3; ++i) keep(pasts, "#a", i);
  CHECK(held(pasts, "#a") == 0);
  CHECK(pasts.bytes() == 0);
}

TEST_CASE("what somebody waits for stays until it was shown") {
  Pasts pasts({{}, 2 * size});
  auto& past = pasts.of("#a", false);
  past.ask(1);
  Past::Newcomer newcomer;
  newcomer.mark = message(9, "#a").id;
  newcomer.replay = true;
  past.joined(ConnectionId{1}, newcomer);
  keep(pasts, "#a", 1);
  for (unsigned i = 1; i <= 5; ++i) keep(pasts, "#b", i);
  CHECK(held(pasts, "#a") == 1);
  past.load({message(1, "#a")});
  pasts.use("#a");
  for (unsigned i = 6; i <= 9; ++i) keep(pasts, "#b", i);
  CHECK(held(pasts, "#a") == 1);
  CHECK(past.take_due().size() == 1);
  for (unsigned i = 10; i <= 12; ++i) keep(pasts, "#b", i);
  CHECK(held(pasts, "#a") == 0);
}

TEST_CASE("what is counted is what is there, whatever comes and goes") {
  Pasts pasts({{8, 6 * size}, 30 * size});
  std::mt19937 random(5);
  const std::vector<std::string> channels{"#a", "#b", "#c", "#d", "#e", "#f", "#g", "#h"};
  for (unsigned i = 1; i < 5000; ++i) {
    const auto& channel = channels[random() % channels.size()];
    if (random() % 20 == 0)
      pasts.erase(channel);
    else if (random() % 20 == 0)
      pasts.use(channel);
    else
      keep(pasts, channel, i);
    std::size_t bytes = 0;
    for (const auto& name : channels)
      if (const auto* past = pasts.find(name)) bytes += past->recent().bytes();
    REQUIRE(pasts.bytes() == bytes);
    REQUIRE(bytes <= 30 * size);
  }
}
