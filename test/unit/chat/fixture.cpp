#include "test/unit/chat/fixture.hpp"

#include "protocol/text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

namespace troupe::test {
namespace {

using namespace std::chrono;

constexpr protocol::Time noon = sys_days{year{2026} / 1 / 31} + hours{12};

RoomConfig configured(const RoomFixture::Config& configure) {
  RoomConfig config;
  config.server_name = "irc.test";
  config.network_name = "Testnet";
  config.version = "troupe-1";
  config.started = noon - hours{1};
  config.archived = false;
  config.random = [state = std::uint64_t{1}]() mutable { return state *= 0x9E37'79B9'7F4A'7C15; };
  configure(config);
  return config;
}

}  // namespace

protocol::CapabilitySet capabilities(std::string_view names) {
  protocol::CapabilitySet set;
  for (const auto name : protocol::split(names, ' ')) {
    const auto capability = protocol::find_capability(name);
    REQUIRE(capability);
    set.add(*capability);
  }
  return set;
}

RoomFixture::RoomFixture(const Config& configure) : chat(configured(configure)), now(noon) {}

ConnectionId RoomFixture::enters(std::string_view nick, std::string_view names) {
  const std::string name{nick};
  const auto who = enters({name, name, name + "'s name", "host", capabilities(names)});
  settles();
  REQUIRE(standing(who) == Standing::entered);
  forget(who);
  return who;
}

ConnectionId RoomFixture::enters(Registration who) {
  const ConnectionId id{++last_id_};
  roster_.seat(id, mailboxes_[id]);
  chat.enter(id, std::move(who), now);
  return id;
}

void RoomFixture::leaves(ConnectionId who, std::string_view reason) { chat.leave(who, reason, now); }

void RoomFixture::says(ConnectionId who, std::string_view line) {
  chat.command(who, protocol::parse(line), now);
}

void RoomFixture::gathers(std::string_view channel, std::initializer_list<ConnectionId> members) {
  for (const auto member : members) says(member, std::string{"JOIN "}.append(channel));
  forget();
}

Lines RoomFixture::hears(ConnectionId who) {
  settles();
  return lines_of(std::exchange(mailboxes_[who].bytes, {}));
}

void RoomFixture::forget() {
  settles();
  for (const auto& [who, mailbox] : mailboxes_) forget(who);
}

void RoomFixture::forget(ConnectionId who) {
  auto& mailbox = mailboxes_[who];
  mailbox.bytes.clear();
  mailbox.answers = 0;
  mailbox.standing = Standing::unchanged;
}

std::size_t RoomFixture::answered(ConnectionId who) {
  settles();
  return std::exchange(mailboxes_[who].answers, 0);
}

Standing RoomFixture::standing(ConnectionId who) {
  settles();
  return mailboxes_[who].standing;
}

void RoomFixture::settles() {
  while (settles_once()) {
  }
}

bool RoomFixture::settles_once() {
  if (chat.has_output()) {
    const auto batch = takes_batch();
    stored.insert(stored.end(), batch.messages.begin(), batch.messages.end());
    chat.kept(batch.messages, now);
    delivers(batch);
    return true;
  }
  for (auto& [who, mailbox] : mailboxes_)
    if (mailbox.takes && std::exchange(mailbox.asked, false)) chat.taken(who, now);
  if (!chat.has_more()) return false;
  chat.go_on(now);
  return true;
}

void RoomFixture::delivers(const Batch& batch, Batch::Outcome outcome) {
  std::size_t size = 0;
  for (const auto& text : batch.texts) size += text.size();
  largest_batch = std::max(largest_batch, size);
  roster_.deliver(batch, outcome);
  chat.shown(batch);
}

void RoomFixture::Mailbox::answered(const Answer& answer) {
  answers += answer.commands;
  asked |= answer.ask;
  if (answer.standing != Standing::unchanged) standing = answer.standing;
}

}  // namespace troupe::test
