#pragma once

#include "protocol/message_id.hpp"

namespace troupe::db {

/// The ends of the order of ids. No message has either.
inline constexpr protocol::MessageId lowest_id{};
inline constexpr protocol::MessageId highest_id{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,  //
                                                 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

/// The border between the ids of messages before `time` and of those at or after it. A time that an id can't
/// hold gives the end that lies nearest.
protocol::MessageId first_id_at(protocol::Time time);

/// The border between the ids of messages at or before `time` and of those after it.
protocol::MessageId first_id_after(protocol::Time time);

/// The largest id that is smaller than this one, which is not the lowest.
protocol::MessageId before(protocol::MessageId id);

}  // namespace troupe::db
