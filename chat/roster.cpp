#include "chat/roster.hpp"

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

/// How much memory for gathering is kept from one batch to the next.
constexpr std::size_t kept_capacity = 64 * 1024;

}  // namespace

void Roster::seat(ConnectionId id, Receiver& receiver) {
  Index index = 0;
  if (free_.empty()) {
    index = static_cast<Index>(clients_.size());
    clients_.emplace_back();
    details_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  clients_[index].receiver = &receiver;
  details_[index].id = id;
  places_[id] = index;
}

void Roster::vacate(ConnectionId id) {
  const auto found = places_.find(id);
  if (found == places_.end()) return;
  const auto index = found->second;
  places_.erase(found);
  leave_all(index);
  const bool touched = clients_[index].touched;
  clients_[index] = {};
  clients_[index].touched = touched;  // while a batch is delivered, it is still among those
  details_[index] = {};
  free_.push_back(index);
}

void Roster::deliver(const Batch& batch, Batch::Outcome outcome) {
  batch_ = &batch;
  outcome_ = outcome;
  for (const auto& item : batch.items) std::visit([this](const auto& what) { take(what); }, item);
  for (const auto index : touched_) hand_over(clients_[index]);
  touched_.clear();
  links_.clear();
  if (gathered_.capacity() > kept_capacity) std::string{}.swap(gathered_);
  if (links_.capacity() * sizeof(Link) > kept_capacity) std::vector<Link>{}.swap(links_);
}

void Roster::take(const Batch::Said& said) {
  if (said.when != Batch::Outcome::any && said.when != outcome_) return;
  const auto index = find(said.to.client);
  switch (said.to.kind) {
    case Audience::Kind::client:
      if (index != none) {
        auto& client = clients_[index];
        tell(client, said.slices[static_cast<std::size_t>(client.shape)]);
      }
      return;
    case Audience::Kind::members:
      return tell_members(said, index);
    case Audience::Kind::peers:
      return tell_peers(said, index);
  }
}

void Roster::tell_members(const Batch::Said& said, Index except) {
  const auto found = channels_.find(said.to.channel);
  if (found == channels_.end()) return;
  const auto needs = said.to.needs;
  const bool all = said.to.least == Rank::none && !needs;
  for (const auto& member : found->second) {
    if (member.client == except) continue;
    auto& client = clients_[member.client];
    if (!all && (member.rank < said.to.least || (needs && !client.capabilities.has(*needs)))) continue;
    tell(client, said.slices[static_cast<std::size_t>(client.shape)]);
  }
}

void Roster::tell_peers(const Batch::Said& said, Index except) {
  ++mark_;
  if (except != none) clients_[except].mark = mark_;
  for (std::uint32_t i = 0; i < said.to.count; ++i) {
    const auto found = channels_.find(batch_->channels[said.to.first + i]);
    if (found == channels_.end()) continue;
    for (const auto& member : found->second) {
      auto& client = clients_[member.client];
      if (std::exchange(client.mark, mark_) == mark_) continue;
      if (said.to.needs && !client.capabilities.has(*said.to.needs)) continue;
      tell(client, said.slices[static_cast<std::size_t>(client.shape)]);
    }
  }
}

inline void Roster::tell(Client& client, const Slice& slice) {
  if (slice.empty()) return;
  if (!client.touched) touch(client);
  auto& last = client.last;
  if (last.text == slice.text && last.end == slice.begin && !last.empty()) {
    last.end = slice.end;
    return;
  }
  if (!last.empty()) {
    const auto link = static_cast<std::uint32_t>(links_.size());
    (client.chain == none ? client.chain : links_[client.chain_end].next) = link;
    client.chain_end = link;
    links_.push_back({last});
  }
  last = slice;
}

void Roster::touch(Client& client) {
  client.touched = true;
  touched_.push_back(static_cast<Index>(&client - clients_.data()));
}

void Roster::take(const Batch::Answered& answer) {
  const auto index = find(answer.client);
  if (index == none) return;
  auto& client = clients_[index];
  if (!client.touched) touch(client);
  client.answered = true;
  client.answers += answer.commands;
  if (answer.standing != Standing::unchanged) client.standing = answer.standing;
  client.asked |= answer.ask;
}

/// Brings a client what has gathered for it. Its receiver may vacate it, or others, meanwhile.
void Roster::hand_over(Client& client) {
  client.touched = false;
  auto* receiver = client.receiver;
  if (!receiver) return;
  const auto last = std::exchange(client.last, {});
  const auto answered = std::exchange(client.answered, false);
  const Answer answer{std::exchange(client.answers, 0), std::exchange(client.standing, Standing::unchanged),
                      std::exchange(client.asked, false)};
  const auto chain = std::exchange(client.chain, none);
  client.chain_end = none;
  const auto index = static_cast<Index>(&client - clients_.data());
  if (chain != none) {
    gathered_.clear();
    for (auto link = chain; link != none; link = links_[link].next)
      gathered_.append(batch_->view(links_[link].slice));
    gathered_.append(batch_->view(last));
    receiver->hear(gathered_);
  } else if (!last.empty()) {
    receiver->hear(batch_->view(last));
  }
  if (answered && clients_[index].receiver == receiver) receiver->answered(answer);
}

void Roster::negotiate(ConnectionId id, protocol::CapabilitySet capabilities) {
  const auto index = find(id);
  if (index == none) return;
  clients_[index].capabilities = capabilities;
  clients_[index].shape = shape_of(capabilities);
}

void Roster::take(const Batch::Left& change) {
  if (const auto index = find(change.client); index != none) leave_all(index);
}

void Roster::take(const Batch::Joined& change) {
  const auto index = find(change.client);
  if (index == none) return;
  auto& members = channels_[change.channel];
  details_[index].places.push_back({change.channel, static_cast<std::uint32_t>(members.size())});
  members.push_back({index, change.rank});
}

void Roster::take(const Batch::Parted& change) {
  const auto index = find(change.client);
  auto* place = index == none ? nullptr : place_in(index, change.channel);
  if (!place) return;
  leave(index, *place);
  details_[index].places.erase(details_[index].places.begin() + (place - details_[index].places.data()));
}

void Roster::take(const Batch::Ranked& change) {
  const auto index = find(change.client);
  const auto* place = index == none ? nullptr : place_in(index, change.channel);
  if (place) channels_.find(change.channel).value()[place->index].rank = change.rank;
}

void Roster::leave_all(Index index) {
  for (const auto& place : std::exchange(details_[index].places, {})) leave(index, place);
}

/// Takes it out of the channel's members; that it has a place there is for the caller to forget.
void Roster::leave(Index index, const Place& place) {
  const auto found = channels_.find(place.channel);
  auto& members = found.value();
  if (const auto moved = members.back().client; moved != index) {
    members[place.index] = members.back();
    place_in(moved, place.channel)->index = place.index;
  }
  members.pop_back();
  if (members.empty()) channels_.erase(found);
}

Roster::Place* Roster::place_in(Index index, ChannelId channel) {
  auto& places = details_[index].places;
  const auto found = std::ranges::find(places, channel, &Place::channel);
  return found == places.end() ? nullptr : &*found;
}

Roster::Index Roster::find(ConnectionId id) const {
  const auto found = places_.find(id);
  return found == places_.end() ? none : found->second;
}

}  // namespace troupe
