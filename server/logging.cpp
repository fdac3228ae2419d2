#include "server/logging.hpp"

#include "log/log.hpp"
#include "protocol/message_id.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <cstdio>

namespace troupe::server {
namespace {

/// Lines that may wait to be written; a busy server logs some hundred a second.
constexpr std::size_t longest_queue = 8192;

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto time = std::chrono::time_point_cast<std::chrono::milliseconds>(message.time);
    const auto level = spdlog::level::to_string_view(message.level);
    const auto event = log::from_text({message.payload.data(), message.payload.size()});
    nlohmann::ordered_json object = {
        {"time", protocol::to_timestamp(time)},
        {"level", std::string(level.data(), level.size())},
        {"event", event.name},
    };
    for (const auto& [key, value] : event.fields)
      std::visit([&, &key = key](const auto& one) { object[key] = one; }, value);
    append(object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), out);
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }

 private:
  /// JSON allows U+007F to U+009F as they are; a terminal would obey them.
  static void append(std::string_view json, spdlog::memory_buf_t& out) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (std::size_t i = 0; i < json.size(); ++i) {
      const auto byte = static_cast<unsigned char>(json[i]);
      const bool c1 = byte == 0xC2 && i + 1 < json.size() && static_cast<unsigned char>(json[i + 1]) < 0xA0;
      if (!c1 && byte != 0x7F) {
        out.push_back(json[i]);
        continue;
      }
      const auto point = static_cast<unsigned char>(c1 ? json[++i] : json[i]);
      for (char c : {'\\', 'u', '0', '0', digits[point >> 4U], digits[point & 15U]}) out.push_back(c);
    }
    out.push_back('\n');
  }
};

/// Standard error, as the thread that writes sees it.
class Sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  /// `thread` is the one that calls it.
  explicit Sink(spdlog::details::thread_pool& thread) : thread_(thread) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (const auto dropped = thread_.overrun_counter() + failed_ - told_; dropped > 0) {
      const auto text = log::to_text({"lines of the log dropped", {{"count", dropped}}});
      if (write({message.logger_name, spdlog::level::warn, text})) told_ += dropped;
    }
    if (!write(message)) ++failed_;
  }

  bool write(const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    return std::fwrite(line.data(), 1, line.size(), stderr) == line.size();
  }

  void flush_() override {}  // standard error has no buffer

  spdlog::details::thread_pool& thread_;
  std::size_t failed_ = 0;  ///< lines that standard error did not take: a full disk, perhaps
  std::size_t told_ = 0;    ///< how many lines have been counted in a line as dropped
};

}  // namespace

std::unique_ptr<spdlog::formatter> formatter(LogFormat format) {
  if (format == LogFormat::json) return std::make_unique<JsonFormatter>();
  return std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
}

Logging::Logging(const std::string& level, LogFormat format)
    : thread_(std::make_shared<spdlog::details::thread_pool>(longest_queue, 1)) {
  auto logger = std::make_shared<spdlog::async_logger>("troupe", std::make_shared<Sink>(*thread_), thread_,
                                                       spdlog::async_overflow_policy::overrun_oldest);
  logger->set_level(spdlog::level::from_str(level));
  logger->set_formatter(formatter(format));
  spdlog::set_default_logger(std::move(logger));
}

Logging::~Logging() {
  // Whatever is logged from now on has nobody who would write it.
  spdlog::set_level(spdlog::level::off);
}

}  // namespace troupe::server
