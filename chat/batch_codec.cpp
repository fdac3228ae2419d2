#include "chat/batch_codec.hpp"

#include <chrono>
#include <limits>
#include <type_traits>
#include <utility>

namespace troupe {
namespace {

/// The first byte: another layout is another number.
constexpr std::uint8_t format = 1;

constexpr auto capabilities_known = protocol::capability_names.size();
constexpr std::uint8_t no_capability = 0xFF;

/// Visits the parts of a batch in the order in which they are written; `Io` writes or reads each of them. So
/// the two can't differ.
template <class Io>
class Layout {
 public:
  explicit Layout(Io& io) : io_(io) {}

  template <class B>
  void visit(B& batch) {
    io_.number(batch.number);
    id(batch.newest);
    for (auto& text : batch.texts) io_.text(text);
    io_.list(batch.channels, [this](auto& channel) { io_.number(channel); });
    io_.list(batch.items, [this](auto& item) { io_.item(item, *this); });
    io_.list(batch.messages, [this](auto& message) { visit_message(message); });
  }

  template <class T>
  void part(T& what) {
    using Part = std::remove_const_t<T>;
    if constexpr (std::is_same_v<Part, Batch::Said>) {
      io_.choice(what.to.kind, Audience::Kind::peers);
      io_.choice(what.to.least, Rank::op);
      io_.capability(what.to.needs);
      io_.number(what.to.client);
      io_.number(what.to.channel);
      io_.number(what.to.first);
      io_.number(what.to.count);
      io_.choice(what.when, Batch::Outcome::refused);
      for (auto& slice : what.slices) {
        io_.number(slice.text);
        io_.number(slice.begin);
        io_.number(slice.end);
      }
    } else if constexpr (std::is_same_v<Part, Batch::Answered>) {
      io_.number(what.client);
      io_.number(what.commands);
      io_.choice(what.standing, Standing::refused);
      io_.flag(what.ask);
    } else {
      io_.number(what.client);
      if constexpr (requires { what.capabilities; }) io_.capabilities(what.capabilities);
      if constexpr (requires { what.channel; }) io_.number(what.channel);
      if constexpr (requires { what.rank; }) io_.choice(what.rank, Rank::op);
    }
  }

 private:
  template <class M>
  void visit_message(M& message) {
    id(message.id);
    for (auto* text :
         {&message.channel, &message.nick, &message.user, &message.host, &message.text, &message.client_tags})
      io_.text(*text);
    io_.choice(message.kind, db::Kind::tagmsg);
    io_.time(message.time);
  }
  template <class I>
  void id(I& id) {
    for (auto& byte : id.bytes) io_.number(byte);
  }

  Io& io_;
};

template <class T>
constexpr auto as_integer(T value) {
  if constexpr (std::is_enum_v<T>)
    return static_cast<std::make_unsigned_t<std::underlying_type_t<T>>>(value);
  else
    return static_cast<std::make_unsigned_t<T>>(value);
}

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  template <class T>
  void number(const T& value) {
    auto rest = as_integer(value);
    for (std::size_t i = 0; i < sizeof rest; ++i) {
      out_ += static_cast<char>(rest & 0xFFu);
      rest = static_cast<decltype(rest)>(std::uint64_t{rest} >> 8u);
    }
  }
  template <class E>
  void choice(const E& value, E /*last*/) {
    number(value);
  }
  void flag(bool value) { number(static_cast<std::uint8_t>(value)); }
  void text(const std::string& value) {
    number(static_cast<std::uint64_t>(value.size()));
    out_ += value;
  }
  void time(protocol::Time value) { number(value.time_since_epoch().count()); }
  void capability(const std::optional<protocol::Capability>& value) {
    number(value ? static_cast<std::uint8_t>(*value) : no_capability);
  }
  void capabilities(protocol::CapabilitySet value) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < capabilities_known; ++i)
      if (value.has(static_cast<protocol::Capability>(i))) bits |= std::uint64_t{1} << i;
    number(bits);
  }
  template <class T, class Each>
  void list(const std::vector<T>& all, Each each) {
    number(static_cast<std::uint64_t>(all.size()));
    for (const auto& one : all) each(one);
  }
  void item(const Batch::Item& item, Layout<Writer>& layout) {
    number(static_cast<std::uint8_t>(item.index()));
    std::visit([&](const auto& what) { layout.part(what); }, item);
  }

 private:
  std::string& out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  /// All was read, and nothing was wrong.
  bool complete() const { return good_ && rest_.empty(); }

  template <class T>
  void number(T& value) {
    using Integer = decltype(as_integer(value));
    std::uint64_t read = 0;
    const auto bytes = take(sizeof(Integer));
    for (std::size_t i = 0; i < bytes.size(); ++i)
      read |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    value = static_cast<T>(static_cast<Integer>(read));
  }
  template <class E>
  void choice(E& value, E last) {
    std::uint8_t read = 0;
    number(read);
    require(read <= static_cast<std::uint8_t>(last));
    value = static_cast<E>(good_ ? read : 0);
  }
  void flag(bool& value) {
    std::uint8_t read = 0;
    number(read);
    require(read <= 1);
    value = read == 1;
  }
  void text(std::string& value) {
    std::uint64_t size = 0;
    number(size);
    value = take(size);
  }
  void time(protocol::Time& value) {
    protocol::Time::rep count = 0;
    number(count);
    value = protocol::Time{protocol::Time::duration{count}};
  }
  void capability(std::optional<protocol::Capability>& value) {
    std::uint8_t read = 0;
    number(read);
    require(read < capabilities_known || read == no_capability);
    if (good_ && read != no_capability) value = static_cast<protocol::Capability>(read);
  }
  void capabilities(protocol::CapabilitySet& value) {
    std::uint64_t bits = 0;
    number(bits);
    require(bits >> capabilities_known == 0);
    for (std::size_t i = 0; i < capabilities_known; ++i)
      if ((bits >> i) & 1u) value.add(static_cast<protocol::Capability>(i));
  }
  template <class T, class Each>
  void list(std::vector<T>& all, Each each) {
    std::uint64_t size = 0;
    number(size);
    // One that claims to be larger than what there is runs out before it has grown beyond that.
    for (std::uint64_t i = 0; i < size && good_; ++i) each(all.emplace_back());
  }
  void item(Batch::Item& item, Layout<Reader>& layout) {
    std::uint8_t kind = 0;
    number(kind);
    require(kind < std::variant_size_v<Batch::Item>);
    if (good_) make(item, kind, layout, std::make_index_sequence<std::variant_size_v<Batch::Item>>{});
  }

 private:
  template <std::size_t... I>
  void make(Batch::Item& item, std::size_t kind, Layout<Reader>& layout, std::index_sequence<I...>) {
    ((kind == I ? layout.part(item.emplace<I>()) : void()), ...);
  }
  std::string_view take(std::uint64_t size) {
    require(size <= rest_.size());
    const auto taken = rest_.substr(0, good_ ? size : 0);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  void require(bool condition) { good_ = good_ && condition; }

  std::string_view rest_;
  bool good_ = true;
};

/// All slices and audiences lie within the batch.
bool is_sound(const Batch& batch) {
  for (const auto& item : batch.items) {
    const auto* said = std::get_if<Batch::Said>(&item);
    if (!said) continue;
    for (const auto& slice : said->slices)
      if (slice.text >= batch.texts.size() || slice.begin > slice.end ||
          slice.end > batch.texts[slice.text].size())
        return false;
    if (std::uint64_t{said->to.first} + said->to.count > batch.channels.size()) return false;
  }
  return true;
}

}  // namespace

std::string encode(const Batch& batch) {
  std::string out;
  Writer writer(out);
  writer.number(format);
  Layout<Writer>(writer).visit(batch);
  return out;
}

std::optional<Batch> decode(std::string_view bytes) {
  Reader reader(bytes);
  std::uint8_t found = 0;
  reader.number(found);
  if (found != format) return {};
  Batch batch;
  Layout<Reader>(reader).visit(batch);
  if (!reader.complete() || !is_sound(batch)) return {};
  return batch;
}

}  // namespace troupe
