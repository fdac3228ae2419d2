#include "bench/commands.hpp"
#include "bench/fault.hpp"
#include "bench/floor.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <cstdlib>
#include <sstream>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using troupe::bench::Fault;
using troupe::bench::Floor;

namespace {

/// A floor in a process of its own, as long as this lives.
class FloorProcess {
 public:
  explicit FloorProcess(Fault fault = {}) {
    Floor floor(0, fault);
    port_ = floor.port();
    process_ = ::fork();
    if (process_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    floor.run();
  }
  ~FloorProcess() { stop(); }
  FloorProcess(const FloorProcess&) = delete;
  FloorProcess& operator=(const FloorProcess&) = delete;

  void stop() {
    if (process_ == 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  std::string port() const { return std::to_string(port_); }
  std::string process() const { return std::to_string(process_); }

 private:
  std::uint16_t port_ = 0;
  pid_t process_ = 0;
};

struct Outcome {
  int status;
  std::string out;
  std::string err;
};

Outcome fanout(const std::vector<std::string>& options) {
  std::vector<const char*> arguments{"fanout"};
  for (const auto& option : options) arguments.push_back(option.c_str());
  std::ostringstream out, err;
  const int status = troupe::bench::fanout_command(arguments, out, err);
  return {status, out.str(), err.str()};
}

Outcome fanout(const FloorProcess& floor, std::vector<std::string> options) {
  options.insert(options.end(), {"--port", floor.port(), "--pid", floor.process(), "--stall", "0.3", "--json",
                                 "--seconds", "0.2", "--warm-up", "0.05"});
  return fanout(options);
}

}  // namespace

TEST_CASE("a right server is measured and passes") {
  const FloorProcess floor;
  const auto outcome = fanout(floor, {"--clients", "40", "--window", "8", "--idle", "5"});
  CHECK(outcome.err == "");
  REQUIRE(outcome.status == 0);
  const auto json = nlohmann::json::parse(outcome.out);
  CHECK(json["joins"] == 45);
  CHECK(json["speakers"] == 8);
  CHECK(json["deliveries"] >= 39);
  CHECK(json["deliveries_per_second"] > 0);
  CHECK(json["latency_us"]["p50"] > 0);
  CHECK(json["latency_us"]["p50"] <= json["latency_us"]["p99"]);
  CHECK(json["latency_us"]["p99"] <= json["latency_us"]["max"]);
  CHECK(json["server_cpu_us_per_delivery"] > 0);
  CHECK(json["server_cpu_cores"] > 0);
  CHECK(json["generator_cpu_us_per_delivery"] > 0);
  CHECK(json["memory_bytes"]["peak"] >= json["memory_bytes"]["start"]);
}

TEST_CASE("members who never read hold nobody up, and are known to be there still") {
  const FloorProcess floor;
  const auto outcome = fanout(floor, {"--clients", "10", "--deaf", "3", "--window", "8", "--bytes", "400"});
  REQUIRE(outcome.status == 0);
  const auto json = nlohmann::json::parse(outcome.out);
  CHECK(json["joins"] == 13);
  CHECK(json["deliveries"] > 0);
  CHECK(json["deaf"]["members"] == 3);
  CHECK(json["deaf"]["closed"] == 0);
}

TEST_CASE("several channels, each with its speakers, pass") {
  const FloorProcess floor;
  const auto outcome =
      fanout(floor, {"--clients", "50", "--channels", "7", "--speakers", "43", "--window", "64"});
  CHECK(outcome.status == 0);
  CHECK(nlohmann::json::parse(outcome.out)["deliveries"] > 0);
}

TEST_CASE("a number of messages is measured instead of a time") {
  const FloorProcess floor;
  const auto outcome = fanout(floor, {"--clients", "10", "--messages", "100"});
  REQUIRE(outcome.status == 0);
  const auto json = nlohmann::json::parse(outcome.out);
  CHECK(json["messages"] == 100);
  CHECK(json["deliveries"] == 900);
}

TEST_CASE("a join storm is measured beside a chat") {
  const FloorProcess floor;
  const auto outcome = fanout(floor, {"--joins-only", "--clients", "300", "--channels", "30"});
  REQUIRE(outcome.status == 0);
  const auto json = nlohmann::json::parse(outcome.out);
  CHECK(json["joins"] == 300);
  CHECK(json["joins_per_second"] > 0);
  CHECK(json["messages"] >= 1);
  CHECK(json["deliveries"].get<int>() == 9 * json["messages"].get<int>());
}

TEST_CASE("a server that loses, doubles or reorders a delivery is found out") {
  const auto measured = [](const char* fault) {
    const FloorProcess floor(Fault::parse(fault).value());
    const auto outcome = fanout(floor, {"--clients", "20", "--window", "8", "--speakers", "2"});
    CHECK(outcome.status == 1);
    auto violations = nlohmann::json::parse(outcome.out)["violations"];
    CHECK(violations["examples"].size() > 0);
    return violations;
  };
  SUBCASE("lost") {
    const auto violations = measured("drop:1000");
    CHECK(violations["lost"] >= 1);
    CHECK(violations["doubled"] == 0);
    CHECK(violations["altered"] == 0);
  }
  SUBCASE("doubled") {
    const auto violations = measured("duplicate:1000");
    CHECK(violations["doubled"] >= 1);
    CHECK(violations["lost"] == 0);
    CHECK(violations["reordered"] == 0);
  }
  SUBCASE("reordered") {
    const auto violations = measured("swap:1000");
    CHECK(violations["reordered"].get<int>() + violations["interleaved"].get<int>() >= 1);
    CHECK(violations["doubled"] == 0);
    CHECK(violations["altered"] == 0);
  }
}

TEST_CASE("a lost delivery that nothing follows is found out, too") {
  const FloorProcess floor(Fault::parse("drop:100").value());
  const auto outcome = fanout(floor, {"--clients", "20"});
  CHECK(outcome.status == 1);
  CHECK(nlohmann::json::parse(outcome.out)["violations"]["lost"] == 1);
}

TEST_CASE("the table names what was found") {
  const FloorProcess floor(Fault::parse("duplicate:50").value());
  const auto outcome =
      fanout({"--port", floor.port(), "--clients", "20", "--messages", "20", "--warm-up", "0"});
  CHECK(outcome.status == 1);
  CHECK(outcome.out.find("VIOLATED") != std::string::npos);
  CHECK(outcome.out.find("was shown again: message") != std::string::npos);
}

TEST_CASE("no server is a failure, and wrong options are wrong usage") {
  FloorProcess gone;
  gone.stop();
  const auto refused = fanout({"--port", gone.port()});
  CHECK(refused.status == 1);
  CHECK(refused.err.find("Connection refused") != std::string::npos);

  CHECK(fanout({"--clients", "1"}).status == 2);
  CHECK(fanout({"--clients", "10", "--speakers", "10"}).status == 2);
  CHECK(fanout({"--bytes", "9"}).status == 2);
  CHECK(fanout({"--window", "0"}).status == 2);
  CHECK(fanout({"--windmill"}).status == 2);
  CHECK(fanout({"7"}).status == 2);
  CHECK(fanout({"--help"}).status == 0);
}

TEST_CASE("a fault is read from its words") {
  CHECK(Fault::parse("drop:3").has_value());
  for (const auto* text : {"", "drop", "drop:", "drop:0", "drop:x", "drop:3x", "break:3"})
    CHECK_FALSE(Fault::parse(text).has_value());
}
