#pragma once

#include <span>
#include <string>

namespace troupe {

class Room;
struct User;

/// One row of the table of user modes: all are flags that a user sets for itself.
struct UserMode {
  char letter;
  bool User::*flag;
  void (*set)(Room&, User&, bool on);  ///< called if it changes something
};

std::span<const UserMode> user_modes();

/// All letters.
std::string user_mode_letters();

/// "+i", as RPL_UMODEIS shows the modes that are set.
std::string modes_of(const User& user);

}  // namespace troupe
