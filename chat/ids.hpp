#pragma once

#include <cstdint>

namespace troupe {

/// A client's connection, never used twice while the server runs. Its remainder by the number of I/O threads
/// names the thread that it lives on. 0 is nobody's.
enum class ConnectionId : std::uint64_t {};

/// A channel, from its first member's JOIN until its last one leaves; never used twice while the server runs.
/// A channel that is made anew under the same name has another one.
enum class ChannelId : std::uint64_t {};

}  // namespace troupe
