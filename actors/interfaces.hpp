#pragma once

#include "actors/chat/batch.hpp"
#include "actors/chat/chat.hpp"
#include "actors/chat/user.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>

#include <cstdint>
#include <memory>
#include <string>

// The whole conversation of the system: what each actor understands, and who says it.
//
//   listener ──forks──► connection ⇄ room ⇄ persistence
//                            ▲         │
//                            └─ switchboard ◄┘
//
// Messages are plain structures: read one aloud with its actor in front ("room, Command from 17: …").

namespace troupe {

// -- connection: one socket's client (a broker, on the I/O thread)
// -----------------------------------------------------

/// Your part of a batch: write it, and note which of your commands it answers.
struct Receive {
  std::shared_ptr<const Batch> batch;
  std::size_t index = 0;  ///< of your delivery
};

/// Look at the clock: something may be due.
struct Tick {};

/// Finish what is unanswered, tell your client why, and go.
struct Close {
  std::string reason;
};

using connection_actor = caf::typed_actor<caf::reacts_to<Receive>,                // from switchboard
                                          caf::reacts_to<Tick>,                   // from switchboard, itself
                                          caf::reacts_to<Close>,                  // from switchboard
                                          caf::reacts_to<caf::io::new_data_msg>,  // from its socket
                                          caf::reacts_to<caf::io::connection_closed_msg>  // from its socket
                                          >;

// -- room: who is here, and what may be done
// ---------------------------------------------------------------------------

/// A client has registered and wants to take part. Answered through a delivery's standing.
struct Enter {
  ConnectionId from{};
  Registration who;
};

/// A registered client's line. Answered through a delivery, which counts it.
struct Command {
  ConnectionId from{};
  Chat::Input input;
};

/// A client is gone. May be said twice, and of one that never entered.
struct Leave {
  ConnectionId from{};
  std::string reason;
};

/// No more commands will come: nobody needs to be told who leaves now.
struct Closing {};

/// Answer when all that happened is stored and delivered.
struct Drain {};
struct Drained {};

using room_actor = caf::typed_actor<caf::reacts_to<Enter>,                 // from connection
                                    caf::reacts_to<Command>,               // from connection
                                    caf::reacts_to<Leave>,                 // from connection, switchboard
                                    caf::reacts_to<Closing>,               // from supervisor
                                    caf::replies_to<Drain>::with<Drained>  // from supervisor
                                    >;

// -- switchboard: knows every connection; the room's hands on the I/O thread (a broker)
// --------------------------------

/// May this client stay? `who` is not read from before the answer.
struct Admit {
  std::string address;  ///< the client's, without port
  connection_actor who;
};

/// The answer to Admit.
struct Admission {
  ConnectionId id{};
  std::string refusal;  ///< why not; empty if it may stay
};

/// Serve this room: tell it when a connection vanishes.
struct Serve {
  room_actor room;
};

/// Pass this batch on to its receivers. Answered when it is on its way to the sockets.
struct Deliver {
  std::shared_ptr<const Batch> batch;
};
struct Delivered {};

/// Let every client go, and answer when the last one is gone. Nobody is admitted from now on.
struct CloseAll {
  std::string reason;
};
struct AllClosed {};

using switchboard_actor = caf::typed_actor<caf::replies_to<Admit>::with<Admission>,     // from connection
                                           caf::reacts_to<Serve>,                       // from supervisor
                                           caf::replies_to<Deliver>::with<Delivered>,   // from room
                                           caf::replies_to<CloseAll>::with<AllClosed>,  // from supervisor
                                           caf::reacts_to<Tick>                         // from itself
                                           >;

// -- listener: one listening address (a broker)
// ------------------------------------------------------------------------

/// Accept nobody any more.
struct StopListening {};

using listener_actor =
    caf::typed_actor<caf::reacts_to<StopListening>,                 // from supervisor
                     caf::reacts_to<caf::io::new_connection_msg>,   // from its socket
                     caf::reacts_to<caf::io::acceptor_closed_msg>,  // from its socket
                     // What its sockets' messages would be, if it did not fork them at once.
                     caf::reacts_to<caf::io::new_data_msg>, caf::reacts_to<caf::io::connection_closed_msg>>;

// -- persistence: commits what is to be kept (on its own thread)
// -------------------------------------------------------

/// Commit the messages of this batch, all or none. Answered when they are durable; an error says that none
/// was kept.
struct Append {
  std::shared_ptr<const Batch> batch;
};
struct Committed {};

using persistence_actor = caf::typed_actor<caf::replies_to<Append>::with<Committed>  // from room
                                           >;

// -- supervisor: starts, watches and ends all of them
// ------------------------------------------------------------------

/// End in good order.
struct ShutDown {};

using supervisor_actor = caf::typed_actor<caf::reacts_to<ShutDown>  // from the signal handler
                                          >;

}  // namespace troupe

// All actors live in one process: their messages are never serialised.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Receive)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Close)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Enter)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Command)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Leave)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Closing)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Drained)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Admit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Admission)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Serve)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Deliver)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Delivered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::CloseAll)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::AllClosed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::StopListening)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Append)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::Committed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::ShutDown)
