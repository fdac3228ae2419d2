#pragma once

#include <caf/all.hpp>
#include <caf/io/all.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// The actors of the client and everything that they say to each other.
///
///     console  ──connect, send, more, close──►  connection  ──spawns──►  dialer
///        ▲  └────connected, lines, closed──────────┘  ▲ └─────────dialled, failed──┘
///        └ stdin, stdout, signals                     └ the socket
namespace troupe::client {

using close_atom = caf::atom_constant<caf::atom("close")>;
using closed_atom = caf::atom_constant<caf::atom("closed")>;
using connect_atom = caf::atom_constant<caf::atom("connect")>;
using connected_atom = caf::atom_constant<caf::atom("connected")>;
using dial_atom = caf::atom_constant<caf::atom("dial")>;
using dialled_atom = caf::atom_constant<caf::atom("dialled")>;
using failed_atom = caf::atom_constant<caf::atom("failed")>;
using lines_atom = caf::atom_constant<caf::atom("lines")>;
using more_atom = caf::atom_constant<caf::atom("more")>;
using send_atom = caf::atom_constant<caf::atom("send")>;

/// Reads the keyboard (or a script), shows what happens, and holds the session that decides. One thread of
/// its own.
using console_actor = caf::typed_actor<
    // The connection stands.
    caf::reacts_to<connected_atom>,
    // These lines came, without their ends. No more come before `more` is said.
    caf::reacts_to<lines_atom, std::vector<std::string>>,
    // It could not be made, or is closed: why. Comes exactly once after each `connect`, and last.
    caf::reacts_to<closed_atom, std::string>>;

/// Owns the connection to the server: makes it, cuts what comes into lines, sends, closes. It knows no IRC.
using connection_actor = caf::typed_actor<
    // Connects to this host and port; only after `closed`, or at first.
    caf::reacts_to<connect_atom, std::string, std::uint16_t>,
    // Sends these bytes. Ignored where there is no connection.
    caf::reacts_to<send_atom, std::string>,
    // The last lines have been dealt with. Until then the socket is not read, so that a console whose output
    // is stuck holds up the server instead of filling memory.
    caf::reacts_to<more_atom>,
    // Closes after what was sent, or gives up connecting.
    caf::reacts_to<close_atom>,
    // From the dialer: a connected socket, which the connection owns from now on.
    caf::reacts_to<dialled_atom, int>,
    // From the dialer: no address of the host could be connected to; why.
    caf::reacts_to<failed_atom, std::string>,
    // From the multiplexer.
    caf::reacts_to<caf::io::new_data_msg>, caf::reacts_to<caf::io::connection_closed_msg>>;

/// Looks up a host and connects to one of its addresses, on a thread of its own because both block; then it
/// is gone.
using dialer_actor = caf::typed_actor<
    // To itself: the next step.
    caf::reacts_to<dial_atom>>;

}  // namespace troupe::client
