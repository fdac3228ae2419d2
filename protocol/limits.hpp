#pragma once

#include <cstddef>

/// The lengths that this server promises and enforces, in bytes unless said otherwise. Those that a client
/// should know are advertised in RPL_ISUPPORT (Modern IRC, "Feature Advertisement").
namespace troupe::protocol::limits {

inline constexpr std::size_t line = 512;  ///< without tags, CR LF included (Modern IRC, "Message Format")
inline constexpr std::size_t client_tags = 4094;  ///< between '@' and ' ' from a client (message-tags)
inline constexpr std::size_t tags = 8189;         ///< to a client: the server's 4094, ';', the sender's 4094
inline constexpr std::size_t nick = 30;           ///< NICKLEN
inline constexpr std::size_t user = 20;           ///< USERLEN; a longer user name is cut
inline constexpr std::size_t host = 63;           ///< HOSTLEN; addresses are always shorter
inline constexpr std::size_t realname = 150;  ///< NAMELEN; a longer one is refused by SETNAME and cut by USER
inline constexpr std::size_t channel = 64;    ///< CHANNELLEN
inline constexpr std::size_t topic = 300;     ///< TOPICLEN; a longer topic is cut at a character
inline constexpr std::size_t kick = 250;      ///< KICKLEN; a longer reason is cut at a character
inline constexpr std::size_t away = 300;      ///< AWAYLEN; a longer message is cut at a character
inline constexpr std::size_t reason = 300;    ///< a QUIT's or PART's reason, cut at a character
inline constexpr std::size_t key = 32;        ///< KEYLEN
inline constexpr std::size_t password = 256;  ///< PASS
inline constexpr std::size_t mask = nick + user + host + 2;  ///< a ban's mask: the longest nick!user@host
inline constexpr std::size_t bans = 100;                     ///< MAXLIST=b: entries of one channel
inline constexpr std::size_t modes = 8;         ///< MODES: changes with a parameter in one MODE command
inline constexpr std::size_t channels = 100;    ///< CHANLIMIT: channels of one user
inline constexpr std::size_t invitations = 32;  ///< of one user that stand: with more the oldest one ends
inline constexpr std::size_t history = 500;     ///< CHATHISTORY: messages in one answer
inline constexpr std::size_t echo = 128;  ///< of what a client named, to be repeated in a reply about it
inline constexpr std::size_t label = 64;  ///< a label's length (labeled-response)

}  // namespace troupe::protocol::limits
