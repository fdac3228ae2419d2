#include "net/address.hpp"

#include <string_view>

namespace troupe {

std::string host_of(std::string address) {
  constexpr std::string_view mapped = "::ffff:";
  if (address.starts_with(mapped) && address.find('.') != std::string::npos)
    return address.substr(mapped.size());
  return address.starts_with(':') ? "0" + address : address;
}

}  // namespace troupe
