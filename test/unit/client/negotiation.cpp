#include "client/negotiation.hpp"

#include <doctest/doctest.h>

using namespace troupe::client;
using troupe::protocol::Capability;

namespace {

// What is answered to a CAP message with these parameters, as lines.
std::string answer(Negotiation& negotiation, std::vector<std::string> params) {
  params.insert(params.begin(), "*");
  std::string lines;
  for (const auto& message : negotiation.receive({{}, "srv", "CAP", std::move(params)}))
    lines += render(message);
  return lines;
}

}  // namespace

TEST_CASE("of what is offered only what can be used is asked for, and confirmed by the server") {
  Negotiation negotiation;
  CHECK(answer(negotiation, {"LS", "sasl=PLAIN batch server-time=x tls"}) ==
        "CAP REQ :batch server-time\r\n");
  CHECK_FALSE(negotiation.enabled().has(Capability::batch));
  CHECK(answer(negotiation, {"ACK", "batch server-time"}) == "CAP END\r\n");
  CHECK(negotiation.enabled().has(Capability::batch));
  CHECK_FALSE(negotiation.enabled().has(Capability::echo_message));
}

TEST_CASE("there is a history only with all that it takes to show it") {
  for (const auto* missing :
       {"", "draft/chathistory", "batch", "echo-message", "message-tags", "server-time"}) {
    CAPTURE(missing);
    std::string list;
    for (const auto* name : {"batch", "draft/chathistory", "echo-message", "message-tags", "server-time"})
      if (std::string_view(name) != missing) list += (list.empty() ? "" : " ") + std::string(name);
    Negotiation negotiation;
    CHECK(answer(negotiation, {"LS", list}) == "CAP REQ :" + list + "\r\n");
    CHECK_FALSE(negotiation.history());
    answer(negotiation, {"ACK", list});
    CHECK(negotiation.history() == std::string_view(missing).empty());
    answer(negotiation, {"DEL", "draft/chathistory"});
    CHECK_FALSE(negotiation.history());
  }
}

TEST_CASE("a list of several lines is answered once") {
  Negotiation negotiation;
  CHECK(answer(negotiation, {"LS", "*", "batch"}).empty());
  CHECK(answer(negotiation, {"LS", "echo-message"}) == "CAP REQ :batch echo-message\r\n");
}

TEST_CASE("nothing usable, or a refusal, ends the negotiation") {
  Negotiation nothing;
  CHECK(answer(nothing, {"LS", "sasl"}) == "CAP END\r\n");
  Negotiation refused;
  CHECK(answer(refused, {"LS", "batch"}) == "CAP REQ batch\r\n");
  CHECK(answer(refused, {"NAK", "batch"}) == "CAP END\r\n");
}

TEST_CASE("capabilities come and go later without ending anything again") {
  Negotiation negotiation;
  answer(negotiation, {"LS", "batch"});
  answer(negotiation, {"ACK", "batch"});
  CHECK(answer(negotiation, {"NEW", "echo-message sasl"}) == "CAP REQ echo-message\r\n");
  CHECK(answer(negotiation, {"ACK", "echo-message"}).empty());
  CHECK(negotiation.enabled().has(Capability::echo_message));
  CHECK(answer(negotiation, {"DEL", "batch"}).empty());
  CHECK_FALSE(negotiation.enabled().has(Capability::batch));
}
