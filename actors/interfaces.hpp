#pragma once

#include "chat/batch.hpp"
#include "chat/registration.hpp"
#include "db/failover/orders.hpp"
#include "db/records.hpp"
#include "log/figure.hpp"
#include "net/accepted.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// The whole conversation of the system: what each actor understands, and who says it.
//
//   listener ──► switchboard ──spawns──► connection ──► room ⇄ persistence ⇄ keepers of store and spool
//                (one a loop)                ▲            │ ⇅
//                     ▲ └────────────────────┘            │ archive ⇄ reader of both
//                     └───────────────────────────────────┘
//
// Messages are plain structures: read one aloud with its actor in front ("room: Command from 17 …").

namespace troupe {

// ---- what every actor understands, but for connections: their switchboard counts them

/// How are things?
struct Measure {};
struct Measured {
  std::vector<Figure> figures;
};

using measured_actor = caf::typed_actor<caf::replies_to<Measure>::with<Measured>>;

// ---- connection: one wire's client (a broker, on its switchboard's event loop)

/// The room has answered so many of your commands: what it says to them is with your socket.
struct Answered {
  std::uint32_t commands = 0;
  Standing standing = Standing::unchanged;
  bool ask = false;  ///< tell the room as soon as your client has taken nearly all of it (Taken)
};

/// Look at the clock: something may be due.
struct Tick {};

/// Take nothing more from your client; what it has said already still counts.
struct Hush {};

/// Finish what is unanswered, tell your client why, and go.
struct Close {
  std::string reason;
};

using connection_actor = caf::typed_actor<caf::reacts_to<Answered>,                       // from switchboard
                                          caf::reacts_to<Tick>,                           // from switchboard
                                          caf::reacts_to<Hush>,                           // from switchboard
                                          caf::reacts_to<Close>,                          // from switchboard
                                          caf::reacts_to<caf::io::new_data_msg>,          // from its wire
                                          caf::reacts_to<caf::io::data_transferred_msg>,  // from its wire
                                          caf::reacts_to<caf::io::connection_closed_msg>  // from its wire
                                          >;

// ---- keepers: one thread's connection to the store or the spool; they block while they work

using db::Append;  // answered by Committed when it is durable
using db::Discard;
using db::Expire;
using db::Messages;
using db::Oldest;
using db::Remove;
using db::Reserve;
using db::SetAside;

struct Committed {};

struct Removed {
  std::size_t count = 0;
};

struct Found {
  std::vector<db::Message> messages;
};

/// Find what answers these queries, in the store and in the spool.
struct Recall {
  std::vector<db::Query> queries;
};
struct Recalled {
  std::vector<db::Message> messages;  ///< of all queries, one after the other
};

using store_keeper_actor = caf::typed_actor<caf::replies_to<Append>::with<Committed>,  // from persistence
                                            caf::replies_to<Remove>::with<Committed>,  // from persistence
                                            caf::replies_to<Expire>::with<Removed>,    // from persistence
                                            caf::replies_to<Measure>::with<Measured>   // from supervisor
                                            >;

using spool_keeper_actor = caf::typed_actor<caf::replies_to<Append>::with<Committed>,    // from persistence
                                            caf::replies_to<Reserve>::with<Committed>,   // from persistence
                                            caf::replies_to<Oldest>::with<Found>,        // from persistence
                                            caf::replies_to<Remove>::with<Committed>,    // from persistence
                                            caf::replies_to<SetAside>::with<Committed>,  // from persistence
                                            caf::replies_to<Discard>::with<Removed>,     // from persistence
                                            caf::replies_to<Measure>::with<Measured>     // from supervisor
                                            >;

using reader_actor = caf::typed_actor<caf::replies_to<Recall>::with<Recalled>,  // from archive
                                      caf::replies_to<Measure>::with<Measured>  // from supervisor
                                      >;

// ---- persistence: sees to it that messages are kept, in the store or else in the spool

using persistence_actor = caf::typed_actor<caf::replies_to<Append>::with<Committed>,  // from room
                                           caf::reacts_to<Tick>,                      // from itself
                                           caf::replies_to<Measure>::with<Measured>   // from supervisor
                                           >;

// ---- archive: answers questions about the past without delaying a commit

using archive_actor = caf::typed_actor<caf::replies_to<Recall>::with<Recalled>,  // from room
                                       caf::reacts_to<Tick>,                     // from itself
                                       caf::replies_to<Measure>::with<Measured>  // from supervisor
                                       >;

// ---- records: what is known besides messages, kept at home alone

/// What is kept of channels' lives.
struct ReadLives {};
struct LivesRead {
  std::vector<db::ChannelLife> lives;
};

/// Keep these, all or none, each instead of what was known of its channel. Answered when they are durable.
struct KeepLives {
  std::vector<db::ChannelLife> lives;
};

using records_keeper_actor = caf::typed_actor<caf::replies_to<ReadLives>::with<LivesRead>,  // from records
                                              caf::replies_to<KeepLives>::with<Committed>,  // from records
                                              caf::replies_to<Measure>::with<Measured>      // from supervisor
                                              >;

using records_actor = caf::typed_actor<caf::replies_to<ReadLives>::with<LivesRead>,  // from room
                                       caf::replies_to<KeepLives>::with<Committed>,  // from room
                                       caf::reacts_to<Tick>,                         // from itself
                                       caf::replies_to<Measure>::with<Measured>      // from supervisor
                                       >;

// ---- room: who is here, and what may be done

/// A client has registered and wants to take part. Answered through a delivery's standing. It goes by the
/// switchboard, which sees to it that a connection of the same client's that it has closed before has left by
/// then, on whichever loop that was.
struct Enter {
  ConnectionId from{};
  Registration who;
};

/// A registered client's line. Answered through a delivery, which counts it.
struct Command {
  ConnectionId from{};
  Input input;
};

/// A client has taken what it was sent, but for 16 KiB at most: said once for each answer that asks for it.
struct Taken {
  ConnectionId from{};
};

/// Tell the next portion of a long answer.
struct GoOn {};

/// A client is gone. May be said twice, and of one that never entered.
struct Leave {
  ConnectionId from{};
  std::string reason;
  /// How long it had been silent, and may not have been told what it was sent; nothing if there is no
  /// telling.
  std::optional<std::chrono::milliseconds> silent;
};

/// Here is a new persistence in place of the one that died: whatever that one did not answer is to be sent
/// again.
struct StoreWith {
  persistence_actor persistence;
};

/// No more commands will come: nobody needs to be told who leaves now.
struct Closing {};

/// Answer when all that happened is stored and delivered.
struct Drain {};
struct Drained {};

using room_actor = caf::typed_actor<caf::reacts_to<Enter>,                    // from switchboard
                                    caf::reacts_to<Command>,                  // from connection
                                    caf::reacts_to<Taken>,                    // from connection
                                    caf::reacts_to<GoOn>,                     // from itself
                                    caf::reacts_to<Leave>,                    // from connection, switchboard
                                    caf::reacts_to<StoreWith>,                // from supervisor
                                    caf::reacts_to<Closing>,                  // from supervisor
                                    caf::replies_to<Drain>::with<Drained>,    // from supervisor
                                    caf::replies_to<Measure>::with<Measured>  // from supervisor
                                    >;

// ---- listener: all listening addresses, and who may come in by them (a broker)

/// See what your clients have sent or done, and answer when what they did by now is with whom it is for.
struct Look {};
struct Looked {};

/// Who looks: a switchboard, to the listener and to other switchboards.
using looking_actor = caf::typed_actor<caf::replies_to<Look>::with<Looked>>;

/// A connection is gone, and its place is free. May be said twice.
struct Vacated {
  ConnectionId id{};
  bool gave_wrong_password = false;
  double missing = 0;  ///< of the commands that it might have said at once (TokenBucket)
};

/// Accept nobody any more.
struct StopListening {};

using listener_actor = caf::typed_actor<caf::reacts_to<Vacated>,        // from connection, switchboard
                                        caf::reacts_to<StopListening>,  // from supervisor
                                        caf::reacts_to<Tick>,           // from itself
                                        caf::reacts_to<caf::io::new_connection_msg>,   // from its sockets
                                        caf::reacts_to<caf::io::acceptor_closed_msg>,  // from its sockets
                                        caf::replies_to<Measure>::with<Measured>       // from supervisor
                                        >;

// ---- switchboard: knows every connection of its event loop; the room's hands there (a broker)

/// Let this client in.
struct Seat {
  ConnectionId id{};
  std::string address;  ///< without port
  double missing = 0;   ///< of the commands that it may say at once: others from its address have spent them
  std::shared_ptr<Accepted> client;
  listener_actor listener;  ///< to be told when it is gone
};

/// Send this connection a Tick at this time, or within 20 ms after it; several of them in the order of their
/// times.
struct Wake {
  ConnectionId who{};
  std::chrono::steady_clock::time_point at;
};

/// Somebody may be due to be woken.
struct Ring {};

/// Serve this room, together with all others.
struct Serve {
  room_actor room;
  std::vector<looking_actor> all;  ///< you among them
};

/// Bring your clients what they are to hear of this batch, whose messages were kept or refused. Answered when
/// that is written to their sockets, and what clients have said meanwhile has been read: the next batch holds
/// the answer to all of it.
struct Deliver {
  std::shared_ptr<const Batch> batch;
  Batch::Outcome outcome = Batch::Outcome::kept;
};
struct Delivered {};

/// Hush every client, let nobody more in, and answer when what they said is with the room.
struct HushAll {};
struct AllHushed {};

/// Let every client go, and answer when the last one is gone.
struct CloseAll {
  std::string reason;
};
struct AllClosed {};

using switchboard_actor = caf::typed_actor<caf::reacts_to<Seat>,                 // from listener
                                           caf::reacts_to<Wake>,                 // from connection
                                           caf::reacts_to<Enter>,                // from connection
                                           caf::reacts_to<Leave>,                // from connection
                                           caf::replies_to<Look>::with<Looked>,  // from listener, switchboard
                                           caf::reacts_to<Serve>,                // from supervisor
                                           caf::replies_to<Deliver>::with<Delivered>,   // from room
                                           caf::replies_to<HushAll>::with<AllHushed>,   // from supervisor
                                           caf::replies_to<CloseAll>::with<AllClosed>,  // from supervisor
                                           caf::reacts_to<Tick>,                        // from itself
                                           caf::reacts_to<Ring>,                        // from itself
                                           caf::replies_to<Measure>::with<Measured>     // from supervisor
                                           >;

// ---- supervisor: starts, watches and ends all of them

/// End in good order.
struct ShutDown {};

/// Ask every actor how things are, and log a line for each.
struct LogMeasures {};

using supervisor_actor = caf::typed_actor<caf::reacts_to<ShutDown>,                 // from the signal handler
                                          caf::reacts_to<LogMeasures>,              // from the signal handler
                                          caf::replies_to<Measure>::with<Measured>  // from itself
                                          >;

}  // namespace troupe

// All actors live in one process: their messages are never serialised.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Measure)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Measured)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Hush)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Close)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::db::Append)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Committed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::db::Remove)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::db::Expire)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Removed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::db::Reserve)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::db::Oldest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::db::Discard)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::db::SetAside)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Recall)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Recalled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::ReadLives)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::LivesRead)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::KeepLives)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Enter)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Command)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Taken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::GoOn)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Leave)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::StoreWith)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Closing)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Drained)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Look)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Looked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Vacated)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Seat)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Wake)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Ring)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Serve)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Deliver)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Delivered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::HushAll)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::AllHushed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::CloseAll)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::AllClosed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::StopListening)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::ShutDown)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::LogMeasures)
