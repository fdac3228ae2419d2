#include "bench/commands.hpp"
#include "db/message_log.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Directory {
  std::string path = "/tmp/troupe-bench-XXXXXX";
  Directory() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~Directory() { std::filesystem::remove_all(path); }
};

int store(const std::vector<std::string>& options, std::ostream& out) {
  std::vector<const char*> arguments{"store"};
  for (const auto& option : options) arguments.push_back(option.c_str());
  std::ostringstream err;
  return troupe::bench::store_command(arguments, out, err);
}

}  // namespace

TEST_CASE("a store is measured, and left as it was unless told otherwise") {
  const Directory directory;
  const auto url = "sqlite:" + directory.path + "/bench.db";
  std::ostringstream out;
  CHECK(store({"--database", url, "--messages", "1050", "--batch", "100", "--json"}, out) == 0);
  const auto json = nlohmann::json::parse(out.str());
  CHECK(json["messages"] == 1050);
  CHECK(json["messages_per_second"] > 0);
  CHECK(json["commit_ms"]["p50"] > 0);
  CHECK(json["commit_ms"]["p99"] <= json["commit_ms"]["max"]);
  CHECK_FALSE(troupe::db::open(url)->newest().has_value());

  CHECK(store({"--database", url, "--messages", "50", "--batch", "50", "--keep"}, out) == 0);
  CHECK(troupe::db::open(url)->newest().has_value());
}

TEST_CASE("no store is a failure, none named is wrong usage") {
  std::ostringstream out;
  CHECK(store({"--database", "sqlite:/nowhere/bench.db"}, out) == 1);
  CHECK(store({}, out) == 2);
  CHECK(store({"--database", "sqlite:x", "--batch", "0"}, out) == 2);
}
