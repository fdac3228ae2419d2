#include "actors/supervisor.hpp"
#include "db/address.hpp"
#include "log/log.hpp"
#include "net/accepted.hpp"
#include "net/event_loops.hpp"
#include "protocol/text.hpp"
#include "server/listening.hpp"
#include "server/logging.hpp"
#include "server/open_storage.hpp"
#include "server/options.hpp"
#include "server/signals.hpp"
#include "server/version.hpp"

#include <caf/io/network/default_multiplexer.hpp>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <optional>
#include <random>
#include <sys/resource.h>
#include <unistd.h>

namespace troupe::server {
namespace {

/// What is in the way of starting; `what()` says it in one line.
class StartError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The status of a server that has none yet.
constexpr int running = -1;

/// Whoever still holds a thread or a socket, or does not read the log, does not hold up the end any longer.
void end_soon(int status) {
  std::signal(
      SIGALRM, status == 0 ? +[](int) { std::_Exit(0); } : +[](int) { std::_Exit(1); });
  alarm(1);
}

/// Descriptors that are not clients: the log, the store, CAF's own, and four for each event loop.
constexpr rlim_t reserved_descriptors = 64;
constexpr rlim_t loop_descriptors = 4;

/// Opens what the caller closed, so that no descriptor of ours is taken for standard error: the log would go
/// to a client, or into the event loop's own pipe.
void open_standard_descriptors() {
  for (int fd = open("/dev/null", O_RDWR); fd >= 0; fd = dup(fd)) {
    if (fd <= STDERR_FILENO) continue;
    close(fd);
    return;
  }
}

/// Raises the limit of open files as far as it goes, and keeps the number of connections below it: an
/// `accept` that fails for want of a descriptor would be tried again for ever.
void fit_connections(Rules& rules, std::size_t loops) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const auto reserved = reserved_descriptors + loop_descriptors * loops;
  const std::size_t fit = files.rlim_cur > 2 * reserved ? files.rlim_cur - reserved : 1;
  if (rules.max_connections != 0 && rules.max_connections <= fit) return;
  if (rules.max_connections != 0)
    log::warn("the limit of open files allows fewer connections", {{"connections", fit}});
  rules.max_connections = fit;
}

std::vector<std::string> read_motd(const std::string& file) {
  std::vector<std::string> lines;
  if (file.empty()) return lines;
  std::ifstream in(file);
  if (!in) throw StartError("--motd: cannot read " + file + ": " + std::strerror(errno));
  for (std::string line; std::getline(in, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!protocol::is_utf8(line)) throw StartError("--motd: " + file + " is not UTF-8");
    lines.emplace_back(protocol::cut(line, 400));
  }
  if (in.bad()) throw StartError("--motd: cannot read " + file + ": " + std::strerror(errno));
  return lines;
}

ListenerSetup open_doors(EventLoops& loops, const Options& options, const Rules& rules) {
  ListenerSetup setup;
  for (const auto& at : options.listen)
    setup.doors.push_back(caf::make_counted<Doorman>(loops[0], listen_at(at)));
  setup.accepted = [](caf::io::connection_handle handle) {
    return std::make_shared<AcceptedSocket>(static_cast<int>(handle.id()));
  };
  setup.limits.in_all = rules.max_connections;
  setup.limits.per_address = rules.max_per_address;
  setup.limits.rate = rules.rate;
  setup.limits.burst = static_cast<double>(rules.burst);
  setup.limits.ipv6_prefix = options.ipv6_prefix;
  return setup;
}

std::vector<std::shared_ptr<WireLoop>> make_wire_loops(EventLoops& loops, const Rules& rules) {
  WireLimits limits;
  limits.most_pending = rules.sendq;
  std::vector<std::shared_ptr<WireLoop>> wires;
  for (std::size_t i = 0; i < loops.size(); ++i)
    wires.push_back(std::make_shared<SocketLoop>(loops[i], limits));
  return wires;
}

caf::actor_system_config actor_configuration() {
  caf::actor_system_config config;
  // The default policy polls for work to steal; sharing sleeps until there is some.
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", std::size_t{1});
  config.load<caf::io::middleman>();
  return config;
}

void log_start(const Options& options, const Rules& rules) {
  log::Event started{"started", {{"version", version}, {"database", db::address_of(options.database)}}};
  auto& fields = started.fields;
  if (options.durability != Durability::none)
    fields.insert(fields.end(),
                  {{"durability", options.durability == Durability::strict ? "strict" : "relaxed"},
                   {"spool", options.spool},
                   {"commit_timeout_ms", options.commit_timeout.count()},
                   {"keep_days", options.keep_days}});
  fields.insert(fields.end(), {{"password", !rules.password.empty()},
                               {"max_connections", rules.max_connections},
                               {"max_per_address", rules.max_per_address},
                               {"sendq", rules.sendq},
                               {"rate", static_cast<std::size_t>(rules.rate)},
                               {"burst", rules.burst},
                               {"io_threads", options.io_threads},
                               {"tls", false}});
  log::info(started);
}

/// Opens the storage; nothing if the server is asked to end before that is done.
std::optional<OpenedStorage> wait_for_storage(const Options& options, Signals& signals) {
  auto opened = start_opening_storage(options, signals.waker());
  while (opened.wait_for(std::chrono::seconds{0}) != std::future_status::ready)
    if (signals.wait() == Signals::Event::end) return {};
  return opened.get();
}

/// The exit status; `running` if the server was asked to end before it had started.
int perform(const Options& options, Signals& signals) {
  for (const auto& name : options.unknown_variables)
    log::warn("environment variable without meaning", {{"variable", name}});
  Production production;
  production.rules = options.rules;
  fit_connections(production.rules, options.io_threads);
  const auto rules = production.rules;
  production.durability = options.durability;
  if (options.durability != Durability::none) {
    auto opened = wait_for_storage(options, signals);
    if (!opened) return running;
    production.storage = std::move(opened->storage);
    production.newest = opened->newest;
  }
  production.chat.server_name = options.rules.server_name;
  production.chat.network_name = options.network_name;
  production.chat.version = version;
  production.chat.motd = read_motd(options.motd_file);
  production.chat.archived = options.durability != Durability::none;
  production.chat.replay = options.replay;
  production.chat.channels_per_address = options.channels_per_address;
  if (options.keep_days > 0) production.chat.keep = std::chrono::days{options.keep_days};
  production.chat.started = production.wall_clock();
  production.chat.random = [engine = std::make_shared<std::random_device>()] {
    return (std::uint64_t{(*engine)()} << 32) | (*engine)();
  };

  auto configuration = actor_configuration();
  caf::actor_system system{configuration};
  EventLoops loops{system, options.io_threads};
  production.listener = open_doors(loops, options, rules);
  production.loops = make_wire_loops(loops, rules);
  const auto status = std::make_shared<std::atomic<int>>(running);
  production.curtain = [status, wake = signals.waker()](int value) {
    *status = value;
    wake();
  };
  log_start(options, rules);
  for (const auto& at : options.listen) log::info("listening", {{"host", at.host}, {"port", at.port}});
  const auto all = system.spawn(supervisor, std::move(production));

  bool asked = false;
  while (*status == running) {
    const auto event = signals.wait();
    if (event == Signals::Event::measure) caf::anon_send(all, LogMeasures{});
    if (event != Signals::Event::end) continue;
    if (std::exchange(asked, true)) std::_Exit(1);
    caf::anon_send(all, ShutDown{});
  }
  log::info("ended");
  // Everything that matters is stored and told.
  end_soon(*status);
  return *status;
}

/// The exit status.
int run(const Options& options) {
  // Before the first thread, which is the log's.
  Signals signals;
  std::optional<Logging> logging(std::in_place, options.log_level, options.log_format);
  try {
    const int status = perform(options, signals);
    if (status != running) return status;
    log::info("ended");
    end_soon(0);
    logging.reset();
    std::_Exit(0);  // a thread may still wait for a database
  } catch (const std::exception& error) {
    end_soon(1);
    // Whoever reads JSON can't read anything else.
    const bool as_event = options.log_format == LogFormat::json && options.log_level != "off";
    if (as_event) log::critical("cannot serve", {{"reason", error.what()}});
    logging.reset();  // what comes now comes after all that was logged
    if (!as_event) std::cerr << "troupe-server: " << error.what() << "\n";
    std::_Exit(1);
  }
}

}  // namespace
}  // namespace troupe::server

int main(int argc, char** argv) {
  using namespace troupe::server;
  open_standard_descriptors();
  Environment variables;
  for (char** one = environ; *one; ++one) {
    const std::string_view variable{*one};
    const auto sign = std::min(variable.find('='), variable.size());
    variables.emplace(variable.substr(0, sign), variable.substr(std::min(sign + 1, variable.size())));
  }
  try {
    const auto parsed = parse_options(argc, argv, variables);
    if (const auto* notice = std::get_if<Notice>(&parsed)) {
      if (std::cout << notice->text << std::flush) return 0;
      std::cerr << "troupe-server: cannot write to standard output\n";
      return 1;
    }
    const auto& options = std::get<Options>(parsed);
    return run(options);
  } catch (const UsageError& error) {
    std::cerr << "troupe-server: " << error.what() << " (see --help)\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "troupe-server: " << error.what() << "\n";
    return 1;
  }
}
