#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace troupe {

/// What stands between a wire and its socket: encryption, some day. It does no input and no output, but turns
/// one side's bytes into the other's. A wire without one passes bytes on as they are.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Takes what came from the network. Adds what the client said with it to `said`, and what is to be sent
  /// for it to `raw`: a handshake's answer, and what waited for the handshake. False if it makes no sense:
  /// the wire is given up.
  virtual bool unwrap(std::string_view network, std::vector<char>& said, std::vector<char>& raw) = 0;
  /// Adds to `raw` what is to be sent so that the client is told `bytes`. May keep them until something has
  /// been read.
  virtual void wrap(std::string_view bytes, std::vector<char>& raw) = 0;
  /// How many bytes it keeps.
  virtual std::size_t kept() const = 0;
  /// Adds the last words to `raw`: nothing is wrapped after them.
  virtual void finish(std::vector<char>& raw) = 0;
};

/// How lines stand in what a client says: WebSocket frames, some day. A wire without one passes bytes on as
/// they are, and the session finds the lines in them. What is said *to* clients is framed before it comes to
/// a wire: framing is a part of a line's shape, so that a line is written once for all who receive it in it.
class Framing {
 public:
  virtual ~Framing() = default;

  /// Takes what the client said. Adds the lines in it to `lines`, each with CR LF, and what is to be said at
  /// once to `answer`. False if it makes no sense: the wire is given up.
  virtual bool unframe(std::string_view said, std::vector<char>& lines, std::vector<char>& answer) = 0;
};

}  // namespace troupe
