#include "test/unit/actors/room.hpp"

#include "protocol/text.hpp"

#include <doctest/doctest.h>

#include <utility>

namespace troupe::test {
namespace {

using namespace std::chrono;

constexpr protocol::Time noon = sys_days{year{2026} / 1 / 31} + hours{12};

ChatConfig configured(const Room::Config& configure) {
  ChatConfig config;
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

Room::Room(const Config& configure) : chat(configured(configure)), now(noon) {}

ConnectionId Room::enters(std::string_view nick, std::string_view names) {
  const std::string name{nick};
  const auto who = enters({name, name, name + "'s name", "host", capabilities(names)});
  settles();
  REQUIRE(standing(who) == Standing::entered);
  mailboxes_[who] = {};
  return who;
}

ConnectionId Room::enters(Registration who) {
  const ConnectionId id{++last_id_};
  chat.enter(id, std::move(who), now);
  return id;
}

void Room::leaves(ConnectionId who, std::string_view reason) { chat.leave(who, reason, now); }

void Room::says(ConnectionId who, std::string_view line) { chat.command(who, protocol::parse(line), now); }

void Room::gathers(std::string_view channel, std::initializer_list<ConnectionId> members) {
  for (const auto member : members) says(member, std::string{"JOIN "}.append(channel));
  forget();
}

Lines Room::hears(ConnectionId who) {
  settles();
  return lines_of(std::exchange(mailboxes_[who].bytes, {}));
}

void Room::forget() {
  settles();
  for (auto& [who, mailbox] : mailboxes_) mailbox = {};
}

std::size_t Room::answered(ConnectionId who) {
  settles();
  return std::exchange(mailboxes_[who].answered, 0);
}

Standing Room::standing(ConnectionId who) {
  settles();
  return mailboxes_[who].standing;
}

void Room::settles() {
  while (chat.has_output()) {
    const auto batch = takes_batch();
    stored.insert(stored.end(), batch.messages.begin(), batch.messages.end());
    chat.kept(batch.messages, now);
    delivers(batch);
  }
}

void Room::delivers(const Batch& batch) {
  for (const auto& delivery : batch.deliveries) {
    auto& mailbox = mailboxes_[delivery.to];
    batch.each_slice(delivery, [&](const Slice& slice) { mailbox.bytes += batch.view(slice); });
    mailbox.answered += delivery.answered;
    if (delivery.standing != Standing::unchanged) mailbox.standing = delivery.standing;
  }
  chat.shown(batch);
}

}  // namespace troupe::test
