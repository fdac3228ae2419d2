#pragma once

#include "chat/response.hpp"
#include "chat/steps.hpp"
#include "chat/user.hpp"
#include "protocol/message.hpp"
#include "protocol/numerics.hpp"

#include <string_view>

namespace troupe {

/// One command being carried out: who sent it, what it says, and the answer as far as it is written.
struct Turn {
  Client& client;
  User& user;
  const protocol::Message& message;
  protocol::Time now;
  std::string_view server;  ///< its name
  Response response;
  bool stored = false;                      ///< it said something that is to be stored; see Room::say
  bool suspended = false;                   ///< it goes on when the store has answered
  Steps steps = {};                         ///< what is left to do of it
  std::size_t work = 0;                     ///< how much was done already; see `spend`
  Standing standing = Standing::unchanged;  ///< what its client is to be told
  bool unasked = false;                     ///< it answers no command

  /// How much one portion of an answer may take: some tenths of a millisecond.
  static constexpr std::size_t most_work = 256;

  /// To compare a mask with a name takes the longer the longer they are: a unit for so much of their product.
  static constexpr std::size_t comparison = 256;

  /// Notes that so much was looked at: names compared, and the like.
  void spend(std::size_t units) { work += units; }
  /// Enough for now. Who has more to say does it in steps, and looks at this before each line.
  bool is_full() const { return work >= most_work || client.owed + response.size() >= Client::most_owed; }

  /// A parameter; "" if there are not so many.
  std::string_view param(std::size_t index) const {
    return index < message.params.size() ? std::string_view{message.params[index]} : std::string_view{};
  }

  /// The beginning of a numeric for the sender.
  Line numeric(protocol::Numeric numeric) const { return {server, numeric, user.nick}; }

  /// Answers with a numeric and a text, or a numeric about something that the client named: as "*" if that
  /// can't stand as a parameter.
  void reply(protocol::Numeric numeric, std::string_view text);
  void reply(protocol::Numeric numeric, std::string_view about, std::string_view text);

  /// Answers with a FAIL of this command (standard-replies). `about` may be empty.
  void fail(std::string_view code, std::string_view subcommand, std::string_view about,
            std::string_view text);
};

}  // namespace troupe
