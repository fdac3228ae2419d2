#include "bench/transcript.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using troupe::bench::Cast;
using troupe::bench::Histogram;
using troupe::bench::Instant;
using troupe::bench::Transcript;

namespace {

/// A channel #c in which ann and bob speak, and cleo and dora listen.
struct Channel {
  static constexpr Transcript::Member ann = 0, bob = 1, cleo = 2, dora = 3;

  const Cast cast{.channel = "#c", .nicks = {"ann", "bob", "cleo", "dora"}, .speakers = 2, .bytes = 20};
  Histogram latencies;
  std::vector<std::string> others;
  Transcript transcript{cast, latencies,
                        [this](Transcript::Member, std::string_view line) { others.emplace_back(line); }};
  Instant now{};
  std::size_t completed = 0;
  bool finished = false;

  /// What members are shown of what `speaker` now says.
  std::string say(Transcript::Member speaker) {
    const auto& nick = cast.nicks[speaker];
    return ":" + nick + "!" + nick + "@host " + std::string(transcript.send(speaker, now));
  }
  void show(Transcript::Member member, std::string_view bytes) {
    completed += transcript.receive(member, bytes, now);
  }
  void show(std::initializer_list<Transcript::Member> members, const std::string& bytes) {
    for (const auto member : members) show(member, bytes);
  }
  const troupe::bench::Violations& violations() {
    if (!std::exchange(finished, true)) transcript.finish();
    return transcript.violations();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Channel, "a message goes as an IRC line of the wanted length") {
  CHECK(transcript.send(ann, now) == "PRIVMSG #c :0000000001 bcdefghij\r\n");
  CHECK(transcript.send(ann, now) == "PRIVMSG #c :0000000002 bcdefghij\r\n");
  CHECK(transcript.send(bob, now) == "PRIVMSG #c :0000000001 bcdefghij\r\n");
}

TEST_CASE_FIXTURE(Channel, "messages that everybody else sees once and in order are no violation") {
  const auto a = say(ann), b = say(bob), c = say(ann);
  show({cleo, dora}, a + b + c);
  show(ann, b);
  CHECK(completed == 1);
  show(bob, a + c);
  CHECK(completed == 3);
  CHECK(violations().none());
  CHECK(latencies.count() == 9);
}

TEST_CASE_FIXTURE(Channel, "how the stream is cut into reads does not matter") {
  std::string all, of_ann, of_bob;
  for (int i = 0; i < 500; ++i) {
    const auto a = say(ann), b = say(bob);
    all += a + b;
    of_ann += a;
    of_bob += b;
  }
  for (std::size_t size = 1; !all.empty(); size = size % 97 + 1) {
    const auto cut = [&](Transcript::Member member, std::string& bytes) {
      show(member, bytes.substr(0, size));
      bytes.erase(0, size);
    };
    auto same = all;
    cut(dora, same);
    cut(cleo, all);
    cut(ann, of_bob);
    cut(bob, of_ann);
  }
  CHECK(completed == 1000);
  CHECK(violations().none());
}

TEST_CASE_FIXTURE(Channel, "a speaker that is ahead of all others waits for them to tell the order") {
  const auto a = say(ann), b = say(bob), c = say(bob);
  show(ann, b + c);
  show(bob, a);
  CHECK(latencies.count() == 0);
  show(cleo, b + a);
  show(cleo, c);
  show(dora, b + a + c);
  CHECK(completed == 3);
  CHECK(violations().none());
}

TEST_CASE_FIXTURE(Channel, "latency is counted from sending to each member's reading") {
  const auto a = say(ann);
  now += 10ns;
  show({bob, cleo}, a);
  now += 20ns;
  show(dora, a);
  CHECK(latencies.percentile(0.5) == 10ns);
  CHECK(latencies.max() == 30ns);
}

TEST_CASE_FIXTURE(Channel, "other lines are handed on, wherever they stand") {
  const auto a = say(ann), b = say(ann);
  show(cleo, ":new!new@host JOIN #c\r\n" + a + "PING :x\r\n" + b);
  show(dora, a + ":ann!ann@host PRIVMSG #other :0000000001\r\n");
  show(dora, b + "PING :");
  show(dora, "y\r\n");
  show(bob, a + b);
  CHECK(others == std::vector<std::string>{":new!new@host JOIN #c", "PING :x",
                                           ":ann!ann@host PRIVMSG #other :0000000001", "PING :y"});
  CHECK(violations().none());
}

TEST_CASE_FIXTURE(Channel,
                  "lines that differ from member to member, by tags or prefix, are the same message") {
  const auto a = say(ann), b = say(ann);
  show(cleo, a + b);
  show(dora, "@time=2026-01-01T00:00:00.000Z " + a + "@msgid=5 " + b);
  show(bob, std::string(a).replace(a.find("@host"), 5, "@else") + b);
  CHECK(completed == 2);
  CHECK(violations().none());
}

TEST_CASE_FIXTURE(Channel, "a message lost to one member is noticed by what follows") {
  const auto a = say(ann), b = say(ann), c = say(ann);
  show({bob, cleo}, a + b + c);
  show(dora, a + c);
  CHECK(completed == 2);
  CHECK(violations().lost == 1);
  CHECK(violations().doubled + violations().reordered + violations().altered == 0);
  CHECK(violations().examples.front() == "dora was not shown: message 2 of ann");
}

TEST_CASE_FIXTURE(Channel, "a message lost to the first member that reads is its loss alone") {
  const auto a = say(ann), b = say(ann), c = say(bob);
  show(cleo, b + c);
  show(dora, a + b + c);
  show(bob, a + b);
  show(ann, c);
  CHECK(violations().lost == 1);
  CHECK(violations().doubled + violations().reordered + violations().altered == 0);
  CHECK(violations().examples.front() == "cleo was not shown: message 1 of ann");
}

TEST_CASE_FIXTURE(Channel, "a message lost to a speaker is noticed") {
  const auto a = say(ann), b = say(bob), c = say(ann);
  show({cleo, dora}, a + b + c);
  show(ann, b);
  show(bob, c);
  CHECK(violations().lost == 1);
  CHECK(violations().examples.front() == "bob was not shown: message 1 of ann");
}

TEST_CASE_FIXTURE(Channel, "the last message, lost to one member or to all, is noticed in the end") {
  const auto a = say(ann);
  say(bob);
  show({bob, cleo}, a);
  CHECK(violations().lost == 1 + 3);
}

TEST_CASE_FIXTURE(Channel, "a doubled message is noticed, at once or later") {
  const auto a = say(ann), b = say(ann);
  show({bob, cleo}, a + b);
  SUBCASE("at once") { show(dora, a + a + b); }
  SUBCASE("later") { show(dora, a + b + a); }
  SUBCASE("much later") {
    show(dora, a + b);
    for (int i = 0; i < 1000; ++i) show({bob, cleo, dora}, say(ann));
    show(dora, a);
  }
  CHECK(violations().doubled == 1);
  CHECK(violations().lost + violations().reordered + violations().altered == 0);
  CHECK(violations().examples.front() == "dora was shown again: message 1 of ann");
}

TEST_CASE_FIXTURE(Channel, "one's own message counts as doubled") {
  const auto a = say(ann);
  show({bob, cleo, dora, ann}, a);
  CHECK(violations().doubled == 1);
}

TEST_CASE_FIXTURE(Channel, "one speaker's messages in the wrong order are noticed, whoever reads first") {
  const auto a = say(ann), b = say(ann);
  SUBCASE("the first") {
    show(cleo, b + a);
    show({dora, bob}, a + b);
  }
  SUBCASE("the second") {
    show({dora, bob}, a + b);
    show(cleo, b + a);
  }
  CHECK(violations().reordered == 1);
  CHECK(violations().lost + violations().doubled + violations().altered == 0);
  CHECK(violations().examples.front() == "cleo was shown too late: message 1 of ann");
  CHECK(completed == 2);
}

TEST_CASE_FIXTURE(Channel, "two speakers' messages in another order than others see them are noticed") {
  const auto a = say(ann), b = say(bob);
  show(cleo, a + b);
  show(dora, b + a);
  show(ann, b);
  show(bob, a);
  CHECK(violations().interleaved == 1);
  CHECK(violations().lost + violations().doubled + violations().reordered == 0);
}

TEST_CASE_FIXTURE(Channel, "what nobody said is noticed") {
  auto a = say(ann);
  SUBCASE("a changed text") { a[a.size() - 4] = '?'; }
  SUBCASE("a text cut short") { a.erase(a.size() - 5, 3); }
  SUBCASE("a number that was not sent") { a.replace(a.find("0001"), 4, "0002"); }
  SUBCASE("somebody else") { a.replace(1, 3, "eve"); }
  show(cleo, a);
  CHECK(violations().altered == 1);
}

TEST_CASE_FIXTURE(Channel, "it goes on after violations, and counts each") {
  for (int i = 0; i < 300; ++i) {
    const auto a = say(ann), b = say(bob), c = say(ann);
    for (const auto& line : {a, b, c}) show(cleo, line);
    for (const auto& line : i % 100 == 0 ? std::vector{b, a, c, c} : std::vector{a, b, c}) show(dora, line);
    show(ann, i % 100 == 1 ? "" : b);
    for (const auto& line : {a, c}) show(bob, line);
  }
  CHECK(violations().interleaved == 3);
  CHECK(violations().reordered == 0);
  CHECK(violations().doubled == 3);
  CHECK(violations().lost == 3);
  CHECK(violations().altered == 0);
}

TEST_CASE("a channel in which everybody speaks cannot be checked") {
  Histogram latencies;
  const Cast cast{.channel = "#c", .nicks = {"ann", "bob"}, .speakers = 2, .bytes = 20};
  CHECK_THROWS_AS(Transcript(cast, latencies, {}), std::invalid_argument);
}
