#pragma once

#include "chat/registration.hpp"
#include "chat/room.hpp"
#include "chat/turn.hpp"

/// What the commands of registered clients do; which there are says the table (chat/command_table.hpp), which
/// has made sure of their least parameters. They change the room and say what they have to say by it alone.
namespace troupe::commands {

// messages.cpp
void privmsg(Room& room, Turn& turn);
void notice(Room& room, Turn& turn);
void tagmsg(Room& room, Turn& turn);

// channels.cpp
void join(Room& room, Turn& turn);
void part(Room& room, Turn& turn);
void kick(Room& room, Turn& turn);
void topic(Room& room, Turn& turn);
void invite(Room& room, Turn& turn);

// listing.cpp
void names(Room& room, Turn& turn);
void list(Room& room, Turn& turn);

// modes.cpp
void mode(Room& room, Turn& turn);

// users.cpp
void nick(Room& room, Turn& turn);
void away(Room& room, Turn& turn);
void setname(Room& room, Turn& turn);
void userhost(Room& room, Turn& turn);
void ison(Room& room, Turn& turn);

// whois.cpp
void who(Room& room, Turn& turn);
void whois(Room& room, Turn& turn);

// history.cpp
void chathistory(Room& room, Turn& turn);
bool chathistory_must_wait(Room& room, Client& client, const protocol::Message& question);

// cap.cpp
void cap(Room& room, Turn& turn);

// server.cpp
void lusers(Room& room, Turn& turn);
void motd(Room& room, Turn& turn);
void version(Room& room, Turn& turn);
void ping(Room& room, Turn& turn);
void pong(Room& room, Turn& turn);
void quit(Room& room, Turn& turn);  ///< never comes here: it is the session's own

// ---- parts of an answer that several commands give

/// RPL_TOPIC and RPL_TOPICWHOTIME of a channel that has a topic.
void show_topic(Turn& turn, const Channel& channel);
/// RPL_NAMREPLY and RPL_ENDOFNAMES.
void show_names(Turn& turn, Channel& channel);
/// RPL_ISUPPORT.
void show_isupport(const Room& room, Turn& turn);
/// All that a client is told when it has registered.
void welcome(Room& room, Turn& turn);

}  // namespace troupe::commands

/// What commands do while a client registers.
namespace troupe::registering {

void cap(Registering& client, const protocol::Message& message, Response& response);
void nick(Registering& client, const protocol::Message& message, Response& response);
void pass(Registering& client, const protocol::Message& message, Response& response);
void ping(Registering& client, const protocol::Message& message, Response& response);
void user(Registering& client, const protocol::Message& message, Response& response);
void nothing(Registering& client, const protocol::Message& message, Response& response);

}  // namespace troupe::registering
