#include "chat/user_modes.hpp"

#include "chat/room.hpp"

#include <array>

namespace troupe {
namespace {

constexpr std::array table = {
    UserMode{'i', &User::invisible, [](Room& room, User& user, bool on) { room.set_invisible(user, on); }},
};

}  // namespace

std::span<const UserMode> user_modes() { return table; }

std::string user_mode_letters() {
  std::string letters;
  for (const auto& mode : table) letters += mode.letter;
  return letters;
}

std::string modes_of(const User& user) {
  std::string letters = "+";
  for (const auto& mode : table)
    if (user.*mode.flag) letters += mode.letter;
  return letters;
}

}  // namespace troupe
