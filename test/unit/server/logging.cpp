#include "server/logging.hpp"

#include <doctest/doctest.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/formatter.h>

using namespace troupe::server;

namespace {

std::string formatted(LogFormat format, std::string_view payload) {
  spdlog::details::log_msg message("troupe", spdlog::level::info,
                                   spdlog::string_view_t(payload.data(), payload.size()));
  message.time = spdlog::log_clock::time_point{} + std::chrono::milliseconds{1'790'000'000'123};
  spdlog::memory_buf_t out;
  formatter(format)->format(message, out);
  return {out.data(), out.size()};
}

}  // namespace

TEST_CASE("a line of JSON has the event and its values as members of their own") {
  CHECK(formatted(LogFormat::json, R"(left connection=17 nick=anna reason="Quit: \"so\"" ok=true)") ==
        R"({"time":"2026-09-21T14:13:20.123Z","level":"info","event":"left",)"
        R"("connection":17,"nick":"anna","reason":"Quit: \"so\"","ok":true})"
        "\n");
  CHECK(formatted(LogFormat::json, "plain words") ==
        R"({"time":"2026-09-21T14:13:20.123Z","level":"info","event":"plain words"})"
        "\n");
}

TEST_CASE("a line of text is time, level and event") {
  CHECK(formatted(LogFormat::text, "joined nick=anna").ends_with(" info joined nick=anna\n"));
}

TEST_CASE("JSON holds nothing that controls a terminal, nor bytes that are not UTF-8") {
  CHECK(formatted(LogFormat::json, R"(x a="\x1b\x7f\x9b")").find(R"("a":"\u001b\u007f\u009b")") !=
        std::string::npos);
  CHECK(formatted(LogFormat::json, "x a=\xff").find("\"a\":\"\xEF\xBF\xBD\"") != std::string::npos);
}
